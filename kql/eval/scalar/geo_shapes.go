package scalar

import (
	"math"

	"github.com/clew-sec/clew/kql/value"
)

// maxShape bounds the points of a shape, where work grows with their square.
const maxShape = 10_000

// shape is a line or polygon of GeoJSON, or several of them.
type shape struct {
	polygon bool
	multi   bool
	paths   [][]vector // lines, or closed rings
	rings   []int      // of a polygon: how many rings each part has
}

// shapeOf reads LineString, MultiLineString, Polygon and MultiPolygon.
func shapeOf(v value.Value) (shape, bool) {
	j := v.JSON()
	kind, _ := j.Get("type")
	coordinates, _ := j.Get("coordinates")
	switch kind.Text {
	case "LineString":
		return lineShape([]value.JSON{coordinates}, false)
	case "MultiLineString":
		return lineShape(coordinates.Items, true)
	}
	polygons, ok := polygonsOf(j)
	s := shape{polygon: true, multi: kind.Text == "MultiPolygon"}
	for _, rings := range polygons {
		s.rings = append(s.rings, len(rings))
		for _, ring := range rings {
			s.paths = append(s.paths, vectors(ring))
		}
	}
	return s, ok && s.size() <= maxShape
}

func lineShape(lines []value.JSON, multi bool) (shape, bool) {
	s := shape{multi: multi}
	for _, l := range lines {
		points, ok := pointsOf(l)
		if !ok || distinctPoints(points) < 2 {
			return s, false
		}
		s.paths = append(s.paths, vectors(points))
	}
	return s, len(s.paths) > 0 && s.size() <= maxShape
}

func vectors(points []point) []vector {
	out := make([]vector, len(points))
	for i, p := range points {
		out[i] = p.vector()
	}
	return out
}

func (s shape) size() int {
	n := 0
	for _, p := range s.paths {
		n += len(p)
	}
	return n
}

// edges calls do with each edge.
func (s shape) edges(do func(a, b vector)) {
	for _, p := range s.paths {
		for i := 1; i < len(p); i++ {
			do(p[i-1], p[i])
		}
		if n := len(p); s.polygon && n > 1 && p[0] != p[n-1] {
			do(p[n-1], p[0])
		}
	}
}

// nearest is the point of the edges that is nearest to p.
func (s shape) nearest(p vector) vector {
	best, least := vector{}, math.Inf(1)
	s.edges(func(a, b vector) {
		q := nearestOnArc(p, a, b)
		if d := p.angle(q); d < least {
			best, least = q, d
		}
	})
	return best
}

// contains tells whether a polygon has p within.
func (s shape) contains(p point) bool {
	at := 0
	for _, n := range s.rings {
		var rings [][]point
		for _, ring := range s.paths[at : at+n] {
			points := make([]point, len(ring))
			for i, v := range ring {
				points[i] = v.point()
			}
			rings = append(rings, points)
		}
		if at += n; inRings(p, rings) {
			return true
		}
	}
	return false
}

func (s shape) length() float64 {
	sum := 0.0
	s.edges(func(a, b vector) { sum += a.angle(b) })
	return sum
}

// rings calls do with each ring and whether it is the outer one.
func (s shape) eachRing(do func(ring []vector, outer bool)) {
	at := 0
	for _, n := range s.rings {
		for i, ring := range s.paths[at : at+n] {
			do(ring, i == 0)
		}
		at += n
	}
}

func (s shape) area() float64 {
	sum := 0.0
	s.eachRing(func(ring []vector, outer bool) {
		a := 0.0
		for i := 2; i < len(ring); i++ {
			a += triangleArea(ring[0], ring[i-1], ring[i])
		}
		if a = math.Abs(a); !outer {
			a = -a
		}
		sum += a
	})
	return sum
}

// centroid of lines by their length, of polygons by their area.
func (s shape) centroid() vector {
	sum := vector{}
	if !s.polygon {
		s.edges(func(a, b vector) {
			if mid := a.plus(b); mid.length() > 0 {
				sum = sum.plus(mid.times(a.minus(b).length() / mid.length()))
			}
		})
		return sum.unit()
	}
	s.eachRing(func(ring []vector, outer bool) {
		c, a := vector{}, 0.0
		for i := 2; i < len(ring); i++ {
			c = c.plus(triangleCentroid(ring[0], ring[i-1], ring[i]))
			a += triangleArea(ring[0], ring[i-1], ring[i])
		}
		if (a > 0) != outer {
			c = c.times(-1)
		}
		sum = sum.plus(c)
	})
	return sum.unit()
}

