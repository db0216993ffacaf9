package eval

import (
	"slices"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/value"
)

// event is a row of an activity plugin: who, when.
type event struct {
	id string
	at int64
}

// cohort are the events of one combination of dimensions.
type cohort struct {
	dims   []value.Value
	events []event
}

// activityInput reads the rows of an activity plugin; the dimensions begin at an
// argument.
func (p *pluginCall) activityInput(dims int) ([]*cohort, value.Type, error) {
	id, err := p.arg(0)
	if err != nil {
		return nil, 0, err
	}
	at, err := p.arg(1)
	if err != nil {
		return nil, 0, err
	}
	var by []rowFunc
	for i := dims; i < len(p.n.Args); i++ {
		fn, err := p.arg(i)
		if err != nil {
			return nil, 0, err
		}
		by = append(by, fn)
	}
	index := map[string]*cohort{}
	var out []*cohort
	for _, row := range p.in {
		t := at(row).Scalar()
		if t.Null {
			continue
		}
		key := string(appendKeys(nil, by, row))
		c, ok := index[key]
		if !ok {
			c = &cohort{}
			for _, fn := range by {
				c.dims = append(c.dims, fn(row))
			}
			index[key] = c
			out = append(out, c)
		}
		c.events = append(c.events, event{string(id(row).AppendKey(nil)), wholeOf(t)})
		if err := p.x.step(1); err != nil {
			return nil, 0, err
		}
	}
	return out, p.n.Args[1].Type(), nil
}

// wholeOf counts times in ticks and numbers as such.
func wholeOf(v value.Value) int64 { return value.Convert(v, value.Long).Num }

// bins are the windows from a start to an end, which is included.
type bins struct {
	start, end, step int64
	typ              value.Type
}

func (p *pluginCall) bins(start, end, step int) (bins, error) {
	var v [3]value.Value
	for i, arg := range []int{start, end, step} {
		var err error
		if v[i], err = p.constant(arg); err != nil {
			return bins{}, err
		}
	}
	b := bins{wholeOf(v[0]), wholeOf(v[1]), wholeOf(v[2]), p.n.Args[1].Type()}
	if b.step <= 0 || (b.end-b.start)/b.step > maxSteps {
		return bins{}, &LimitError{"rows", maxSteps}
	}
	return b, nil
}

func (b bins) count() int { return int(max(0, (b.end-b.start)/b.step+1)) }

// index is the window of a time, -1 outside.
func (b bins) index(at int64) int {
	if at < b.start || at > b.end {
		return -1
	}
	return int((at - b.start) / b.step)
}

func (b bins) label(i int) value.Value {
	return value.Value{Type: b.typ, Num: b.start + int64(i)*b.step}
}

// set is a set of ids.
type set map[string]struct{}

func (s set) add(id string) { s[id] = struct{}{} }

func (s set) shared(o set) int64 {
	n := int64(0)
	for id := range s {
		if _, ok := o[id]; ok {
			n++
		}
	}
	return n
}

// idsByBin are the ids of each window, and the number of events.
func idsByBin(events []event, b bins) ([]set, []int64) {
	ids, counts := make([]set, b.count()), make([]int64, b.count())
	for _, e := range events {
		if i := b.index(e.at); i >= 0 {
			if ids[i] == nil {
				ids[i] = set{}
			}
			ids[i].add(e.id)
			counts[i]++
		}
	}
	return ids, counts
}

// line is a row that begins with a label and dimensions.
func line(label value.Value, c *cohort, more ...value.Value) []value.Value {
	return append(append([]value.Value{label}, c.dims...), more...)
}

