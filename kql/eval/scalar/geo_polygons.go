package scalar

import (
	"slices"

	"github.com/clew-sec/clew/kql/value"
)

var polygonFunctions = map[string]*Function{
	"geo_intersection_2polygons": lenient(2, 2, value.Dynamic, intersectionOfPolygons),
	"geo_union_polygons_array":   lenient(1, 1, value.Dynamic, unionOfPolygons),
}

// ringsOf are the closed rings of a polygon without holes, counterclockwise and
// without the last point, which is the first. ok is false where there are holes.
func (s shape) ringsOf() (rings [][]vector, ok bool) {
	ok = true
	s.eachRing(func(ring []vector, outer bool) {
		ok = ok && outer
		r := slices.Clone(ring)
		if n := len(r); n > 1 && r[0] == r[n-1] {
			r = r[:n-1]
		}
		if ringArea(r) < 0 {
			slices.Reverse(r)
		}
		rings = append(rings, r)
	})
	return rings, ok
}

func ringArea(ring []vector) float64 {
	a := 0.0
	for i := 2; i < len(ring); i++ {
		a += triangleArea(ring[0], ring[i-1], ring[i])
	}
	return a
}

func ringShape(rings ...[]vector) shape {
	s := shape{polygon: true, multi: len(rings) > 1, paths: rings}
	for range rings {
		s.rings = append(s.rings, 1)
	}
	return s
}

// piece is a part of an edge between crossings.
type piece struct{ from, to vector }

// pieces cuts the edges of two rings where they cross.
func pieces(a, b []vector) (of [2][]piece, crossed bool) {
	rings := [2][]vector{a, b}
	var cuts [2][][]vector
	for k, ring := range rings {
		cuts[k] = make([][]vector, len(ring))
	}
	for i := range a {
		for j := range b {
			if q, ok := crossing(a[i], a[(i+1)%len(a)], b[j], b[(j+1)%len(b)]); ok {
				cuts[0][i], cuts[1][j] = append(cuts[0][i], q), append(cuts[1][j], q)
				crossed = true
			}
		}
	}
	for k, ring := range rings {
		for i, from := range ring {
			stops := cuts[k][i]
			slices.SortFunc(stops, func(p, q vector) int { return compareFloat(from.angle(p), from.angle(q)) })
			for _, to := range append(stops, ring[(i+1)%len(ring)]) {
				of[k] = append(of[k], piece{from, to})
				from = to
			}
		}
	}
	return of, crossed
}

// overlay joins the pieces of each ring that lie inside of the other one, or
// outside, to new rings.
func overlay(a, b []vector, inside bool) [][]vector {
	of, crossed := pieces(a, b)
	shapes := [2]shape{ringShape(a), ringShape(b)}
	if !crossed {
		return apart(a, b, shapes, inside)
	}
	var kept []piece
	for k := range of {
		for _, p := range of[k] {
			if p.from != p.to && shapes[1-k].contains(p.from.plus(p.to).unit().point()) == inside {
				kept = append(kept, p)
			}
		}
	}
	return stitched(kept)
}

// apart is overlay of rings that do not cross: one lies in the other, or they
// share nothing.
func apart(a, b []vector, shapes [2]shape, inside bool) [][]vector {
	switch {
	case shapes[1].contains(a[0].point()):
		if inside {
			return [][]vector{a}
		}
		return [][]vector{b}
	case shapes[0].contains(b[0].point()):
		if inside {
			return [][]vector{b}
		}
		return [][]vector{a}
	case inside:
		return nil
	}
	return [][]vector{a, b}
}

// stitched puts pieces together head to tail; those that do not close are left
// out.
func stitched(pieces []piece) [][]vector {
	next := map[vector][]int{}
	for i, p := range pieces {
		next[p.from] = append(next[p.from], i)
	}
	used := make([]bool, len(pieces))
	var rings [][]vector
	for i := range pieces {
		var ring []vector
		for at := i; at >= 0 && !used[at]; {
			used[at] = true
			ring = append(ring, pieces[at].from)
			to := pieces[at].to
			at = slices.IndexFunc(next[to], func(k int) bool { return !used[k] })
			if at >= 0 {
				at = next[to][at]
			}
			if at < 0 && to == ring[0] && len(ring) > 2 {
				rings = append(rings, ring)
			}
		}
	}
	return rings
}

// polygonsValue is one polygon, or several. Rings that go clockwise are holes of
// the first ring.
func polygonsValue(rings [][]vector) value.Value {
	var parts []value.JSON
	for _, ring := range rings {
		points := make([]value.JSON, 0, len(ring)+1)
		for _, v := range append(slices.Clone(ring), ring[0]) {
			points = append(points, degreesOf(v))
		}
		path := value.ArrayOf(points...)
		if ringArea(ring) < 0 && len(parts) > 0 {
			parts[0].Items = append(parts[0].Items, path)
		} else {
			parts = append(parts, value.ArrayOf(path))
		}
	}
	switch len(parts) {
	case 0:
		return nothing
	case 1:
		return geometry("Polygon", parts[0])
	}
	return geometry("MultiPolygon", value.ArrayOf(parts...))
}

// intersectionOfPolygons is null for polygons with holes, which it can't cut.
func intersectionOfPolygons(a []value.Value) value.Value {
	s, t, ok := shapePair(a, true, true)
	if !ok {
		return nothing
	}
	first, ok1 := s.ringsOf()
	second, ok2 := t.ringsOf()
	if !ok1 || !ok2 {
		return nothing
	}
	var out [][]vector
	for _, r := range first {
		for _, q := range second {
			out = append(out, overlay(r, q, true)...)
		}
	}
	return polygonsValue(out)
}

// united puts rings together as far as they overlap.
func united(rings [][]vector) [][]vector {
	var out [][]vector
	for _, r := range rings {
		for i := 0; i < len(out); {
			merged := overlay(out[i], r, false)
			if len(merged) == 2 && ringArea(merged[1]) > 0 || len(merged) == 0 {
				i++
				continue
			}
			r = merged[0]
			out = slices.Delete(out, i, i+1)
			i = 0
		}
		out = append(out, r)
	}
	return out
}

// merged is a polygon whose parts have been put together where they overlap.
func (s shape) merged() shape {
	rings, ok := s.ringsOf()
	if !s.polygon || !s.multi || !ok || s.size()*s.size() > maxPairs {
		return s
	}
	return ringShape(united(rings)...)
}

// unionOfPolygons puts an array of polygons together; one that is none makes it
// null, as does one with holes.
func unionOfPolygons(a []value.Value) value.Value {
	list, ok := array(a[0])
	var all [][]vector
	size := 0
	for _, j := range list {
		s, valid := shapeOf(j.Value())
		rings, simple := s.ringsOf()
		size += s.size()
		if ok = ok && valid && s.polygon && simple && size*size <= maxPairs; !ok {
			return nothing
		}
		all = append(all, rings...)
	}
	return polygonsValue(united(all))
}