func degreesOf(v vector) value.JSON {
	p := v.point()
	return position(p.lng*180/math.Pi, p.lat*180/math.Pi)
}

func pointValue(v vector) value.Value { return geometry("Point", degreesOf(v)) }

// overShape makes a function of a shape of one kind.
func overShape(polygon bool, result value.Type, f func(s shape) value.Value) *Function {
	return lenient(1, 1, result, func(a []value.Value) value.Value {
		s, ok := shapeOf(a[0])
		if !ok || s.polygon != polygon {
			return value.NullOf(result)
		}
		return f(s)
	})
}

// pointAndShape makes a function of a longitude, a latitude and a shape.
func pointAndShape(polygon bool, result value.Type, f func(p point, s shape) value.Value) *Function {
	return lenient(3, 3, result, func(a []value.Value) value.Value {
		p, okp := pointOf(a[0], a[1])
		s, oks := shapeOf(a[2])
		if !okp || !oks || s.polygon != polygon {
			return value.NullOf(result)
		}
		return f(p, s)
	})
}

func distanceTo(p point, s shape) value.Value {
	if s.polygon && s.contains(p) {
		return value.RealOf(0)
	}
	v := p.vector()
	return value.RealOf(v.angle(s.nearest(v)) * earthRadius)
}

func nearestTo(p point, s shape) value.Value {
	if s.polygon && s.contains(p) {
		return pointValue(p.vector())
	}
	return pointValue(s.nearest(p.vector()))
}

var shapeFunctions = map[string]*Function{
	"geo_line_centroid":             overShape(false, value.Dynamic, func(s shape) value.Value { return pointValue(s.centroid()) }),
	"geo_polygon_centroid":          overShape(true, value.Dynamic, func(s shape) value.Value { return pointValue(s.merged().centroid()) }),
	"geo_polygon_area":              overShape(true, value.Real, func(s shape) value.Value { return value.RealOf(s.merged().area() * earthRadius * earthRadius) }),
	"geo_polygon_perimeter":         overShape(true, value.Real, func(s shape) value.Value { return value.RealOf(s.merged().length() * earthRadius) }),
	"geo_distance_point_to_line":    pointAndShape(false, value.Real, distanceTo),
	"geo_distance_point_to_polygon": pointAndShape(true, value.Real, distanceTo),
	"geo_closest_point_on_line":     pointAndShape(false, value.Dynamic, nearestTo),
	"geo_closest_point_on_polygon":  pointAndShape(true, value.Dynamic, nearestTo),
	"geo_angle":                     fixed(6, value.Real, geoAngle),
	"geo_line_interpolate_point":    lenient(2, 2, value.Dynamic, interpolatePoint),
	"geo_line_locate_point":         lenient(3, 4, value.Real, locatePoint),
	"geo_line_simplify":             lenient(1, 2, value.Dynamic, func(a []value.Value) value.Value { return simplified(a, false) }),
	"geo_polygon_simplify":          lenient(1, 2, value.Dynamic, func(a []value.Value) value.Value { return simplified(a, true) }),
	"geo_line_densify":              lenient(1, 3, value.Dynamic, func(a []value.Value) value.Value { return densified(a, false) }),
	"geo_polygon_densify":           lenient(1, 3, value.Dynamic, func(a []value.Value) value.Value { return densified(a, true) }),
	"geo_point_buffer":              ranged(3, 4, value.Dynamic, pointBuffer),
	"geo_intersects_2lines":         lenient(2, 2, value.Bool, func(a []value.Value) value.Value { return intersects(a, false, false) }),
	"geo_intersects_2polygons":      lenient(2, 2, value.Bool, func(a []value.Value) value.Value { return intersects(a, true, true) }),
	"geo_intersects_line_with_polygon": lenient(2, 2, value.Bool, func(a []value.Value) value.Value {
		return intersects(a, false, true)
	}),
}

// geoAngle is the turn at the second of three points, clockwise.
func geoAngle(a []value.Value) value.Value {
	var p [3]point
	for i := range p {
		var ok bool
		if p[i], ok = pointOf(a[2*i], a[2*i+1]); !ok {
			return value.NullOf(value.Real)
		}
	}
	if p[0] == p[1] || p[1] == p[2] {
		return value.NullOf(value.Real)
	}
	turn := azimuth(p[1], p[2]) - azimuth(p[1], p[0])
	if turn < 0 {
		turn += 2 * math.Pi
	}
	return value.RealOf(turn)
}

