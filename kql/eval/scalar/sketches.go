package scalar

import (
	"math"
	"slices"

	"github.com/clew-sec/clew/kql/value"
)

// Sketches are what hll() and tdigest() make: dynamic arrays that can be merged.
// A distinct-count sketch holds the hashes of the values; from its limit on it
// keeps the least ones, of which the number of all can be told. A digest holds
// pairs of a value and its weight.

// sketchLimit is the number of hashes that a sketch keeps at most.
const sketchLimit = 8192

// Distinct counts different values.
type Distinct struct {
	hashes map[uint64]struct{}
	cut    uint64 // hashes from here on are not kept; 0: all are
}

// Add counts the value with that key.
func (d *Distinct) Add(key []byte) { d.addHash(XXHash64(key)) }

func (d *Distinct) addHash(h uint64) {
	if d.cut != 0 && h >= d.cut {
		return
	}
	if d.hashes == nil {
		d.hashes = map[uint64]struct{}{}
	}
	d.hashes[h] = struct{}{}
	if len(d.hashes) > 2*sketchLimit {
		d.shrink()
	}
}

func (d *Distinct) sorted() []uint64 {
	out := make([]uint64, 0, len(d.hashes))
	for h := range d.hashes {
		out = append(out, h)
	}
	slices.Sort(out)
	return out
}

func (d *Distinct) shrink() {
	all := d.sorted()
	if len(all) <= sketchLimit {
		return
	}
	d.cut = all[sketchLimit]
	for _, h := range all[sketchLimit:] {
		delete(d.hashes, h)
	}
}

// Count is the number of different values, an estimate when there are many.
func (d *Distinct) Count() int64 {
	n := float64(len(d.hashes))
	if d.cut != 0 {
		n = n * math.MaxUint64 / float64(d.cut)
	}
	return int64(math.Round(n))
}

// Sketch writes the state as a dynamic value.
func (d *Distinct) Sketch() value.Value {
	d.shrink()
	items := []value.JSON{value.LongJSON(int64(d.cut))}
	for _, h := range d.sorted() {
		items = append(items, value.LongJSON(int64(h)))
	}
	return list(items)
}

// Merge adds another sketch.
func (d *Distinct) Merge(sketch value.Value) {
	items, ok := array(sketch)
	if !ok || len(items) == 0 {
		return
	}
	if cut := uint64(items[0].Num); cut != 0 && (d.cut == 0 || cut < d.cut) {
		d.cut = cut
		for h := range d.hashes {
			if h >= cut {
				delete(d.hashes, h)
			}
		}
	}
	for _, j := range items[1:] {
		d.addHash(uint64(j.Num))
	}
}

// Digest holds weighted values for percentiles.
type Digest struct {
	values  []value.Value
	weights []int64
}

// Add counts a value so many times.
func (d *Digest) Add(v value.Value, weight int64) {
	d.values, d.weights = append(d.values, v), append(d.weights, weight)
}

// order sorts the values and returns the sum of their weights.
func (d *Digest) order() int64 {
	index := make([]int, len(d.values))
	sum := int64(0)
	for i := range index {
		index[i] = i
		sum += d.weights[i]
	}
	slices.SortStableFunc(index, func(a, b int) int {
		c, _ := value.Compare(d.values[a], d.values[b])
		return c
	})
	values, weights := make([]value.Value, len(index)), make([]int64, len(index))
	for to, from := range index {
		values[to], weights[to] = d.values[from], d.weights[from]
	}
	d.values, d.weights = values, weights
	return sum
}

// Percentiles are existing values: the first one up to which at least that share
// of the weight lies. ok is false without any value.
func (d *Digest) Percentiles(ps []float64) (out []value.Value, ok bool) {
	if len(d.values) == 0 {
		return nil, false
	}
	sum := d.order()
	for _, p := range ps {
		out = append(out, d.at(p, sum))
	}
	return out, true
}

func (d *Digest) at(p float64, sum int64) value.Value {
	want := math.Ceil(max(0, min(100, p)) / 100 * float64(sum))
	var seen int64
	for i, w := range d.weights {
		if seen += w; float64(seen) >= want && seen > 0 {
			return d.values[i]
		}
	}
	return d.values[len(d.values)-1]
}

