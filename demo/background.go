package demo

import (
	"container/heap"
	"iter"
	"time"
)

// background makes the everyday alerts hour by hour. It holds only what has
// happened but not yet arrived.
type background struct {
	sc      *script
	hours   []int // deliveries to make per hour
	start   time.Time
	waiting arrivals
	scenes  []scene
	weights int
	made    int
}

func newBackground(s *Scenario) *background {
	b := &background{
		sc: &script{
			Company: s.Company, d: newDice(s.Options.Seed, 3), slow: 1, end: s.end(),
			ids: &idMaker{seed: mix(mix(s.Options.Seed))},
		},
		hours: hourly(s.Options.Start, s.Options.Days*24, s.Count()-len(s.raised)),
		start: s.Options.Start, scenes: everyday,
	}
	for _, sc := range b.scenes {
		b.weights += sc.weight
	}
	return b
}

// hourly shares n among the hours: most in working hours, little at night and
// at the weekend. The sum is exactly n.
func hourly(start time.Time, hours, n int) []int {
	weights, sum := make([]float64, hours), 0.0
	for i := range weights {
		at := start.Add(time.Duration(i) * time.Hour)
		weights[i] = busy(at)
		sum += weights[i]
	}
	out, owed := make([]int, hours), 0.0
	given := 0
	for i, w := range weights {
		owed += w / sum * float64(n)
		out[i] = min(int(owed+0.5), n) - given
		given += out[i]
	}
	out[hours-1] += n - given
	return out
}

func busy(at time.Time) float64 {
	w := 0.35
	switch h := at.Hour(); {
	case h >= 7 && h < 17:
		w = 1.6
	case h >= 17 && h < 21:
		w = 0.7
	}
	if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
		w = 0.3 + w/8
	}
	return w
}

// deliveries yields the background by arrival.
func (b *background) deliveries() iter.Seq[Delivery] {
	return func(yield func(Delivery) bool) {
		for i, n := range b.hours {
			hour := b.start.Add(time.Duration(i) * time.Hour)
			b.fill(hour, n)
			for len(b.waiting) > 0 && b.waiting[0].Received.Before(hour.Add(time.Hour)) {
				if !yield(heap.Pop(&b.waiting).(arrival).Delivery) {
					return
				}
			}
		}
		for len(b.waiting) > 0 {
			if !yield(heap.Pop(&b.waiting).(arrival).Delivery) {
				return
			}
		}
	}
}

// fill makes the n deliveries that begin in one hour.
func (b *background) fill(hour time.Time, n int) {
	sc := b.sc
	for made := 0; made < n; {
		sc.at = hour.Add(sc.d.span(0, time.Hour))
		sc.out = sc.out[:0]
		b.choose().run(sc)
		for _, d := range sc.out[:min(len(sc.out), n-made)] {
			b.made++
			heap.Push(&b.waiting, arrival{d, b.made})
			made++
		}
	}
}

func (b *background) choose() scene {
	at := b.sc.d.IntN(b.weights)
	for _, sc := range b.scenes {
		if at -= sc.weight; at < 0 {
			return sc
		}
	}
	return b.scenes[0]
}

// scene is one everyday event with its share of all.
type scene struct {
	weight int
	run    func(*script)
}

// arrival is a delivery with its place among those of the same instant.
type arrival struct {
	Delivery
	place int
}

// arrivals is a heap, earliest first.
type arrivals []arrival

func (a arrivals) Len() int { return len(a) }
func (a arrivals) Less(i, j int) bool {
	if c := a[i].Received.Compare(a[j].Received); c != 0 {
		return c < 0
	}
	return a[i].place < a[j].place
}
func (a arrivals) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(x any)   { *a = append(*a, x.(arrival)) }
func (a *arrivals) Pop() any {
	last := len(*a) - 1
	x := (*a)[last]
	(*a)[last] = arrival{}
	*a = (*a)[:last]
	return x
}
