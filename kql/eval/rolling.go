package eval

import (
	"slices"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// rollingPercentile is a percentile over the last windows, at each window.
func (p *pluginCall) rollingPercentile() error {
	val, err := p.arg(0)
	if err != nil {
		return err
	}
	at, err := p.arg(2)
	if err != nil {
		return err
	}
	var v [3]value.Value
	for i, arg := range []int{1, 3, 4} {
		if v[i], err = p.constant(arg); err != nil {
			return err
		}
	}
	var by []rowFunc
	for i := 5; i < len(p.n.Args); i++ {
		fn, err := p.arg(i)
		if err != nil {
			return err
		}
		by = append(by, fn)
	}
	w := rolling{percent: value.Convert(v[0], value.Real).Float, size: v[1], count: int(max(1, min(wholeOf(v[2]), maxSteps)))}
	for _, part := range partsBy(p.in, by) {
		if err := w.run(p, part, val, at, by); err != nil {
			return err
		}
	}
	return nil
}

func partsBy(in rows, by []rowFunc) []rows {
	index := map[string]int{}
	var out []rows
	for _, row := range in {
		key := string(appendKeys(nil, by, row))
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], row)
	}
	return out
}

// rolling are the arguments of rolling_percentile.
type rolling struct {
	percent float64
	size    value.Value
	count   int
}

func (w rolling) run(p *pluginCall, in rows, val, at rowFunc, by []rowFunc) error {
	byBin := map[int64][]value.Value{}
	var labels []value.Value
	for _, row := range in {
		t := scalar.Bin(at(row), w.size)
		if t.Null {
			continue
		}
		if byBin[t.Num] == nil {
			labels = append(labels, t)
		}
		byBin[t.Num] = append(byBin[t.Num], val(row))
	}
	key := plan.SortKey{}
	slices.SortStableFunc(labels, func(a, b value.Value) int { return compareKeys(a, b, key) })
	for i, t := range labels {
		var d scalar.Digest
		for _, earlier := range labels[max(0, i-w.count+1) : i+1] {
			for _, v := range byBin[earlier.Num] {
				if !v.Null {
					d.Add(v, 1)
				}
			}
			if err := p.x.step(len(byBin[earlier.Num])); err != nil {
				return err
			}
		}
		row := []value.Value{t}
		for _, fn := range by {
			row = append(row, fn(in[0]))
		}
		result := value.NullOf(value.Long)
		if out, ok := d.Percentiles([]float64{w.percent}); ok {
			result = out[0]
		}
		if err := p.emit(append(row, result)); err != nil {
			return err
		}
	}
	return nil
}