// Sketch writes the values and weights.
func (d *Digest) Sketch() value.Value {
	items := make([]value.JSON, len(d.values))
	for i, v := range d.values {
		items[i] = value.ArrayOf(v.JSON(), value.LongJSON(d.weights[i]))
	}
	return list(items)
}

// Merge adds another sketch.
func (d *Digest) Merge(sketch value.Value) {
	items, _ := array(sketch)
	for _, j := range items {
		if len(j.Items) == 2 && len(d.values) < maxItems {
			d.Add(j.Items[0].Value().Scalar(), j.Items[1].Num)
		}
	}
}

func digestOf(sketches ...value.Value) *Digest {
	d := &Digest{}
	for _, s := range sketches {
		d.Merge(s)
	}
	return d
}

func distinctOf(sketches ...value.Value) *Distinct {
	d := &Distinct{}
	for _, s := range sketches {
		d.Merge(s)
	}
	return d
}

var sketches = map[string]*Function{
	"hll_merge": lenient(1, -1, value.Dynamic, func(a []value.Value) value.Value { return distinctOf(a...).Sketch() }),
	"dcount_hll": lenient(1, 1, value.Long, func(a []value.Value) value.Value {
		if a[0].Null {
			return value.LongOf(0)
		}
		return value.LongOf(distinctOf(a[0]).Count())
	}),
	"tdigest_merge": lenient(1, -1, value.Dynamic, func(a []value.Value) value.Value { return digestOf(a...).Sketch() }),
	"percentile_tdigest": lenient(2, 3, value.Dynamic, func(a []value.Value) value.Value {
		p, _ := number(a[1])
		out, ok := digestOf(a[0]).Percentiles([]float64{p})
		if !ok {
			return nothing
		}
		return out[0].JSON().Value()
	}),
	"percentiles_array_tdigest": lenient(2, -1, value.Dynamic, func(a []value.Value) value.Value {
		out, ok := digestOf(a[0]).Percentiles(Numbers(a[1:]))
		if !ok {
			return nothing
		}
		return jsonList(out)
	}),
	"rank_tdigest":        lenient(2, 2, value.Real, func(a []value.Value) value.Value { return rankOf(a, 1) }),
	"percentrank_tdigest": lenient(2, 2, value.Real, func(a []value.Value) value.Value { return rankOf(a, 100) }),
}

// Numbers reads numbers from arguments and from arrays among them.
func Numbers(a []value.Value) []float64 {
	var out []float64
	for _, v := range a {
		for _, j := range items(v) {
			if f := itemNumber(j); !math.IsNaN(f) {
				out = append(out, f)
			}
		}
	}
	return out
}

func jsonList(values []value.Value) value.Value {
	out := make([]value.JSON, len(values))
	for i, v := range values {
		out[i] = v.JSON()
	}
	return list(out)
}

// rankOf is the weight of the values below one, whole or in percent.
func rankOf(a []value.Value, percent float64) value.Value {
	d := digestOf(a[0])
	if len(d.values) == 0 {
		return value.NullOf(value.Real)
	}
	var below, sum float64
	for i, v := range d.values {
		w := float64(d.weights[i])
		sum += w
		if c, ok := value.Compare(v, a[1].Scalar()); ok && c <= 0 {
			below += w
		}
	}
	if percent == 1 {
		return value.RealOf(below)
	}
	return value.RealOf(percent * below / sum)
}

// Shared estimates how many values all sketches of distinct counts have.
func Shared(sketches []value.Value) int64 {
	if len(sketches) == 0 {
		return 0
	}
	first := distinctOf(sketches[0])
	both := &Distinct{cut: first.cut, hashes: map[uint64]struct{}{}}
	others := make([]*Distinct, len(sketches)-1)
	for i, s := range sketches[1:] {
		others[i] = distinctOf(s)
		if c := others[i].cut; c != 0 && (both.cut == 0 || c < both.cut) {
			both.cut = c
		}
	}
	for h := range first.hashes {
		in := both.cut == 0 || h < both.cut
		for _, o := range others {
			_, ok := o.hashes[h]
			in = in && ok
		}
		if in {
			both.hashes[h] = struct{}{}
		}
	}
	return both.Count()
}
