package scalar

import (
	"strconv"

	"github.com/clew-sec/clew/kql/value"
)

var h3Functions = map[string]*Function{
	"geo_h3cell_level":  textOf(h3Level, value.Int),
	"geo_h3cell_parent": lenient(1, 2, value.String, h3Parent),
}

// h3Cell reads the index of an H3 cell: mode, resolution, base cell and a digit
// per resolution.
func h3Cell(s string) (id uint64, resolution int, ok bool) {
	id, err := strconv.ParseUint(s, 16, 64)
	resolution = int(id >> 52 & 15)
	if err != nil || id>>59&15 != 1 || id>>45&127 > 121 {
		return 0, 0, false
	}
	for r := 1; r <= 15; r++ {
		digit := id >> (3 * (15 - r)) & 7
		if (digit == 7) != (r > resolution) {
			return 0, 0, false
		}
	}
	return id, resolution, true
}

func h3Level(s string) value.Value {
	_, r, ok := h3Cell(s)
	if !ok {
		return value.NullOf(value.Int)
	}
	return value.IntOf(int32(r))
}

// h3Parent is the cell of a coarser resolution that a cell lies in.
func h3Parent(a []value.Value) value.Value {
	id, r, ok := h3Cell(a[0].String())
	to := whole(a, 1, int64(r)-1)
	if !ok || to < 0 || to > int64(r) {
		return noText
	}
	id = id&^(15<<52) | uint64(to)<<52
	for d := int(to) + 1; d <= 15; d++ {
		id |= 7 << (3 * (15 - d))
	}
	return value.StringOf(strconv.FormatUint(id, 16))
}
