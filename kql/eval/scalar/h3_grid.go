package scalar

import "math"

// The grid of H3 lies on the faces of an icosahedron. Cells of a resolution are
// hexagons in the plane of a face, given by three coordinates i, j, k of which
// the least is 0. Each resolution is turned against the one before and has seven
// cells for one.

// h3Faces are the centres of the faces and the azimuth of their i axis.
var h3Faces = [20]struct {
	centre point
	axis   float64
}{
	{point{1.248397419617396099, 0.803582649718989942}, 5.619958268523939882}, {point{2.536945009877921159, 1.307747883455638156}, 5.760339081714187279},
	{point{-1.347517358900396623, 1.054751253523952054}, 0.780213654393430055}, {point{-0.450603909469755746, 0.600191595538186799}, 0.430469363979999913},
	{point{0.401988202911306943, 0.491715428198773866}, 6.130269123335111400}, {point{1.678146885280433686, 0.172745327415618701}, 2.692877706530642877},
	{point{2.953923329812411617, 0.605929321571350690}, 2.982963003477243874}, {point{-1.888876200336285401, 0.427370518328979641}, 3.532912002790141181},
	{point{-0.733429513380867741, -0.079066118549212831}, 3.494305004259568154}, {point{0.506495587332349035, -0.230961644455383637}, 3.003214169499538391},
	{point{2.408163140208925497, 0.079066118549212831}, 5.930472956509811562}, {point{-2.635097066257444203, 0.230961644455383637}, 0.138378484090254847},
	{point{-1.463445768309359553, -0.172745327415618701}, 0.448714947059150361}, {point{-0.187669323777381622, -0.605929321571350690}, 0.158629650112549365},
	{point{1.252716453253507838, -0.427370518328979641}, 5.891865957979238535}, {point{2.690988744120037492, -0.600191595538186799}, 2.711123289609793325},
	{point{-2.739604450678486295, -0.491715428198773866}, 3.294508837434268316}, {point{-1.893195233972397139, -0.803582649718989942}, 3.804819692245439833},
	{point{-0.604647643711872080, -1.307747883455638156}, 3.664438879055192436}, {point{1.794075294689396615, -1.054751253523952054}, 2.361378999196363184},
}

const (
	h3Unit = 0.38196601125010500003  // of the plane of resolution 0, on the plane that touches the sphere
	h3Turn = 0.333473172251832115336 // of the odd resolutions
)

var sqrt7 = math.Sqrt(7)

// ijk are coordinates in the grid of a face.
type ijk struct{ i, j, k int }

func (c ijk) plus(d ijk) ijk { return ijk{c.i + d.i, c.j + d.j, c.k + d.k}.normal() }

func (c ijk) normal() ijk {
	least := min(c.i, c.j, c.k)
	return ijk{c.i - least, c.j - least, c.k - least}
}

// digitVectors are the seven cells of the next resolution within a cell.
var digitVectors = [7]ijk{{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {1, 0, 0}, {1, 0, 1}, {1, 1, 0}}

// turnedDigit is a digit after a turn by 60 degrees counterclockwise.
var turnedDigit = [7]int{0, 5, 3, 1, 6, 4, 2}

// turned turns a digit so many times; n may be negative.
func turned(digit, n int) int {
	for range ((n % 6) + 6) % 6 {
		digit = turnedDigit[digit]
	}
	return digit
}

// parent and child move between resolutions; odd tells whether the finer one is
// odd.
func (c ijk) parent(odd bool) ijk {
	i, j := float64(c.i-c.k), float64(c.j-c.k)
	if odd {
		return ijk{int(math.Round((3*i - j) / 7)), int(math.Round((i + 2*j) / 7)), 0}.normal()
	}
	return ijk{int(math.Round((2*i + j) / 7)), int(math.Round((3*j - i) / 7)), 0}.normal()
}

func (c ijk) child(odd bool) ijk {
	if odd {
		return ijk{3*c.i + c.j, 3*c.j + c.k, c.i + 3*c.k}.normal()
	}
	return ijk{3*c.i + c.k, c.i + 3*c.j, c.j + 3*c.k}.normal()
}

// plane is where the centre of a cell lies in the plane of its resolution.
func (c ijk) plane() (x, y float64) {
	i, j := float64(c.i-c.k), float64(c.j-c.k)
	return i - j/2, j * math.Sqrt(3) / 2
}

// cellAt is the hexagon around a point of the plane: the nearest of the three
// that are near it.
func cellAt(x, y float64) ijk {
	j := y * 2 / math.Sqrt(3)
	i := x + j/2
	best, least := ijk{}, math.Inf(1)
	for di := range 2 {
		for dj := range 2 {
			c := ijk{int(math.Floor(i)) + di, int(math.Floor(j)) + dj, 0}.normal()
			cx, cy := c.plane()
			if d := (x-cx)*(x-cx) + (y-cy)*(y-cy); d < least {
				best, least = c, d
			}
		}
	}
	return best
}

// nearestFace is the face whose centre is nearest.
func nearestFace(v vector) int {
	best, most := 0, -2.0
	for f := range h3Faces {
		if d := v.dot(faceVectors[f]); d > most {
			best, most = f, d
		}
	}
	return best
}

var faceVectors = func() (out [20]vector) {
	for f := range h3Faces {
		out[f] = h3Faces[f].centre.vector()
	}
	return out
}()

// toPlane projects a place on the plane of a face and resolution.
func toPlane(p point, face, resolution int) (x, y float64) {
	centre := h3Faces[face].centre
	r := angle(centre, p)
	if r < 1e-16 {
		return 0, 0
	}
	theta := h3Faces[face].axis - azimuth(centre, p)
	if resolution%2 == 1 {
		theta -= h3Turn
	}
	r = math.Tan(r) / h3Unit * math.Pow(sqrt7, float64(resolution))
	return r * math.Cos(theta), r * math.Sin(theta)
}

// fromPlane is the place of a point of the plane.
func fromPlane(x, y float64, face, resolution int) point {
	r := math.Atan(math.Hypot(x, y) / math.Pow(sqrt7, float64(resolution)) * h3Unit)
	theta := math.Atan2(y, x)
	if resolution%2 == 1 {
		theta += h3Turn
	}
	centre := h3Faces[face].centre
	az := h3Faces[face].axis - theta
	lat := math.Asin(max(-1, min(1, math.Sin(centre.lat)*math.Cos(r)+math.Cos(centre.lat)*math.Sin(r)*math.Cos(az))))
	lng := centre.lng + math.Atan2(math.Sin(az)*math.Sin(r)*math.Cos(centre.lat), math.Cos(r)-math.Sin(centre.lat)*math.Sin(lat))
	return point{wrapped(lng), lat}
}