// interpolatePoint is the point at a fraction of a line.
func interpolatePoint(a []value.Value) value.Value {
	s, ok := shapeOf(a[0])
	f, okf := number(a[1])
	if !ok || s.polygon || s.multi || !okf || !(f >= 0 && f <= 1) {
		return nothing
	}
	left := f * s.length()
	line := s.paths[0]
	for i := 1; i < len(line); i++ {
		d := line[i-1].angle(line[i])
		if left <= d && d > 0 {
			return pointValue(alongArc(line[i-1], line[i], left/d))
		}
		left -= d
	}
	return pointValue(line[len(line)-1])
}

// alongArc is the point at a fraction of an arc.
func alongArc(a, b vector, f float64) vector {
	d := a.angle(b)
	if d == 0 {
		return a
	}
	return a.times(math.Sin((1-f)*d) / math.Sin(d)).plus(b.times(math.Sin(f*d) / math.Sin(d))).unit()
}

// locatePoint is the fraction of a line at which it is nearest to a point, which
// may not be further away than an optional distance.
func locatePoint(a []value.Value) value.Value {
	s, ok := shapeOf(a[0])
	p, okp := pointOf(a[1], a[2])
	if !ok || !okp || s.polygon || s.multi {
		return value.NullOf(value.Real)
	}
	v := p.vector()
	least, at, before := math.Inf(1), 0.0, 0.0
	s.edges(func(a, b vector) {
		q := nearestOnArc(v, a, b)
		if d := v.angle(q); d < least {
			least, at = d, before+a.angle(q)
		}
		before += a.angle(b)
	})
	if most, ok := number(argument(a, 3)); ok && least*earthRadius > most {
		return value.NullOf(value.Real)
	}
	return value.RealOf(at / before)
}

// intersects tells whether two shapes share a point.
func intersects(a []value.Value, firstPolygon, secondPolygon bool) value.Value {
	s, oks := shapeOf(a[0])
	t, okt := shapeOf(a[1])
	if !oks || !okt || s.polygon != firstPolygon || t.polygon != secondPolygon || s.size()*t.size() > maxShape*100 {
		return value.NullOf(value.Bool)
	}
	found := t.polygon && t.contains(s.paths[0][0].point()) || s.polygon && s.contains(t.paths[0][0].point())
	s.edges(func(a, b vector) {
		t.edges(func(c, d vector) {
			if _, ok := crossing(a, b, c, d); ok || a == c || a == d || b == c || b == d {
				found = true
			}
		})
	})
	return value.BoolOf(found)
}

// pointBuffer is geo_point_buffer(lng, lat, radius, tolerance): a polygon around
// a point.
func pointBuffer(a []value.Value) value.Value {
	p, ok := pointOf(a[0], a[1])
	radius, okr := number(a[2])
	tolerance := 10.0
	if len(a) > 3 {
		if f, ok := number(a[3]); ok {
			tolerance = f
		}
	}
	if !ok || !okr || !(radius > 0 && radius < earthRadius) || !(tolerance > 0) {
		return nothing
	}
	n := 8.0
	if share := 1 - tolerance/radius; share > -1 {
		n = max(8, min(256, math.Ceil(math.Pi/math.Acos(share))))
	}
	d := radius / earthRadius
	ring := []value.JSON{}
	for i := 0.0; i <= n; i++ {
		bearing := -2 * math.Pi * math.Mod(i, n) / n
		lat := math.Asin(math.Sin(p.lat)*math.Cos(d) + math.Cos(p.lat)*math.Sin(d)*math.Cos(bearing))
		lng := p.lng + math.Atan2(math.Sin(bearing)*math.Sin(d)*math.Cos(p.lat), math.Cos(d)-math.Sin(p.lat)*math.Sin(lat))
		ring = append(ring, degreesOf(point{lng, lat}.vector()))
	}
	return geometry("Polygon", value.ArrayOf(value.ArrayOf(ring...)))
}

