package eval

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// matcher runs the steps of a scan over ordered rows.
type matcher struct {
	x        *run
	n        *plan.Match
	layout   Layout // of a record: the columns of the input, then the declared ones
	defaults []value.Value
	tests    []test
	assigns  [][]rowFunc
	states   []*stepState
	view     *stepState // the state that expressions read
	matchID  int64
	out      rows
}

// stepState is the state of a step: the latest record of it and of the steps
// before it. A nil state is empty.
type stepState struct {
	records map[int][]value.Value
	matchID int64
	held    []value.Value // the record to put out when the state is left
}

func (x *run) match(n *plan.Match, outer *scope) (rows, error) {
	in, err := x.node(n.Input, outer)
	if err != nil {
		return nil, err
	}
	m := &matcher{x: x, n: n}
	cols := append([]*plan.Column(nil), n.Input.Columns()...)
	for _, d := range n.Declared {
		v, err := x.constant(d.Default, outer)
		if err != nil {
			return nil, err
		}
		cols = append(cols, d.Col)
		m.defaults = append(m.defaults, fit(v, d.Col.Type))
	}
	m.layout = LayoutOf(cols)
	if err := m.prepare(cols, outer); err != nil {
		return nil, err
	}
	parts, err := m.parts(in, outer)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		if err := m.run(part); err != nil {
			return nil, err
		}
	}
	return m.out, nil
}

func (m *matcher) prepare(cols []*plan.Column, outer *scope) error {
	c := m.x.compiler(cols, outer)
	c.steps = m.read
	for _, s := range m.n.Steps {
		t, err := c.test(s.Condition)
		if err != nil {
			return err
		}
		var fns []rowFunc
		for _, a := range s.Assign {
			k, err := c.compile(a.Expr)
			if err != nil {
				return err
			}
			fns = append(fns, typed(k.fn, a.Expr.Type(), a.Col.Type))
		}
		m.tests, m.assigns = append(m.tests, t), append(m.assigns, fns)
	}
	return nil
}

// read is the value of a column in the state of a step.
func (m *matcher) read(step int, c *plan.Column) (value.Value, bool) {
	i, ok := m.layout[c]
	if !ok {
		return value.Value{}, false
	}
	if m.view != nil {
		if r, ok := m.view.records[step]; ok {
			return r[i], true
		}
	}
	if k := i - len(m.n.Input.Columns()); k >= 0 {
		return m.defaults[k], true
	}
	return value.NullOf(c.Type), true
}

// parts are the rows of each combination of the partition keys, in order.
func (m *matcher) parts(in rows, outer *scope) ([]rows, error) {
	if len(m.n.By) == 0 {
		return []rows{in}, nil
	}
	keys, err := m.x.keysOf(in, m.n.Input.Columns(), m.n.By, outer)
	if err != nil {
		return nil, err
	}
	index := map[string]int{}
	var out []rows
	for i, row := range in {
		k, ok := index[keys[i]]
		if !ok {
			k = len(out)
			index[keys[i]] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], row)
	}
	return out, nil
}

func (m *matcher) run(in rows) error {
	m.states = make([]*stepState, len(m.n.Steps))
	for _, row := range in {
		record := append(append(make([]value.Value, 0, len(m.layout)), row...), m.defaults...)
		for k := len(m.n.Steps) - 1; k >= 0; k-- {
			if err := m.evaluate(k, record); err != nil {
				return err
			}
		}
	}
	for _, s := range m.states {
		if err := m.release(s); err != nil {
			return err
		}
	}
	return nil
}

// before is the nearest step before k that has a state; optional steps between
// may be empty. It is -1 where there is none.
func (m *matcher) before(k int) int {
	for j := k - 1; j >= 0; j-- {
		if m.states[j] != nil {
			return j
		}
		if !m.n.Steps[j].Optional {
			return -1
		}
	}
	return -1
}

// evaluate checks a record against a step: first whether it carries a sequence
// on from the step before, then whether it belongs to the step's own state.
func (m *matcher) evaluate(k int, record []value.Value) error {
	if j := m.before(k); j >= 0 && m.holds(k, m.states[j], record) {
		if err := m.release(m.states[k]); err != nil {
			return err
		}
		if err := m.release(m.states[j]); err != nil {
			return err
		}
		state := m.states[j]
		m.states[j] = nil
		m.states[k] = state
		return m.enter(k, record)
	}
	first := k == 0 || m.allOptionalBefore(k)
	if m.states[k] == nil && !first || !m.holds(k, m.states[k], record) {
		return nil
	}
	if m.states[k] == nil {
		m.states[k] = &stepState{records: map[int][]value.Value{}, matchID: m.matchID}
		m.matchID++
	}
	return m.enter(k, record)
}

func (m *matcher) allOptionalBefore(k int) bool {
	for j := range k {
		if !m.n.Steps[j].Optional {
			return false
		}
	}
	return true
}

func (m *matcher) holds(k int, view *stepState, record []value.Value) bool {
	m.view = view
	return m.tests[k](record) == yes
}

// enter computes the assignments of a step and keeps the record in its state.
func (m *matcher) enter(k int, record []value.Value) error {
	state := m.states[k]
	m.view = state
	extended := append([]value.Value(nil), record...)
	for i, fn := range m.assigns[k] {
		extended[m.layout[m.n.Steps[k].Assign[i].Col]] = fn(record)
	}
	state.records[k] = extended
	switch m.n.Steps[k].Output {
	case "none":
		return m.x.step(1)
	case "last":
		state.held = m.output(extended, state)
		return m.x.step(1)
	}
	return m.emit(m.output(extended, state))
}

func (m *matcher) output(record []value.Value, state *stepState) []value.Value {
	row := append([]value.Value(nil), record...)
	if m.n.MatchID != nil {
		row = append(row, value.LongOf(state.matchID))
	}
	return row
}

// release puts out the record that a state has held back.
func (m *matcher) release(s *stepState) error {
	if s == nil || s.held == nil {
		return nil
	}
	row := s.held
	s.held = nil
	return m.emit(row)
}

func (m *matcher) emit(row []value.Value) error {
	m.out = append(m.out, row)
	return m.x.grow(row, len(m.out))
}
