package scalar

import (
	"math"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// earthRadius in metres, of the sphere on which distances are taken.
const earthRadius = 6371010.0

// point is a place in radians.
type point struct{ lng, lat float64 }

func pointOf(lng, lat value.Value) (point, bool) {
	x, okx := number(lng)
	y, oky := number(lat)
	if !okx || !oky || !(math.Abs(x) <= 180) || !(math.Abs(y) <= 90) {
		return point{}, false
	}
	return point{x * math.Pi / 180, y * math.Pi / 180}, true
}

// angle between two points, by the haversine formula.
func angle(a, b point) float64 {
	s, t := math.Sin((b.lat-a.lat)/2), math.Sin((b.lng-a.lng)/2)
	h := s*s + math.Cos(a.lat)*math.Cos(b.lat)*t*t
	return 2 * math.Asin(math.Sqrt(min(1, h)))
}

// azimuth is the direction from a to b, clockwise from north.
func azimuth(a, b point) float64 {
	d := b.lng - a.lng
	return math.Atan2(math.Sin(d)*math.Cos(b.lat), math.Cos(a.lat)*math.Sin(b.lat)-math.Sin(a.lat)*math.Cos(b.lat)*math.Cos(d))
}

var geoFunctions = map[string]*Function{
	"geo_distance_2points":         fixed(4, value.Real, geoDistance),
	"geo_azimuth":                  fixed(4, value.Real, geoAzimuth),
	"geo_point_in_circle":          fixed(5, value.Bool, geoInCircle),
	"geo_point_in_polygon":         fixed(3, value.Bool, geoInPolygon),
	"geo_point_to_geohash":         ranged(2, 3, value.String, geoToHash),
	"geo_geohash_to_central_point": textOf(geohashCentre, value.Dynamic),
	"geo_geohash_to_polygon":       textOf(geohashPolygon, value.Dynamic),
	"geo_geohash_neighbors":        textOf(geohashNeighbors, value.Dynamic),
	"geo_line_length":              lenient(1, 1, value.Real, geoLineLength),
}

func geoDistance(a []value.Value) value.Value {
	p, okp := pointOf(a[0], a[1])
	q, okq := pointOf(a[2], a[3])
	if !okp || !okq {
		return value.NullOf(value.Real)
	}
	return value.RealOf(angle(p, q) * earthRadius)
}

func geoAzimuth(a []value.Value) value.Value {
	p, okp := pointOf(a[0], a[1])
	q, okq := pointOf(a[2], a[3])
	if !okp || !okq || p == q {
		return value.NullOf(value.Real)
	}
	return value.RealOf(azimuth(p, q))
}

func geoInCircle(a []value.Value) value.Value {
	p, okp := pointOf(a[0], a[1])
	q, okq := pointOf(a[2], a[3])
	radius, okr := number(a[4])
	if !okp || !okq || !okr || radius < 0 {
		return value.NullOf(value.Bool)
	}
	return value.BoolOf(angle(p, q)*earthRadius <= radius)
}

// geoInPolygon is geo_point_in_polygon(lng, lat, polygon or multipolygon).
func geoInPolygon(a []value.Value) value.Value {
	p, ok := pointOf(a[0], a[1])
	polygons, okg := polygonsOf(a[2].JSON())
	if !ok || !okg {
		return value.NullOf(value.Bool)
	}
	for _, rings := range polygons {
		if inRings(p, rings) {
			return value.BoolOf(true)
		}
	}
	return value.BoolOf(false)
}

// polygonsOf reads a GeoJSON polygon or multipolygon.
func polygonsOf(j value.JSON) ([][][]point, bool) {
	kind, _ := j.Get("type")
	coordinates, _ := j.Get("coordinates")
	list := []value.JSON{coordinates}
	if kind.Text == "MultiPolygon" {
		list = coordinates.Items
	} else if kind.Text != "Polygon" {
		return nil, false
	}
	out := make([][][]point, len(list))
	for i, polygon := range list {
		for _, ring := range polygon.Items {
			points, ok := pointsOf(ring)
			if !ok || distinctPoints(points) < 3 {
				return nil, false
			}
			out[i] = append(out[i], points)
		}
		if len(out[i]) == 0 {
			return nil, false
		}
	}
	return out, len(out) > 0
}

func pointsOf(j value.JSON) ([]point, bool) {
	out := make([]point, len(j.Items))
	for i, c := range j.Items {
		if len(c.Items) < 2 {
			return nil, false
		}
		var ok bool
		if out[i], ok = pointOf(c.Items[0].Value(), c.Items[1].Value()); !ok {
			return nil, false
		}
	}
	return out, true
}

func distinctPoints(points []point) int {
	seen := map[point]bool{}
	for _, p := range points {
		seen[p] = true
	}
	return len(seen)
}

// inRings tells whether a point lies in the first ring and in none of the others.
func inRings(p point, rings [][]point) bool {
	for i, ring := range rings {
		if inRing(p, ring) != (i == 0) {
			return false
		}
	}
	return true
}

// inRing counts the edges that the meridian north of the point crosses. Edges
// are great circles, and the shorter way around.
func inRing(p point, ring []point) bool {
	inside := false
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		u, v := wrapped(a.lng-p.lng), wrapped(b.lng-p.lng)
		if math.Abs(u-v) > math.Pi || (u > 0) == (v > 0) {
			continue
		}
		lat := math.Atan((math.Tan(a.lat)*math.Sin(v) - math.Tan(b.lat)*math.Sin(u)) / math.Sin(v-u))
		if lat > p.lat {
			inside = !inside
		}
	}
	return inside
}