// simplified leaves out points that are nearer to the line than a tolerance.
func simplified(a []value.Value, polygon bool) value.Value {
	s, ok := shapeOf(a[0])
	tolerance := 10.0
	if len(a) > 1 {
		if tolerance, ok = number(a[1]); !ok {
			return nothing
		}
	}
	if s.polygon != polygon || len(s.paths) == 0 || !(tolerance > 0) || s.length()*earthRadius < tolerance || !ok {
		return nothing
	}
	paths := make([]value.JSON, len(s.paths))
	for i, p := range s.paths {
		keep := reduced(p, tolerance/earthRadius, 0)
		if polygon && len(keep) < 4 {
			return nothing
		}
		items := make([]value.JSON, len(keep))
		for k, v := range keep {
			items[k] = degreesOf(v)
		}
		paths[i] = value.ArrayOf(items...)
	}
	return s.geometry(paths)
}

// geometry puts paths together again.
func (s shape) geometry(paths []value.JSON) value.Value {
	switch {
	case !s.polygon && !s.multi:
		return geometry("LineString", paths[0])
	case !s.polygon:
		return geometry("MultiLineString", value.ArrayOf(paths...))
	case !s.multi:
		return geometry("Polygon", value.ArrayOf(paths...))
	}
	var parts []value.JSON
	for _, n := range s.rings {
		parts = append(parts, value.ArrayOf(paths[:n]...))
		paths = paths[n:]
	}
	return geometry("MultiPolygon", value.ArrayOf(parts...))
}

// reduced is the way of Douglas and Peucker.
func reduced(line []vector, tolerance float64, depth int) []vector {
	if len(line) < 3 || depth > 1000 {
		return line
	}
	far, most := 0, 0.0
	for i := 1; i < len(line)-1; i++ {
		if d := line[i].angle(nearestOnArc(line[i], line[0], line[len(line)-1])); d > most {
			far, most = i, d
		}
	}
	if most <= tolerance {
		return []vector{line[0], line[len(line)-1]}
	}
	left := reduced(line[:far+1], tolerance, depth+1)
	return append(left[:len(left)-1:len(left)-1], reduced(line[far:], tolerance, depth+1)...)
}

// densified adds points to edges that are straight on a map, until they are near
// enough to the edges of the sphere.
func densified(a []value.Value, polygon bool) value.Value {
	s, ok := shapeOf(a[0])
	tolerance := 10.0
	if len(a) > 1 {
		if tolerance, ok = number(a[1]); !ok {
			return nothing
		}
	}
	if !ok || s.polygon != polygon || !(tolerance >= 0.1) {
		return nothing
	}
	coordinates, _ := a[0].JSON().Get("coordinates")
	depth := 1
	if s.polygon {
		depth++
	}
	if s.multi {
		depth++
	}
	kind, _ := a[0].JSON().Get("type")
	return geometry(kind.Text, densePath(coordinates, depth, tolerance))
}

func densePath(j value.JSON, depth int, tolerance float64) value.JSON {
	out := value.JSON{Kind: value.KindArray}
	for i, x := range j.Items {
		if depth > 1 {
			out.Items = append(out.Items, densePath(x, depth-1, tolerance))
			continue
		}
		if i > 0 {
			out.Items = denseEdge(out.Items, j.Items[i-1], x, tolerance, 0)
		}
		out.Items = append(out.Items, x)
	}
	return out
}

func denseEdge(out []value.JSON, a, b value.JSON, tolerance float64, depth int) []value.JSON {
	p, q := corner(a), corner(b)
	mid := point{(p.lng + q.lng) / 2, (p.lat + q.lat) / 2}
	apart := mid.vector().angle(nearestOnArc(mid.vector(), p.vector(), q.vector())) * earthRadius
	if apart <= tolerance || depth > 12 || len(out) > maxShape {
		return out
	}
	m := value.ArrayOf(midway(a.Items[0], b.Items[0]), midway(a.Items[1], b.Items[1]))
	out = append(denseEdge(out, a, m, tolerance, depth+1), m)
	return denseEdge(out, m, b, tolerance, depth+1)
}

// midway is a whole number where it can be.
func midway(a, b value.JSON) value.JSON {
	f := (itemNumber(a) + itemNumber(b)) / 2
	if f == math.Trunc(f) {
		return value.LongJSON(int64(f))
	}
	return value.RealJSON(f)
}

func corner(j value.JSON) point {
	return point{itemNumber(j.Items[0]) * math.Pi / 180, itemNumber(j.Items[1]) * math.Pi / 180}
}
