package scalar

import (
	"slices"

	"github.com/clew-sec/clew/kql/value"
)

// maxPairs bounds the pairs of edges that are compared.
const maxPairs = 1_000_000

// maxCells is the greatest number of cells that cover a polygon.
const maxCells = 65_536

var overlayFunctions = map[string]*Function{
	"geo_intersection_2lines":            lenient(2, 2, value.Dynamic, intersectionOfLines),
	"geo_intersection_line_with_polygon": lenient(2, 2, value.Dynamic, lineWithinPolygon),
	"geo_union_lines_array":              lenient(1, 1, value.Dynamic, unionOfLines),
	"geo_simplify_polygons_array":        lenient(1, 2, value.Dynamic, simplifyAll),
	"geo_polygon_to_s2cells":             lenient(1, 3, value.Dynamic, polygonToS2),
}

// pair reads two shapes of given kinds.
func shapePair(a []value.Value, firstPolygon, secondPolygon bool) (s, t shape, ok bool) {
	s, oks := shapeOf(a[0])
	t, okt := shapeOf(a[1])
	return s, t, oks && okt && s.polygon == firstPolygon && t.polygon == secondPolygon && s.size()*t.size() <= maxPairs
}

// intersectionOfLines are the edges that two lines share, else the points in
// which they cross; null without any.
func intersectionOfLines(a []value.Value) value.Value {
	s, t, ok := shapePair(a, false, false)
	if !ok {
		return nothing
	}
	var shared [][]vector
	var points []value.JSON
	s.edges(func(a, b vector) {
		t.edges(func(c, d vector) {
			if a == c && b == d || a == d && b == c {
				shared = append(shared, []vector{a, b})
			} else if q, ok := crossing(a, b, c, d); ok {
				points = append(points, degreesOf(q))
			}
		})
	})
	switch {
	case len(shared) > 0:
		return linesValue(chained(shared))
	case len(points) == 1:
		return geometry("Point", points[0])
	case len(points) > 1:
		return geometry("MultiPoint", value.ArrayOf(points...))
	}
	return nothing
}

// linesValue is one line, or several.
func linesValue(lines [][]vector) value.Value {
	paths := make([]value.JSON, len(lines))
	for i, l := range lines {
		points := make([]value.JSON, len(l))
		for k, v := range l {
			points[k] = degreesOf(v)
		}
		paths[i] = value.ArrayOf(points...)
	}
	switch len(paths) {
	case 0:
		return nothing
	case 1:
		return geometry("LineString", paths[0])
	}
	return geometry("MultiLineString", value.ArrayOf(paths...))
}

// chained puts edges together to lines, each edge once.
func chained(edges [][]vector) [][]vector {
	type edge struct{ a, b vector }
	seen := map[edge]bool{}
	var lines [][]vector
	for _, e := range edges {
		a, b := e[0], e[1]
		if seen[edge{a, b}] || seen[edge{b, a}] {
			continue
		}
		seen[edge{a, b}] = true
		i := slices.IndexFunc(lines, func(l []vector) bool { return l[len(l)-1] == a })
		if i >= 0 {
			lines[i] = append(lines[i], b)
			continue
		}
		lines = append(lines, []vector{a, b})
	}
	return lines
}

// lineWithinPolygon are the parts of a line that lie in a polygon.
func lineWithinPolygon(a []value.Value) value.Value {
	s, t, ok := shapePair(a, false, true)
	if !ok {
		return nothing
	}
	var inside [][]vector
	s.edges(func(a, b vector) {
		cuts := []vector{a, b}
		t.edges(func(c, d vector) {
			if q, ok := crossing(a, b, c, d); ok {
				cuts = append(cuts, q)
			}
		})
		slices.SortFunc(cuts, func(p, q vector) int { return compareFloat(a.angle(p), a.angle(q)) })
		for i := 1; i < len(cuts); i++ {
			p, q := cuts[i-1], cuts[i]
			if p != q && t.contains(p.plus(q).unit().point()) {
				inside = append(inside, []vector{p, q})
			}
		}
	})
	return linesValue(chained(inside))
}

// unionOfLines puts an array of lines together; edges that several have count
// once. One line that is none makes it null.
func unionOfLines(a []value.Value) value.Value {
	lines, ok := array(a[0])
	var edges [][]vector
	for _, j := range lines {
		s, valid := shapeOf(j.Value())
		if ok = ok && valid && !s.polygon && len(edges)+s.size() <= maxShape; !ok {
			return nothing
		}
		s.edges(func(a, b vector) { edges = append(edges, []vector{a, b}) })
	}
	return linesValue(chained(edges))
}

// simplifyAll simplifies each polygon of an array.
func simplifyAll(a []value.Value) value.Value {
	polygons, ok := array(a[0])
	if !ok {
		return nothing
	}
	out := make([]value.JSON, len(polygons))
	for i, j := range polygons {
		made := simplified(append([]value.Value{j.Value()}, a[1:]...), true)
		if made.Null {
			return nothing
		}
		out[i] = made.JSON()
	}
	return list(out)
}

// polygonToS2 is geo_polygon_to_s2cells(polygon, level): the cells that cover a
// polygon, found from its corners on.
func polygonToS2(a []value.Value) value.Value {
	s, ok := shapeOf(a[0])
	level := whole(a, 1, 11)
	if !ok || !s.polygon || level < 0 || level > s2Levels || s.area() > float64(maxCells)*cellArea(level) {
		return nothing
	}
	seen := map[uint64]bool{}
	var queue []s2Cell
	for _, p := range s.paths {
		for _, v := range p {
			queue = append(queue, s2CellOf(v, int(level)))
		}
	}
	var out []string
	for len(queue) > 0 {
		c := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		id := c.id()
		if seen[id] {
			continue
		}
		if seen[id] = true; len(seen) > 4*maxCells || len(out) > maxCells {
			return nothing
		}
		if !c.touches(s) {
			continue
		}
		out = append(out, c.token())
		for _, d := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
			queue = append(queue, c.moved(d[0], d[1]))
		}
	}
	slices.Sort(out)
	return texts(out)
}

// cellArea is about the area of a cell on the sphere of radius 1.
func cellArea(level int64) float64 {
	area := 4 * 3.141592653589793 / 6
	for range level {
		area /= 4
	}
	return area
}

// touches tells whether a cell and a polygon share a point.
func (c s2Cell) touches(s shape) bool {
	corners := []vector{c.corner(0, 0), c.corner(1, 0), c.corner(1, 1), c.corner(0, 1)}
	if s.contains(c.corner(0.5, 0.5).point()) {
		return true
	}
	for _, v := range corners {
		if s.contains(v.point()) {
			return true
		}
	}
	id := c.id()
	found := false
	s.edges(func(a, b vector) {
		found = found || s2CellOf(a, c.level).id() == id
		for i := range corners {
			if _, ok := crossing(a, b, corners[i], corners[(i+1)%4]); ok {
				found = true
			}
		}
	})
	return found
}
