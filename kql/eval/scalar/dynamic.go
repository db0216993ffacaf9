package scalar

import (
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

var dynamicFunctions = map[string]*Function{
	"extract_json": lenient(2, 3, value.Unknown, func(a []value.Value) value.Value {
		found := jsonPath(a[1], a[0].String())
		if len(a) < 3 {
			return value.StringOf(found.String())
		}
		t, ok := value.ParseType(a[2].String())
		if !ok {
			t = value.String
		}
		return value.Convert(found, t)
	}),
	"treepath": lenient(1, 1, value.Dynamic, treePath),
	"zip":      lenient(2, -1, value.Dynamic, zip),
}

// jsonPath reads a member by a path such as $.a.b[0]['c'] of JSON.
func jsonPath(doc value.Value, path string) value.Value {
	if doc.Type == value.String {
		j, ok := value.ParseJSON(doc.Text)
		if !ok {
			return nothing
		}
		doc = j.Value()
	}
	steps, ok := pathSteps(path)
	if !ok {
		return nothing
	}
	for _, s := range steps {
		if s.isIndex {
			doc = doc.Element(s.index)
		} else {
			doc = doc.Member(s.key)
		}
	}
	return doc
}

// pathStep is a key or an index.
type pathStep struct {
	key     string
	index   int64
	isIndex bool
}

// pathSteps reads $.key, ['key'], ["key"] and [0].
func pathSteps(path string) ([]pathStep, bool) {
	s := strings.TrimPrefix(path, "$")
	var steps []pathStep
	for s != "" && len(steps) < 256 {
		var step pathStep
		var ok bool
		if s[0] == '[' {
			step, s, ok = bracketStep(s[1:])
		} else {
			step, s, ok = nameStep(strings.TrimPrefix(s, "."))
		}
		if !ok {
			return nil, false
		}
		steps = append(steps, step)
	}
	return steps, s == ""
}

func nameStep(s string) (pathStep, string, bool) {
	end := strings.IndexAny(s, ".[")
	if end < 0 {
		end = len(s)
	}
	return pathStep{key: s[:end]}, s[end:], end > 0
}

func bracketStep(s string) (pathStep, string, bool) {
	if s == "" {
		return pathStep{}, "", false
	}
	if q := s[0]; q == '\'' || q == '"' {
		key, rest, ok := strings.Cut(s[1:], string(q)+"]")
		return pathStep{key: key}, rest, ok
	}
	text, rest, ok := strings.Cut(s, "]")
	n := value.ParseLong(text)
	return pathStep{index: n.Num, isIndex: true}, rest, ok && !n.Null
}

// treePath lists the paths of all members; [0] stands for any index.
func treePath(a []value.Value) value.Value {
	j := a[0].JSON()
	if j.Kind != value.KindArray && j.Kind != value.KindBag {
		return nothing
	}
	t := &pathList{seen: map[string]bool{}}
	t.walk(j, "")
	return texts(t.paths)
}

type pathList struct {
	seen  map[string]bool
	paths []string
	size  int
}

func (t *pathList) walk(j value.JSON, prefix string) {
	for i, x := range j.Items {
		path := prefix + "[0]"
		if j.Kind == value.KindBag {
			path = prefix + "['" + j.Keys[i] + "']"
		}
		if t.size += len(path); t.size > MaxText {
			return
		}
		if !t.seen[path] {
			t.seen[path] = true
			t.paths = append(t.paths, path)
		}
		t.walk(x, path)
	}
}

// zip puts the items of arrays side by side, null where one is shorter.
func zip(a []value.Value) value.Value {
	arrays := make([][]value.JSON, len(a))
	longest := 0
	for i, v := range a {
		arrays[i] = items(v)
		longest = max(longest, len(arrays[i]))
	}
	if longest*len(a) > maxItems {
		return nothing
	}
	out := make([]value.JSON, longest)
	for i := range out {
		row := make([]value.JSON, len(a))
		for k, arr := range arrays {
			if i < len(arr) {
				row[k] = arr[i]
			}
		}
		out[i] = value.ArrayOf(row...)
	}
	return list(out)
}

// items reads an array; another value is an array of one.
func items(v value.Value) []value.JSON {
	if arr, ok := array(v); ok {
		return arr
	}
	return []value.JSON{v.JSON()}
}

var bagFunctions = map[string]*Function{
	"bag_pack":         lenient(0, -1, value.Dynamic, bagPack),
	"bag_pack_present": lenient(0, -1, value.Dynamic, bagPackPresent),
	"bag_keys":         lenient(1, 1, value.Dynamic, bagKeys),
	"bag_merge":        lenient(1, -1, value.Dynamic, bagMerge),
	"bag_has_key": lenient(2, 2, value.Bool, func(a []value.Value) value.Value {
		return value.BoolOf(hasMember(a[0].JSON(), keyPath(a[1].String())))
	}),
	"bag_remove_keys": lenient(2, 2, value.Dynamic, bagRemoveKeys),
	"bag_set_key":     lenient(3, 3, value.Dynamic, bagSetKey),
	"bag_zip":         lenient(2, 2, value.Dynamic, bagZip),
}

func bagPack(a []value.Value) value.Value {
	j := value.JSON{Kind: value.KindBag}
	for i := 0; i+1 < len(a); i += 2 {
		j.Set(a[i].String(), a[i+1].JSON())
	}
	return j.Value()
}

// bagPackPresent leaves out nulls and empty texts.
func bagPackPresent(a []value.Value) value.Value {
	var present []value.Value
	for i := 0; i+1 < len(a); i += 2 {
		if !empty(a[i+1]) {
			present = append(present, a[i], a[i+1])
		}
	}
	return bagPack(present)
}

func bagKeys(a []value.Value) value.Value {
	j, ok := bag(a[0])
	if !ok {
		return nothing
	}
	return texts(j.Keys)
}

// bagMerge puts bags together; of equal keys the leftmost counts.
func bagMerge(a []value.Value) value.Value {
	m := BagMerger{}
	for _, v := range a {
		m.Add(v)
	}
	return m.Bag()
}

// BagMerger puts property bags together; the first value of a key counts.
type BagMerger struct {
	seen map[string]struct{}
	bag  value.JSON
	size int
}

// Add merges a bag; other values are left out.
func (m *BagMerger) Add(v value.Value) {
	j, ok := bag(v)
	if !ok || m.size > MaxText {
		return
	}
	if m.seen == nil {
		m.seen = map[string]struct{}{}
	}
	m.size += len(v.Text)
	for i, k := range j.Keys {
		if _, old := m.seen[k]; !old {
			m.seen[k] = struct{}{}
			m.bag.Keys, m.bag.Items = append(m.bag.Keys, k), append(m.bag.Items, j.Items[i])
		}
	}
}

// Bag is the result, null without any bag.
func (m *BagMerger) Bag() value.Value {
	if m.seen == nil {
		return nothing
	}
	m.bag.Kind = value.KindBag
	return m.bag.Value()
}

// keyPath is a key, or the steps of a path that begins with $.
func keyPath(s string) []pathStep {
	if strings.HasPrefix(s, "$.") || strings.HasPrefix(s, "$[") {
		if steps, ok := pathSteps(s); ok {
			return steps
		}
	}
	return []pathStep{{key: s}}
}

func hasMember(j value.JSON, path []pathStep) bool {
	for _, s := range path {
		switch {
		case s.isIndex && j.Kind == value.KindArray && s.index >= 0 && s.index < int64(len(j.Items)):
			j = j.Items[s.index]
		case !s.isIndex && j.Kind == value.KindBag:
			next, ok := j.Get(s.key)
			if !ok {
				return false
			}
			j = next
		default:
			return false
		}
	}
	return true
}

func bagRemoveKeys(a []value.Value) value.Value {
	j, ok := bag(a[0])
	if !ok {
		return nothing
	}
	for _, k := range needleTexts(a[1:]) {
		j = removed(j, keyPath(k))
	}
	return j.Value()
}

func removed(j value.JSON, path []pathStep) value.JSON {
	if j.Kind != value.KindBag || path[0].isIndex {
		return j
	}
	out := value.JSON{Kind: value.KindBag}
	for i, k := range j.Keys {
		x := j.Items[i]
		if k == path[0].key {
			if len(path) == 1 {
				continue
			}
			x = removed(x, path[1:])
		}
		out.Keys, out.Items = append(out.Keys, k), append(out.Items, x)
	}
	return out
}

func bagSetKey(a []value.Value) value.Value {
	j, ok := bag(a[0])
	if !ok {
		return nothing
	}
	return withMember(j, keyPath(a[1].String()), a[2].JSON()).Value()
}

func withMember(j value.JSON, path []pathStep, v value.JSON) value.JSON {
	if len(path) == 0 {
		return v
	}
	if j.Kind != value.KindBag {
		j = value.JSON{Kind: value.KindBag}
	}
	old, _ := j.Get(path[0].key)
	j.Set(path[0].key, withMember(old, path[1:], v))
	return j
}

func bagZip(a []value.Value) value.Value {
	keys, ok := array(a[0])
	values, okv := array(a[1])
	if !ok || !okv {
		return nothing
	}
	j := value.JSON{Kind: value.KindBag}
	for i, k := range keys {
		var v value.JSON
		if i < len(values) {
			v = values[i]
		}
		if k.Kind == value.KindString {
			j.Set(k.Text, v)
		}
	}
	return j.Value()
}
