package scalar

import "math"

// vector is a point in space; places on the sphere have the length 1.
type vector struct{ x, y, z float64 }

func (p point) vector() vector {
	c := math.Cos(p.lat)
	return vector{c * math.Cos(p.lng), c * math.Sin(p.lng), math.Sin(p.lat)}
}

func (v vector) point() point {
	return point{math.Atan2(v.y, v.x), math.Atan2(v.z, math.Hypot(v.x, v.y))}
}

func (v vector) plus(w vector) vector   { return vector{v.x + w.x, v.y + w.y, v.z + w.z} }
func (v vector) minus(w vector) vector  { return vector{v.x - w.x, v.y - w.y, v.z - w.z} }
func (v vector) times(f float64) vector { return vector{v.x * f, v.y * f, v.z * f} }
func (v vector) dot(w vector) float64   { return v.x*w.x + v.y*w.y + v.z*w.z }
func (v vector) length() float64        { return math.Sqrt(v.dot(v)) }
func (v vector) unit() vector           { return v.times(1 / v.length()) }
func (v vector) angle(w vector) float64 { return math.Atan2(v.cross(w).length(), v.dot(w)) }
func (v vector) cross(w vector) vector {
	return vector{v.y*w.z - v.z*w.y, v.z*w.x - v.x*w.z, v.x*w.y - v.y*w.x}
}

// nearestOnArc is the point of the arc from a to b that is nearest to p.
func nearestOnArc(p, a, b vector) vector {
	n := a.cross(b)
	if n.length() > 0 {
		q := p.minus(n.times(p.dot(n) / n.dot(n)))
		if q.length() > 0 {
			q = q.unit()
			if a.cross(q).dot(n) >= 0 && q.cross(b).dot(n) >= 0 {
				return q
			}
		}
	}
	if p.angle(a) <= p.angle(b) {
		return a
	}
	return b
}

// crossing is where two arcs cross. ok is false when they do not, or only touch.
func crossing(a, b, c, d vector) (vector, bool) {
	m, n := a.cross(b), c.cross(d)
	if sameSide(m.dot(c), m.dot(d)) || sameSide(n.dot(a), n.dot(b)) {
		return vector{}, false
	}
	q := m.cross(n)
	if q.length() == 0 {
		return vector{}, false
	}
	q = q.unit()
	if q.dot(a.plus(b)) < 0 {
		q = q.times(-1)
	}
	return q, q.dot(a.plus(b)) > 0 && q.dot(c.plus(d)) > 0
}

func sameSide(s, t float64) bool { return s >= 0 && t >= 0 || s <= 0 && t <= 0 }

// triangleArea is signed: positive when the corners go counterclockwise.
func triangleArea(a, b, c vector) float64 {
	volume := a.dot(b.minus(a).cross(c.minus(a)))
	return 2 * math.Atan2(volume, 1+a.dot(b)+b.dot(c)+c.dot(a))
}

// triangleCentroid is the mean of the triangle times its signed area.
func triangleCentroid(a, b, c vector) vector {
	ratio := func(angle float64) float64 {
		if angle == 0 {
			return 1
		}
		return angle / math.Sin(angle)
	}
	ra, rb, rc := ratio(b.angle(c)), ratio(c.angle(a)), ratio(a.angle(b))
	x := vector{a.x, b.x - a.x, c.x - a.x}
	y := vector{a.y, b.y - a.y, c.y - a.y}
	z := vector{a.z, b.z - a.z, c.z - a.z}
	r := vector{ra, rb - ra, rc - ra}
	return vector{y.cross(z).dot(r), z.cross(x).dot(r), x.cross(y).dot(r)}.times(0.5)
}