// wrapped brings an angle into -π to π.
func wrapped(f float64) float64 { return math.Remainder(f, 2*math.Pi) }

// geoLineLength of a line string or several.
func geoLineLength(a []value.Value) value.Value {
	j := a[0].JSON()
	kind, _ := j.Get("type")
	coordinates, _ := j.Get("coordinates")
	lines := []value.JSON{coordinates}
	if kind.Text == "MultiLineString" {
		lines = coordinates.Items
	} else if kind.Text != "LineString" {
		return value.NullOf(value.Real)
	}
	sum := 0.0
	for _, l := range lines {
		points, ok := pointsOf(l)
		if !ok || distinctPoints(points) < 2 {
			return value.NullOf(value.Real)
		}
		for i := 1; i < len(points); i++ {
			sum += angle(points[i-1], points[i])
		}
	}
	return value.RealOf(sum * earthRadius)
}

const geohashDigits = "0123456789bcdefghjkmnpqrstuvwxyz"

// geoToHash is geo_point_to_geohash(lng, lat, accuracy).
func geoToHash(a []value.Value) value.Value {
	lng, _ := number(a[0])
	lat, _ := number(a[1])
	n := whole(a, 2, 5)
	if _, ok := pointOf(a[0], a[1]); !ok || n < 1 || n > 18 {
		return noText
	}
	return value.StringOf(geohash(lng, lat, int(n)))
}

func geohash(lng, lat float64, n int) string {
	low, high := [2]float64{-180, -90}, [2]float64{180, 90}
	at := [2]float64{lng, lat}
	var b strings.Builder
	digit := 0
	for i := range 5 * n {
		k := i % 2
		mid := (low[k] + high[k]) / 2
		digit *= 2
		if at[k] >= mid {
			digit++
			low[k] = mid
		} else {
			high[k] = mid
		}
		if i%5 == 4 {
			b.WriteByte(geohashDigits[digit])
			digit = 0
		}
	}
	return b.String()
}

// cell is the rectangle of a geohash in degrees.
type cell struct{ west, south, east, north float64 }

func cellOf(hash string) (cell, bool) {
	if hash == "" || len(hash) > 18 {
		return cell{}, false
	}
	low, high := [2]float64{-180, -90}, [2]float64{180, 90}
	bit := 0
	for i := range len(hash) {
		digit := strings.IndexByte(geohashDigits, hash[i])
		if digit < 0 {
			return cell{}, false
		}
		for shift := 4; shift >= 0; shift-- {
			k := bit % 2
			mid := (low[k] + high[k]) / 2
			if digit>>shift&1 == 1 {
				low[k] = mid
			} else {
				high[k] = mid
			}
			bit++
		}
	}
	return cell{low[0], low[1], high[0], high[1]}, true
}

func geometry(kind string, coordinates value.JSON) value.Value {
	j := members("type", kind)
	j.Set("coordinates", coordinates)
	return j.Value()
}

func position(lng, lat float64) value.JSON {
	return value.ArrayOf(value.RealJSON(lng), value.RealJSON(lat))
}

func geohashCentre(hash string) value.Value {
	c, ok := cellOf(hash)
	if !ok {
		return nothing
	}
	return geometry("Point", position((c.west+c.east)/2, (c.south+c.north)/2))
}

func geohashPolygon(hash string) value.Value {
	c, ok := cellOf(hash)
	if !ok {
		return nothing
	}
	ring := value.ArrayOf(position(c.west, c.south), position(c.east, c.south), position(c.east, c.north), position(c.west, c.north), position(c.west, c.south))
	return geometry("Polygon", value.ArrayOf(ring))
}

// neighbourOrder is where the neighbours of a cell lie, in their order.
var neighbourOrder = [][2]float64{{-1, -1}, {-1, 1}, {1, -1}, {0, 1}, {-1, 0}, {1, 1}, {1, 0}, {0, -1}}

// geohashNeighbors are the cells around a cell.
func geohashNeighbors(hash string) value.Value {
	c, ok := cellOf(hash)
	if !ok {
		return nothing
	}
	var out []string
	w, h := c.east-c.west, c.north-c.south
	for _, d := range neighbourOrder {
		lng, lat := (c.west+c.east)/2+d[0]*w, (c.south+c.north)/2+d[1]*h
		if math.Abs(lat) <= 90 {
			out = append(out, geohash(math.Remainder(lng, 360), lat, len(hash)))
		}
	}
	return texts(out)
}
