package scalar

import "math"

// h3Home are the 122 cells of resolution 0: their face and coordinates. Those at
// (2,0,0) are the twelve pentagons, which lack the direction k.
var h3Home = [122]struct {
	face int
	at   ijk
}{
	{1, ijk{1, 0, 0}}, {2, ijk{1, 1, 0}}, {1, ijk{0, 0, 0}}, {2, ijk{1, 0, 0}}, {0, ijk{2, 0, 0}}, {1, ijk{1, 1, 0}}, {1, ijk{0, 0, 1}}, {2, ijk{0, 0, 0}},
	{0, ijk{1, 0, 0}}, {2, ijk{0, 1, 0}}, {1, ijk{0, 1, 0}}, {1, ijk{0, 1, 1}}, {3, ijk{1, 0, 0}}, {3, ijk{1, 1, 0}}, {11, ijk{2, 0, 0}}, {4, ijk{1, 0, 0}},
	{0, ijk{0, 0, 0}}, {6, ijk{0, 1, 0}}, {0, ijk{0, 0, 1}}, {2, ijk{0, 1, 1}}, {7, ijk{0, 0, 1}}, {2, ijk{0, 0, 1}}, {0, ijk{1, 1, 0}}, {6, ijk{0, 0, 1}},
	{10, ijk{2, 0, 0}}, {6, ijk{0, 0, 0}}, {3, ijk{0, 0, 0}}, {11, ijk{1, 0, 0}}, {4, ijk{1, 1, 0}}, {3, ijk{0, 1, 0}}, {0, ijk{0, 1, 1}}, {4, ijk{0, 0, 0}},
	{5, ijk{0, 1, 0}}, {0, ijk{0, 1, 0}}, {7, ijk{0, 1, 0}}, {11, ijk{1, 1, 0}}, {7, ijk{0, 0, 0}}, {10, ijk{1, 0, 0}}, {12, ijk{2, 0, 0}}, {6, ijk{1, 0, 1}},
	{7, ijk{1, 0, 1}}, {4, ijk{0, 0, 1}}, {3, ijk{0, 0, 1}}, {3, ijk{0, 1, 1}}, {4, ijk{0, 1, 0}}, {6, ijk{1, 0, 0}}, {11, ijk{0, 0, 0}}, {8, ijk{0, 0, 1}},
	{5, ijk{0, 0, 1}}, {14, ijk{2, 0, 0}}, {5, ijk{0, 0, 0}}, {12, ijk{1, 0, 0}}, {10, ijk{1, 1, 0}}, {4, ijk{0, 1, 1}}, {12, ijk{1, 1, 0}}, {7, ijk{1, 0, 0}},
	{11, ijk{0, 1, 0}}, {10, ijk{0, 0, 0}}, {13, ijk{2, 0, 0}}, {10, ijk{0, 0, 1}}, {11, ijk{0, 0, 1}}, {9, ijk{0, 1, 0}}, {8, ijk{0, 1, 0}}, {6, ijk{2, 0, 0}},
	{8, ijk{0, 0, 0}}, {9, ijk{0, 0, 1}}, {14, ijk{1, 0, 0}}, {5, ijk{1, 0, 1}}, {16, ijk{0, 1, 1}}, {8, ijk{1, 0, 1}}, {5, ijk{1, 0, 0}}, {12, ijk{0, 0, 0}},
	{7, ijk{2, 0, 0}}, {12, ijk{0, 1, 0}}, {10, ijk{0, 1, 0}}, {9, ijk{0, 0, 0}}, {13, ijk{1, 0, 0}}, {16, ijk{0, 0, 1}}, {15, ijk{0, 1, 1}}, {15, ijk{0, 1, 0}},
	{16, ijk{0, 1, 0}}, {14, ijk{1, 1, 0}}, {13, ijk{1, 1, 0}}, {5, ijk{2, 0, 0}}, {8, ijk{1, 0, 0}}, {14, ijk{0, 0, 0}}, {9, ijk{1, 0, 1}}, {14, ijk{0, 0, 1}},
	{17, ijk{0, 0, 1}}, {12, ijk{0, 0, 1}}, {16, ijk{0, 0, 0}}, {17, ijk{0, 1, 1}}, {15, ijk{0, 0, 1}}, {16, ijk{1, 0, 1}}, {9, ijk{1, 0, 0}}, {15, ijk{0, 0, 0}},
	{13, ijk{0, 0, 0}}, {8, ijk{2, 0, 0}}, {13, ijk{0, 1, 0}}, {17, ijk{1, 0, 1}}, {19, ijk{0, 1, 0}}, {14, ijk{0, 1, 0}}, {19, ijk{0, 1, 1}}, {17, ijk{0, 1, 0}},
	{13, ijk{0, 0, 1}}, {17, ijk{0, 0, 0}}, {16, ijk{1, 0, 0}}, {9, ijk{2, 0, 0}}, {15, ijk{1, 0, 1}}, {15, ijk{1, 0, 0}}, {18, ijk{0, 1, 1}}, {18, ijk{0, 0, 1}},
	{19, ijk{0, 0, 1}}, {17, ijk{1, 0, 0}}, {19, ijk{0, 0, 0}}, {18, ijk{0, 1, 0}}, {18, ijk{1, 0, 1}}, {19, ijk{2, 0, 0}}, {19, ijk{1, 0, 0}}, {18, ijk{0, 0, 0}},
	{19, ijk{1, 0, 1}}, {18, ijk{1, 0, 0}},
}

