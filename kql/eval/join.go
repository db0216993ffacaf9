package eval

import (
	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// joinSides is a join with both sides read and keyed.
type joinSides struct {
	left, right       rows
	leftKeys          []string
	rightKeys         []string
	leftCols, rightCs []*plan.Column
}

func (x *run) join(n *plan.Join, outer *scope) (rows, error) {
	s := joinSides{leftCols: n.Left.Columns(), rightCs: n.Right.Columns()}
	var err error
	if s.left, err = x.node(n.Left, outer); err != nil {
		return nil, err
	}
	if s.right, err = x.node(n.Right, outer); err != nil {
		return nil, err
	}
	leftOn, rightOn := make([]plan.Expr, len(n.On)), make([]plan.Expr, len(n.On))
	for i, on := range n.On {
		leftOn[i], rightOn[i] = on.Left, on.Right
	}
	if s.leftKeys, err = x.keysOf(s.left, s.leftCols, leftOn, outer); err != nil {
		return nil, err
	}
	if s.rightKeys, err = x.keysOf(s.right, s.rightCs, rightOn, outer); err != nil {
		return nil, err
	}
	switch n.Kind {
	case plan.LeftSemi, plan.LeftAnti:
		return kept(s.left, s.leftKeys, s.rightKeys, n.Kind == plan.LeftSemi), nil
	case plan.RightSemi, plan.RightAnti:
		return kept(s.right, s.rightKeys, s.leftKeys, n.Kind == plan.RightSemi), nil
	case plan.InnerUnique:
		s.left, s.leftKeys = firstPerKey(s.left, s.leftKeys)
	}
	return x.matchSides(s, n.Kind)
}

// keysOf computes the key of each row; null equals null.
func (x *run) keysOf(in rows, cols []*plan.Column, on []plan.Expr, outer *scope) ([]string, error) {
	fns, err := x.exprs(x.compiler(cols, outer), on)
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(in))
	var buf []byte
	for i, row := range in {
		buf = appendKeys(buf[:0], fns, row)
		keys[i] = string(buf)
	}
	return keys, x.step(len(in))
}

func appendKeys(b []byte, fns []rowFunc, row []value.Value) []byte {
	for _, fn := range fns {
		b = fn(row).AppendKey(b)
	}
	return b
}

// kept are the rows whose key is among the others, or is not.
func kept(in rows, keys, others []string, among bool) rows {
	set := make(map[string]struct{}, len(others))
	for _, k := range others {
		set[k] = struct{}{}
	}
	var out rows
	for i, row := range in {
		if _, ok := set[keys[i]]; ok == among {
			out = append(out, row)
		}
	}
	return out
}

func firstPerKey(in rows, keys []string) (rows, []string) {
	seen := map[string]bool{}
	var out rows
	var outKeys []string
	for i, row := range in {
		if !seen[keys[i]] {
			seen[keys[i]] = true
			out, outKeys = append(out, row), append(outKeys, keys[i])
		}
	}
	return out, outKeys
}

// matchSides pairs rows by key and fills up what outer joins keep.
func (x *run) matchSides(s joinSides, kind plan.JoinKind) (rows, error) {
	index := map[string][]int{}
	for i, k := range s.rightKeys {
		index[k] = append(index[k], i)
	}
	used := make([]bool, len(s.right))
	var out rows
	add := func(left, right []value.Value) error {
		row := make([]value.Value, 0, len(s.leftCols)+len(s.rightCs))
		row = append(appendSide(row, left, s.leftCols), appendSide(nil, right, s.rightCs)...)
		out = append(out, row)
		return x.grow(row, len(out))
	}
	for i, left := range s.left {
		matches := index[s.leftKeys[i]]
		for at := len(matches) - 1; at >= 0; at-- { // the latest one first, as the language's engine does
			k := matches[at]
			used[k] = true
			if err := add(left, s.right[k]); err != nil {
				return nil, err
			}
		}
		if len(matches) == 0 && (kind == plan.LeftOuter || kind == plan.FullOuter) {
			if err := add(left, nil); err != nil {
				return nil, err
			}
		}
	}
	if kind != plan.RightOuter && kind != plan.FullOuter {
		return out, nil
	}
	for k, right := range s.right {
		if !used[k] {
			if err := add(nil, right); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// appendSide appends a row, or the nulls of one that is missing.
func appendSide(to, row []value.Value, cols []*plan.Column) []value.Value {
	if row != nil {
		return append(to, row...)
	}
	for _, c := range cols {
		to = append(to, value.NullOf(c.Type))
	}
	return to
}
