package scalar

import "github.com/clew-sec/clew/kql/value"

var setFunctions = map[string]*Function{
	"set_union":        lenient(1, -1, value.Dynamic, setUnion),
	"set_intersect":    lenient(1, -1, value.Dynamic, func(a []value.Value) value.Value { return setFilter(a, true) }),
	"set_difference":   lenient(1, -1, value.Dynamic, func(a []value.Value) value.Value { return setFilter(a, false) }),
	"set_equals":       lenient(2, 2, value.Bool, setEquals),
	"set_has_element":  lenient(2, 2, value.Bool, setHasElement),
	"jaccard_index":    lenient(2, 2, value.Real, jaccard),
	"array_difference": lenient(1, -1, value.Dynamic, func(a []value.Value) value.Value { return setFilter(a, false) }),
}

// itemKey tells items of arrays apart; 1 and 1.0 are one.
func itemKey(j value.JSON) string {
	if j.Kind == value.KindReal && j.Float == float64(int64(j.Float)) {
		j = value.LongJSON(int64(j.Float))
	}
	return j.Sorted().String()
}

func itemSet(v value.Value) (map[string]bool, bool) {
	x, ok := array(v)
	if !ok {
		return nil, false
	}
	set := make(map[string]bool, len(x))
	for _, j := range x {
		set[itemKey(j)] = true
	}
	return set, true
}

func setUnion(a []value.Value) value.Value {
	var out []value.JSON
	seen := map[string]bool{}
	any := false
	for _, v := range a {
		x, ok := array(v)
		any = any || ok
		for _, j := range x {
			if k := itemKey(j); !seen[k] && len(out) < maxItems {
				seen[k] = true
				out = append(out, j)
			}
		}
	}
	if !any {
		return nothing
	}
	return list(out)
}

// setFilter keeps the different items of the first array that all others have
// (want), or that none of them has.
func setFilter(a []value.Value, want bool) value.Value {
	x, ok := array(a[0])
	if !ok {
		return nothing
	}
	var others []map[string]bool
	for _, v := range a[1:] {
		set, ok := itemSet(v)
		if !ok && want {
			return nothing
		}
		others = append(others, set)
	}
	var out []value.JSON
	seen := map[string]bool{}
	for _, j := range x {
		k := itemKey(j)
		keep := !seen[k]
		for _, o := range others {
			keep = keep && o[k] == want
		}
		if seen[k] = true; keep {
			out = append(out, j)
		}
	}
	return list(out)
}

func setEquals(a []value.Value) value.Value {
	x, okx := itemSet(a[0])
	y, oky := itemSet(a[1])
	if !okx || !oky || len(x) != len(y) {
		return value.BoolOf(false)
	}
	for k := range x {
		if !y[k] {
			return value.BoolOf(false)
		}
	}
	return value.BoolOf(true)
}

func setHasElement(a []value.Value) value.Value {
	x, ok := array(a[0])
	if !ok {
		return value.NullOf(value.Bool)
	}
	want := itemKey(a[1].JSON())
	for _, j := range x {
		if itemKey(j) == want {
			return value.BoolOf(true)
		}
	}
	return value.BoolOf(false)
}

// jaccard is the size of the intersection over that of the union.
func jaccard(a []value.Value) value.Value {
	x, okx := itemSet(a[0])
	y, oky := itemSet(a[1])
	if !okx || !oky {
		return value.NullOf(value.Real)
	}
	both := 0
	for k := range x {
		if y[k] {
			both++
		}
	}
	return value.RealOf(float64(both) / float64(len(x)+len(y)-both))
}