// h3View is how a base cell looks from a face: where it lies, and how many turns
// by 60 degrees bring directions of the face to those of the home face. Of
// pentagons, steps counts the faces around from the home face, clockwise.
type h3View struct {
	base, face   int
	at           ijk
	turns, steps int
	pentagon     bool
}

// h3Views are the views from each face, by the coordinates.
var h3Views = func() map[int]map[ijk]h3View {
	centres := make([]vector, len(h3Home))
	for b, h := range h3Home {
		x, y := h.at.plane()
		centres[b] = fromPlane(x, y, h.face, 0).vector()
	}
	out := map[int]map[ijk]h3View{}
	for f := range h3Faces {
		out[f] = map[ijk]h3View{}
		for n := range 27 {
			at := ijk{n / 9, n / 3 % 3, n % 3}
			if at.normal() == at {
				out[f][at] = viewFrom(f, at, centres)
			}
		}
	}
	return out
}()

func viewFrom(face int, at ijk, centres []vector) h3View {
	x, y := at.plane()
	p := fromPlane(x, y, face, 0)
	v := h3View{face: face, at: at}
	most := -2.0
	for b, c := range centres {
		if d := c.dot(p.vector()); d > most {
			v.base, most = b, d
		}
	}
	home := h3Home[v.base]
	v.pentagon = home.at == ijk{2, 0, 0}
	centre := centres[v.base].point()
	if v.pentagon {
		turn := azimuth(centre, h3Faces[face].centre) - azimuth(centre, h3Faces[home.face].centre)
		v.steps = (int(math.Round(turn/(2*math.Pi/5))) + 5) % 5
		own := map[ijk]int{{2, 0, 0}: 3, {0, 2, 0}: 5, {0, 0, 2}: 1}[at] // the way to the centre of the face, in turns
		v.turns = (3 - v.steps - own + 12) % 6
		return v
	}
	hx, hy := home.at.plane()
	own := azimuth(p, fromPlane(x+0.01, y, face, 0))
	there := azimuth(centre, fromPlane(hx+0.01, hy, home.face, 0))
	v.turns = (int(math.Round((there-own)/(math.Pi/3))) + 12) % 6
	return v
}

// h3Index is a cell: base cell and digits.
type h3Index struct {
	base   int
	digits []int
}

func (h h3Index) id() uint64 {
	id := uint64(1)<<59 | uint64(len(h.digits))<<52 | uint64(h.base)<<45
	for r := range 15 {
		digit := 7
		if r < len(h.digits) {
			digit = h.digits[r]
		}
		id |= uint64(digit) << (3 * (14 - r))
	}
	return id
}

func h3IndexOf(id uint64) h3Index {
	h := h3Index{base: int(id >> 45 & 127)}
	for r := range int(id >> 52 & 15) {
		h.digits = append(h.digits, int(id>>(3*(14-r))&7))
	}
	return h
}

func (h h3Index) pentagon() bool { return h3Home[h.base].at == ijk{2, 0, 0} }

func (h h3Index) leading() int {
	for _, d := range h.digits {
		if d != 0 {
			return d
		}
	}
	return 0
}

func (h h3Index) turned(n int) h3Index {
	out := h3Index{base: h.base, digits: make([]int, len(h.digits))}
	for i, d := range h.digits {
		out.digits[i] = turned(d, n)
	}
	return out
}

// h3CellOf finds the cell of a place.
func h3CellOf(p point, resolution int) (h3Index, bool) {
	face := nearestFace(p.vector())
	c := cellAt(toPlane(p, face, resolution))
	h := h3Index{digits: make([]int, resolution)}
	for r := resolution; r > 0; r-- {
		odd := r%2 == 1
		up := c.parent(odd)
		centre := up.child(odd)
		d := ijk{c.i - centre.i, c.j - centre.j, c.k - centre.k}.normal()
		for digit, v := range digitVectors {
			if v == d {
				h.digits[r-1] = digit
			}
		}
		c = up
	}
	view, ok := h3Views[face][c]
	if !ok {
		return h, false
	}
	h.base = view.base
	h = h.turned(view.turns)
	if view.pentagon && h.leading() == 1 { // there is no such direction: it belongs to the face beyond the gap
		if view.steps == 0 {
			h = h.turned(1)
		} else {
			h = h.turned(-1)
		}
	}
	return h, true
}

// h3Place is where a cell lies: on a face, in the plane of its resolution.
// turns bring directions of the face to those of the home face.
type h3Place struct {
	face, resolution, turns int
	x, y                    float64
}

func (q h3Place) at(x, y float64) point { return fromPlane(x, y, q.face, q.resolution) }

// place finds the face that the centre lies on, the home face first.
func (h h3Index) place() h3Place {
	first := h.seenFrom(h3Views[h3Home[h.base].face][h3Home[h.base].at])
	if nearestFace(first.at(first.x, first.y).vector()) == first.face {
		return first
	}
	for f := range h3Faces {
		for _, v := range h3Views[f] {
			if v.base != h.base {
				continue
			}
			q := h.seenFrom(v)
			if nearestFace(q.at(q.x, q.y).vector()) == f {
				return q
			}
		}
	}
	return first
}

// seenFrom computes the centre in the plane of a face.
func (h h3Index) seenFrom(v h3View) h3Place {
	turns := v.turns
	if v.pentagon {
		switch lead := h.leading(); {
		case v.steps == 0 && lead == 5:
			turns++
		case v.steps == 4 && lead == 3:
			turns--
		}
	}
	c := v.at
	for r, d := range h.digits {
		c = c.child(r%2 == 0).plus(digitVectors[turned(d, -turns)])
	}
	q := h3Place{face: v.face, resolution: len(h.digits), turns: turns}
	q.x, q.y = c.plane()
	return q
}
