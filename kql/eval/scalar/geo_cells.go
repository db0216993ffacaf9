package scalar

import (
	"math"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// s2Levels is the depth of the cells of S2: each face of a cube is cut into
// quarters so many times. A cell id is the face, the way along a Hilbert curve,
// and a bit that marks the level.
const (
	s2Levels = 30
	s2Size   = 1 << s2Levels
)

// The tables of the Hilbert curve: by orientation, the way of each quarter and
// back, and how the orientation changes.
var (
	wayOfQuarter    = [4][4]int{{0, 1, 3, 2}, {0, 3, 1, 2}, {2, 3, 1, 0}, {2, 1, 3, 0}}
	quarterOfWay    = [4][4]int{{0, 1, 3, 2}, {0, 2, 3, 1}, {3, 2, 0, 1}, {3, 1, 0, 2}}
	orientationTurn = [4]int{1, 0, 0, 3}
)

// faceOf projects a vector on the cube.
func faceOf(v vector) (face int, u, w float64) {
	x, y, z := math.Abs(v.x), math.Abs(v.y), math.Abs(v.z)
	c := v.z
	face = 2
	if x >= y && x >= z {
		face, c = 0, v.x
	} else if y >= z {
		face, c = 1, v.y
	}
	if c < 0 {
		face += 3
	}
	switch face {
	case 0:
		return face, v.y / v.x, v.z / v.x
	case 1:
		return face, -v.x / v.y, v.z / v.y
	case 2:
		return face, -v.x / v.z, -v.y / v.z
	case 3:
		return face, v.z / v.x, v.y / v.x
	case 4:
		return face, v.z / v.y, -v.x / v.y
	}
	return face, -v.y / v.z, -v.x / v.z
}

func onFace(face int, u, w float64) vector {
	switch face {
	case 0:
		return vector{1, u, w}
	case 1:
		return vector{-u, 1, w}
	case 2:
		return vector{-u, -w, 1}
	case 3:
		return vector{-1, -w, -u}
	case 4:
		return vector{w, -1, -u}
	}
	return vector{w, u, -1}
}

// gridOf turns a place on a face into one of the grid, so that cells have nearly
// the same size.
func gridOf(u float64) int {
	s := 0.5 * math.Sqrt(1+3*math.Abs(u))
	if u < 0 {
		s = 1 - s
	}
	return int(max(0, min(s2Size-1, math.Floor(s*s2Size))))
}

// faceFrom is the place on a face of a place in the grid from 0 to 1.
func faceFrom(s float64) float64 {
	if s >= 0.5 {
		return (4*s*s - 1) / 3
	}
	return (1 - 4*(1-s)*(1-s)) / 3
}

// s2Cell is a cell as face, grid place and level.
type s2Cell struct {
	face, i, j, level int
}

func s2CellOf(v vector, level int) s2Cell {
	face, u, w := faceOf(v)
	return s2Cell{face, gridOf(u), gridOf(w), level}
}

func (c s2Cell) id() uint64 {
	id, turn := uint64(c.face), c.face&1
	for k := s2Levels - 1; k >= 0; k-- {
		way := wayOfQuarter[turn][(c.i>>k&1)<<1|c.j>>k&1]
		id = id<<2 | uint64(way)
		turn ^= orientationTurn[way]
	}
	id = id<<1 | 1
	mark := uint64(1) << (2 * (s2Levels - c.level))
	return id&-mark | mark
}

// token is the id in hexadecimal without zeros at the end.
func (c s2Cell) token() string {
	return strings.TrimRight(pad16(c.id()), "0")
}

func pad16(id uint64) string {
	s := strconv.FormatUint(id, 16)
	return strings.Repeat("0", 16-len(s)) + s
}

func s2CellFrom(token string) (s2Cell, bool) {
	if token == "" || len(token) > 16 {
		return s2Cell{}, false
	}
	id, err := strconv.ParseUint(token+strings.Repeat("0", 16-len(token)), 16, 64)
	if err != nil || id == 0 || id>>61 > 5 {
		return s2Cell{}, false
	}
	zeros := 0
	for id>>zeros&1 == 0 {
		zeros++
	}
	if zeros%2 != 0 || zeros > 2*s2Levels {
		return s2Cell{}, false
	}
	c := s2Cell{face: int(id >> 61), level: s2Levels - zeros/2}
	turn := c.face & 1
	for k := range c.level {
		way := int(id >> (2*(s2Levels-k) - 1) & 3)
		q := quarterOfWay[turn][way]
		c.i, c.j = c.i<<1|q>>1, c.j<<1|q&1
		turn ^= orientationTurn[way]
	}
	c.i, c.j = c.i<<(s2Levels-c.level), c.j<<(s2Levels-c.level)
	return c, true
}

// size of the cell in places of the grid.
func (c s2Cell) size() int { return 1 << (s2Levels - c.level) }

// corner is at a fraction of the cell in both directions.
func (c s2Cell) corner(x, y float64) vector {
	n := float64(c.size())
	i, j := float64(c.i&^(c.size()-1)), float64(c.j&^(c.size()-1))
	return onFace(c.face, faceFrom((i+x*n)/s2Size), faceFrom((j+y*n)/s2Size)).unit()
}

// moved is the cell so many cells away, around the edges of the face.
func (c s2Cell) moved(di, dj int) s2Cell {
	i, j := c.i&^(c.size()-1)+di*c.size(), c.j&^(c.size()-1)+dj*c.size()
	if i >= 0 && j >= 0 && i < s2Size && j < s2Size {
		return s2Cell{c.face, i, j, c.level}
	}
	half := float64(c.size()) / 2
	u, w := (float64(i)+half)*2/s2Size-1, (float64(j)+half)*2/s2Size-1
	limit := 1 + math.Nextafter(1, 2) - 1
	u, w = max(-limit, min(limit, u)), max(-limit, min(limit, w))
	face, u, w := faceOf(onFace(c.face, u, w))
	grid := func(f float64) int { return int(max(0, min(s2Size-1, math.Floor((f+1)/2*s2Size)))) }
	return s2Cell{face, grid(u), grid(w), c.level}
}

// s2Neighbours are where the cells around a cell lie, in their order.
var s2Neighbours = [][2]int{{1, 1}, {-1, -1}, {1, -1}, {0, -1}, {0, 1}, {1, 0}, {-1, 0}, {-1, 1}}

var cellFunctions = map[string]*Function{
	"geo_from_wkt":        textOf(geoFromWKT, value.Dynamic),
	"geo_point_to_s2cell": lenient(2, 3, value.String, pointToS2),
	"geo_s2cell_to_central_point": textOf(func(s string) value.Value {
		return overS2(s, func(c s2Cell) value.Value { return pointValue(c.corner(0.5, 0.5)) })
	}, value.Dynamic),
	"geo_s2cell_to_polygon": textOf(func(s string) value.Value { return overS2(s, s2Polygon) }, value.Dynamic),
	"geo_s2cell_neighbors":  textOf(func(s string) value.Value { return overS2(s, s2Around) }, value.Dynamic),
}

func overS2(token string, f func(c s2Cell) value.Value) value.Value {
	c, ok := s2CellFrom(token)
	if !ok {
		return nothing
	}
	return f(c)
}

func pointToS2(a []value.Value) value.Value {
	p, ok := pointOf(a[0], a[1])
	level := value.LongOf(11)
	if len(a) > 2 {
		level = value.Convert(a[2], value.Long)
	}
	if !ok || level.Null || level.Num < 0 || level.Num > s2Levels {
		return noText
	}
	return value.StringOf(s2CellOf(p.vector(), int(level.Num)).token())
}

func s2Polygon(c s2Cell) value.Value {
	var ring []value.JSON
	for _, xy := range [][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}} {
		ring = append(ring, degreesOf(c.corner(xy[0], xy[1])))
	}
	return geometry("Polygon", value.ArrayOf(value.ArrayOf(ring...)))
}

func s2Around(c s2Cell) value.Value {
	var out []string
	for _, d := range s2Neighbours {
		out = append(out, c.moved(d[0], d[1]).token())
	}
	return texts(out)
}
