package scalar

import (
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// wktKinds are the geometries of well-known text: the GeoJSON name, and how deep
// their coordinates are nested.
var wktKinds = map[string]struct {
	name  string
	depth int
}{"POINT": {"Point", 0}, "LINESTRING": {"LineString", 1}, "POLYGON": {"Polygon", 2}, "MULTIPOINT": {"MultiPoint", 1}, "MULTILINESTRING": {"MultiLineString", 2}, "MULTIPOLYGON": {"MultiPolygon", 3}}

// wktReader reads well-known text.
type wktReader struct{ s string }

func geoFromWKT(s string) value.Value {
	r := &wktReader{strings.TrimSpace(s)}
	j, ok := r.geometry(0)
	if !ok || strings.TrimSpace(r.s) != "" {
		return nothing
	}
	return j.Value()
}

func (r *wktReader) take(c byte) bool {
	r.s = strings.TrimLeft(r.s, " \t\r\n")
	if r.s == "" || r.s[0] != c {
		return false
	}
	r.s = r.s[1:]
	return true
}

func (r *wktReader) word() string {
	r.s = strings.TrimLeft(r.s, " \t\r\n")
	i := strings.IndexFunc(r.s, func(c rune) bool { return c|0x20 < 'a' || c|0x20 > 'z' })
	if i < 0 {
		i = len(r.s)
	}
	w := r.s[:i]
	r.s = r.s[i:]
	return strings.ToUpper(w)
}

func (r *wktReader) geometry(depth int) (value.JSON, bool) {
	word := r.word()
	if word == "GEOMETRYCOLLECTION" && depth < 8 {
		return r.collection(depth)
	}
	kind, ok := wktKinds[word]
	if !ok || !r.take('(') {
		return value.JSON{}, false
	}
	var coordinates value.JSON
	if kind.depth == 0 {
		coordinates, ok = r.position()
		ok = ok && r.take(')')
	} else {
		coordinates, ok = r.list(kind.depth)
	}
	j := members("type", kind.name)
	j.Set("coordinates", coordinates)
	return j, ok
}

func (r *wktReader) collection(depth int) (value.JSON, bool) {
	if !r.take('(') {
		return value.JSON{}, false
	}
	var parts []value.JSON
	for {
		g, ok := r.geometry(depth + 1)
		if !ok {
			return g, false
		}
		parts = append(parts, g)
		if !r.take(',') {
			break
		}
	}
	j := members("type", "GeometryCollection")
	j.Set("geometries", value.ArrayOf(parts...))
	return j, r.take(')')
}

// list reads a list whose opening bracket has been taken.
func (r *wktReader) list(depth int) (value.JSON, bool) {
	out := value.JSON{Kind: value.KindArray}
	for {
		var item value.JSON
		var ok bool
		bracket := r.take('(')
		switch {
		case depth == 1:
			item, ok = r.position()
			ok = ok && (!bracket || r.take(')'))
		case bracket:
			item, ok = r.list(depth - 1)
		}
		if !ok {
			return out, false
		}
		out.Items = append(out.Items, item)
		if !r.take(',') {
			return out, r.take(')')
		}
	}
}

func (r *wktReader) position() (value.JSON, bool) {
	out := value.JSON{Kind: value.KindArray}
	for len(out.Items) < 2 {
		r.s = strings.TrimLeft(r.s, " \t\r\n")
		i := strings.IndexAny(r.s, " \t\r\n,()")
		if i < 0 {
			return out, false
		}
		j, ok := value.ParseJSON(r.s[:i])
		if !ok || j.Kind != value.KindLong && j.Kind != value.KindReal {
			return out, false
		}
		out.Items = append(out.Items, j)
		r.s = r.s[i:]
	}
	return out, true
}