// activityCounts is activity_counts_metrics: rows, ids, new ids and all ids so
// far of each window.
func (p *pluginCall) activityCounts() error {
	b, err := p.bins(2, 3, 4)
	if err != nil {
		return err
	}
	cohorts, _, err := p.activityInput(5)
	if err != nil {
		return err
	}
	for _, c := range cohorts {
		ids, counts := idsByBin(c.events, b)
		seen := set{}
		for i, s := range ids {
			if s == nil {
				continue
			}
			fresh := int64(len(s)) - s.shared(seen)
			for id := range s {
				seen.add(id)
			}
			row := line(b.label(i), c, value.LongOf(counts[i]), value.LongOf(int64(len(s))), value.LongOf(fresh), value.LongOf(int64(len(seen))))
			if err := p.emit(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// activityMetrics tells for each window ids, new ids, and which share of those
// of the window before stayed.
func (p *pluginCall) activityMetrics() error {
	b, err := p.bins(2, 3, 4)
	if err != nil {
		return err
	}
	cohorts, _, err := p.activityInput(5)
	if err != nil {
		return err
	}
	for _, c := range cohorts {
		ids, _ := idsByBin(c.events, b)
		seen, last := set{}, set{}
		for i, s := range ids {
			if s == nil {
				continue
			}
			retained := float64(last.shared(s)) / float64(len(last))
			fresh := int64(len(s)) - s.shared(seen)
			for id := range s {
				seen.add(id)
			}
			last = s
			row := line(b.label(i), c, value.LongOf(int64(len(s))), value.LongOf(fresh), value.RealOf(retained), value.RealOf(1-retained))
			if err := p.emit(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// newActivity follows the ids that were new in a window through later ones.
func (p *pluginCall) newActivity() error {
	b, err := p.bins(2, 3, 4)
	if err != nil {
		return err
	}
	cohorts, _, err := p.activityInput(6)
	if err != nil {
		return err
	}
	only, err := p.constant(5)
	if err != nil {
		return err
	}
	for _, c := range cohorts {
		ids, _ := idsByBin(c.events, b)
		fresh := newIDs(ids)
		for from := range ids {
			if len(fresh[from]) == 0 || !only.Null && b.index(wholeOf(only)) != from {
				continue
			}
			for to := from; to < len(ids); to++ {
				if err := p.emit(cohortRow(b, c, from, to, fresh, ids)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// newIDs are the ids of each window that no earlier one has.
func newIDs(ids []set) []set {
	seen := set{}
	out := make([]set, len(ids))
	for i, s := range ids {
		out[i] = set{}
		for id := range s {
			if _, ok := seen[id]; !ok {
				seen.add(id)
				out[i].add(id)
			}
		}
	}
	return out
}

func cohortRow(b bins, c *cohort, from, to int, fresh, ids []set) []value.Value {
	size := int64(len(fresh[from]))
	retained := fresh[from].shared(ids[to])
	rate := float64(retained) / float64(size)
	row := append([]value.Value{b.label(from), b.label(to)}, c.dims...)
	return append(row, value.LongOf(int64(len(fresh[to]))), value.LongOf(retained), value.LongOf(size-retained), value.RealOf(rate), value.RealOf(1-rate))
}

// slidingWindow is sliding_window_counts: rows and ids of the time up to the end
// of each window.
func (p *pluginCall) slidingWindow() error {
	b, err := p.bins(2, 3, 5)
	if err != nil {
		return err
	}
	back, err := p.constant(4)
	if err != nil {
		return err
	}
	return p.overLookback(b, 6, func(c *cohort, i int) []value.Value {
		until := b.start + int64(i+1)*b.step
		ids, n := within(c.events, until-wholeOf(back), until-1)
		if n == 0 {
			return nil
		}
		return line(b.label(i), c, value.LongOf(n), value.LongOf(int64(len(ids))))
	})
}

// overLookback emits a row for each window of each combination of dimensions;
// nil is none.
func (p *pluginCall) overLookback(b bins, dims int, row func(c *cohort, i int) []value.Value) error {
	cohorts, _, err := p.activityInput(dims)
	if err != nil {
		return err
	}
	for _, c := range cohorts {
		slices.SortStableFunc(c.events, func(a, b event) int { return int(max(-1, min(1, a.at-b.at))) })
		for i := range b.count() {
			if err := p.x.step(len(c.events)); err != nil {
				return err
			}
			if r := row(c, i); r != nil {
				if err := p.emit(r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// within are the ids between two times, both included, and the events.
func within(events []event, from, to int64) (set, int64) {
	ids, n := set{}, int64(0)
	for _, e := range events {
		if e.at >= from && e.at <= to {
			ids.add(e.id)
			n++
		}
	}
	return ids, n
}

// activityEngagement relates the ids of a window to those of a larger one that
// ends with it.
func (p *pluginCall) activityEngagement() error {
	if len(p.n.Args) < 6 {
		return p.engagementOverData()
	}
	b, err := p.bins(2, 3, 4)
	if err != nil {
		return err
	}
	outer, err := p.constant(5)
	if err != nil {
		return err
	}
	return p.engagement(b, wholeOf(outer), 6)
}

// engagementOverData takes the bounds from the data.
func (p *pluginCall) engagementOverData() error {
	at, err := p.arg(1)
	if err != nil {
		return err
	}
	inner, err := p.constant(2)
	if err != nil {
		return err
	}
	outer, err := p.constant(3)
	if err != nil {
		return err
	}
	low, high := dataBounds(p.in, at, inner)
	if low.Null || wholeOf(inner) <= 0 {
		return nil
	}
	b := bins{wholeOf(low), wholeOf(high), wholeOf(inner), p.n.Args[1].Type()}
	if (b.end-b.start)/b.step > maxSteps {
		return &LimitError{"rows", maxSteps}
	}
	return p.engagement(b, wholeOf(outer), 4)
}

func (p *pluginCall) engagement(b bins, outer int64, dims int) error {
	return p.overLookback(b, dims, func(c *cohort, i int) []value.Value {
		until := b.start + int64(i+1)*b.step
		small, n := within(c.events, until-b.step, until-1)
		if n == 0 {
			return nil
		}
		large, _ := within(c.events, until-outer, until-1)
		ratio := float64(len(small)) / float64(len(large))
		return line(b.label(i), c, value.LongOf(int64(len(small))), value.LongOf(int64(len(large))), value.RealOf(ratio))
	})
}

// activeUsers is active_users_count: the ids that were active in enough periods
// of the time up to the end of each window.
func (p *pluginCall) activeUsers() error {
	b, err := p.bins(2, 3, 7)
	if err != nil {
		return err
	}
	var v [3]value.Value
	for i := range v {
		if v[i], err = p.constant(4 + i); err != nil {
			return err
		}
	}
	back, period, enough := wholeOf(v[0]), max(1, wholeOf(v[1])), int(wholeOf(v[2]))
	return p.overLookback(b, 8, func(c *cohort, i int) []value.Value {
		until := b.start + int64(i+1)*b.step
		periods := map[string]set{}
		for _, e := range c.events {
			if e.at >= until-back && e.at <= until {
				if periods[e.id] == nil {
					periods[e.id] = set{}
				}
				periods[e.id].add(string(scalar.Bin(value.LongOf(e.at), value.LongOf(period)).AppendKey(nil)))
			}
		}
		n := int64(0)
		for _, s := range periods {
			if len(s) >= enough {
				n++
			}
		}
		if n == 0 {
			return nil
		}
		return line(b.label(i), c, value.LongOf(n))
	})
}

// sessionCount counts the events before which their id was silent for a while.
func (p *pluginCall) sessionCount() error {
	b, err := p.bins(2, 3, 4)
	if err != nil {
		return err
	}
	back, err := p.constant(5)
	if err != nil {
		return err
	}
	counts := map[*cohort][]int64{}
	return p.overLookback(b, 6, func(c *cohort, i int) []value.Value {
		if counts[c] == nil {
			counts[c] = sessions(c.events, b, wholeOf(back))
		}
		if counts[c][i] == 0 {
			return nil
		}
		return line(b.label(i), c, value.LongOf(counts[c][i]))
	})
}

// sessions are counted at their begin; the events are in order of time.
func sessions(events []event, b bins, back int64) []int64 {
	out := make([]int64, b.count())
	last := map[string]int64{}
	for _, e := range events {
		before, known := last[e.id]
		last[e.id] = e.at
		if i := b.index(e.at); i >= 0 && (!known || e.at-before > back) {
			out[i]++
		}
	}
	return out
}
