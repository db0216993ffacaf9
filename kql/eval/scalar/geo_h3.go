package scalar

import (
	"math"
	"strconv"

	"github.com/clew-sec/clew/kql/value"
)

var h3Functions = map[string]*Function{
	"geo_point_to_h3cell":         lenient(2, 3, value.String, pointToH3),
	"geo_h3cell_level":            textOf(h3Level, value.Int),
	"geo_h3cell_parent":           lenient(1, 2, value.String, h3Parent),
	"geo_h3cell_children":         lenient(1, 2, value.Dynamic, h3Children),
	"geo_h3cell_to_central_point": textOf(func(s string) value.Value { return overH3(s, h3Centre) }, value.Dynamic),
	"geo_h3cell_to_polygon":       textOf(func(s string) value.Value { return overH3(s, h3Polygon) }, value.Dynamic),
	"geo_h3cell_neighbors":        textOf(func(s string) value.Value { return overH3(s, func(h h3Index) value.Value { return texts(h.ring(1)) }) }, value.Dynamic),
	"geo_h3cell_rings":            lenient(2, 2, value.Dynamic, h3Rings),
	"geo_polygon_to_h3cells":      lenient(1, 3, value.Dynamic, polygonToH3),
}

// h3Cell reads the index of an H3 cell: mode, resolution, base cell and a digit
// per resolution.
func h3Cell(s string) (id uint64, resolution int, ok bool) {
	id, err := strconv.ParseUint(s, 16, 64)
	resolution = int(id >> 52 & 15)
	if err != nil || id>>59 != 1 || id>>45&127 > 121 {
		return 0, 0, false
	}
	for r := 1; r <= 15; r++ {
		digit := id >> (3 * (15 - r)) & 7
		if (digit == 7) != (r > resolution) {
			return 0, 0, false
		}
	}
	h := h3IndexOf(id)
	return id, resolution, !h.pentagon() || h.leading() != 1
}

func overH3(s string, f func(h h3Index) value.Value) value.Value {
	id, _, ok := h3Cell(s)
	if !ok {
		return nothing
	}
	return f(h3IndexOf(id))
}

func (h h3Index) String() string { return strconv.FormatUint(h.id(), 16) }

func pointToH3(a []value.Value) value.Value {
	p, ok := pointOf(a[0], a[1])
	resolution := value.LongOf(6)
	if len(a) > 2 {
		resolution = value.Convert(a[2], value.Long)
	}
	if !ok || resolution.Null || resolution.Num < 0 || resolution.Num > 15 {
		return noText
	}
	h, ok := h3CellOf(p, int(resolution.Num))
	if !ok {
		return noText
	}
	return value.StringOf(h.String())
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
	h := h3IndexOf(id)
	h.digits = h.digits[:to]
	return value.StringOf(h.String())
}

// h3Children are the cells of a finer resolution, at most maxCells.
func h3Children(a []value.Value) value.Value {
	id, r, ok := h3Cell(a[0].String())
	to := whole(a, 1, int64(r)+1)
	if !ok || to < int64(r) || to > 15 || math.Pow(7, float64(to-int64(r))) > maxCells {
		return nothing
	}
	list := []h3Index{h3IndexOf(id)}
	for range to - int64(r) {
		var next []h3Index
		for _, h := range list {
			for d := range 7 {
				child := h3Index{h.base, append(append([]int(nil), h.digits...), d)}
				if !h.pentagon() || child.leading() != 1 {
					next = append(next, child)
				}
			}
		}
		list = next
	}
	out := make([]string, len(list))
	for i, h := range list {
		out[i] = h.String()
	}
	return texts(out)
}

func h3Centre(h h3Index) value.Value {
	q := h.place()
	return pointValue(q.at(q.x, q.y).vector())
}

// h3Polygon is the outline, counterclockwise.
func h3Polygon(h h3Index) value.Value {
	q := h.place()
	var ring []value.JSON
	for _, k := range []int{0, 1, 2, 3, 4, 5, 0} {
		turn := math.Pi/6 + float64(k+6-q.turns)*math.Pi/3
		x, y := q.x+math.Cos(turn)/math.Sqrt(3), q.y+math.Sin(turn)/math.Sqrt(3)
		ring = append(ring, degreesOf(q.at(x, y).vector()))
	}
	return geometry("Polygon", value.ArrayOf(value.ArrayOf(ring...)))
}

// ringWay are the directions, in turns from i, that lead around a ring.
var ringWay = [6]float64{2, 3, 4, 5, 0, 1}

// ring are the cells so many steps away, counterclockwise.
func (h h3Index) ring(steps int) []string {
	q := h.place()
	if steps == 0 {
		return []string{h.String()}
	}
	move := func(x, y, turn float64, n int) (float64, float64) {
		a := (turn - float64(q.turns)) * math.Pi / 3
		return x + float64(n)*math.Cos(a), y + float64(n)*math.Sin(a)
	}
	x, y := move(q.x, q.y, 0, steps)
	seen := map[uint64]bool{}
	var out []string
	for _, way := range ringWay {
		for range steps {
			x, y = move(x, y, way, 1)
			if c, ok := h3CellOf(q.at(x, y), q.resolution); ok && !seen[c.id()] {
				seen[c.id()] = true
				out = append(out, c.String())
			}
		}
	}
	return out
}

// h3Rings are the rings around a cell up to a distance.
func h3Rings(a []value.Value) value.Value {
	most := whole(a, 1, -1)
	if most < 0 || most > 142 {
		return nothing
	}
	return overH3(a[0].String(), func(h h3Index) value.Value {
		var out []value.JSON
		for k := range int(most) + 1 {
			out = append(out, texts(h.ring(k)).JSON())
		}
		return list(out)
	})
}

// polygonToH3 is geo_polygon_to_h3cells(polygon, resolution): the cells whose
// centre lies in a polygon, found from its corners on.
func polygonToH3(a []value.Value) value.Value {
	s, ok := shapeOf(a[0])
	resolution := whole(a, 1, 6)
	if !ok || !s.polygon || resolution < 0 || resolution > 15 || s.area() > maxCells*4*math.Pi/(120*math.Pow(7, float64(resolution))) {
		return nothing
	}
	seen := map[uint64]bool{}
	var queue []h3Index
	for _, p := range s.paths {
		for _, v := range p {
			if h, ok := h3CellOf(v.point(), int(resolution)); ok {
				queue = append(queue, h)
			}
		}
	}
	var out []string
	for len(queue) > 0 && len(seen) < 4*maxCells {
		h := queue[0]
		queue = queue[1:]
		if seen[h.id()] {
			continue
		}
		seen[h.id()] = true
		q := h.place()
		within := s.contains(q.at(q.x, q.y))
		if !within && !h.near(s, q) {
			continue
		}
		if within {
			out = append(out, h.String())
		}
		for _, token := range h.ring(1) {
			if id, _, ok := h3Cell(token); ok {
				queue = append(queue, h3IndexOf(id))
			}
		}
	}
	return texts(out)
}

// near tells whether a polygon's edge passes within a cell's width of the centre.
func (h h3Index) near(s shape, q h3Place) bool {
	centre := q.at(q.x, q.y).vector()
	width := centre.angle(q.at(q.x+1, q.y).vector())
	return centre.angle(s.nearest(centre)) < width
}
