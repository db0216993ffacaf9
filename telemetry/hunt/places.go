package hunt

import (
	"strings"

	"github.com/clew-sec/clew/kql/eval"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// placeFunction says where an address is, from a database that the operator
// supplies. Without one it gives null, and a warning says so.
const placeFunction = "geo_info_from_ip_address"

// nowhere is the database of places that knows none.
type nowhere struct{}

// Place implements eval.Places.
func (nowhere) Place(string) (value.JSON, bool) { return value.JSON{}, false }

func (h *Hunter) places() eval.Places {
	if h.Places == nil {
		return nowhere{}
	}
	return h.Places
}

// place is the function as SQL calls it.
func (h *Hunter) place(args []value.Value) value.Value {
	if j, ok := h.places().Place(args[0].String()); ok {
		return j.Value()
	}
	return value.NullOf(value.Dynamic)
}

// unplaced warns of a query that asks for places where none are known.
func (h *Hunter) unplaced(text string) []syntax.Diagnostic {
	at := strings.Index(text, placeFunction)
	if h.Places != nil || at < 0 {
		return nil
	}
	return []syntax.Diagnostic{{
		Start: at, End: at + len(placeFunction), Severity: syntax.Warning, Code: "no-places",
		Message: placeFunction + " gives nothing here: the server was started without a database of places (--places FILE).",
	}}
}
