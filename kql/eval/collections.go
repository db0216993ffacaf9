package eval

import (
	"slices"

	"github.com/clew-sec/clew/kql/eval/scalar"
	"github.com/clew-sec/clew/kql/value"
)

// maxList is the greatest number of items that make_list and make_set keep.
const maxList = 1_048_576

// listAcc is make_list and, where seen is set, make_set. Nulls are left out, but
// those of dynamic in lists. An optional second argument bounds the items.
type listAcc struct {
	nulls bool
	seen  map[string]bool
	text  []byte
	n     int64
	buf   []byte
	bytes int
}

func (a *listAcc) add(args []value.Value) {
	v := args[0].Normal()
	if v.Type != value.Dynamic || v.Null || v.Text[0] != '[' {
		a.addOne(v, args)
		return
	}
	for _, item := range v.JSON().Items { // arrays count as their items
		a.addOne(item.Value(), args)
	}
}

func (a *listAcc) addOne(v value.Value, args []value.Value) {
	limit := int64(maxList)
	if len(args) > 1 {
		if m := value.Convert(args[1], value.Long); !m.Null && m.Num > 0 {
			limit = min(limit, m.Num)
		}
	}
	keepNull := a.seen == nil && (a.nulls || v.Type == value.Dynamic)
	if a.n >= limit || v.Null && !keepNull {
		return
	}
	if a.seen != nil {
		a.buf = v.AppendKey(a.buf[:0])
		if a.seen[string(a.buf)] {
			return
		}
		a.seen[string(a.buf)] = true
		a.bytes += len(a.buf)
	}
	a.append(v)
}

func (a *listAcc) append(v value.Value) {
	before := len(a.text)
	if a.n == 0 {
		a.text = append(a.text, '[')
	} else {
		a.text = append(a.text, ',')
	}
	a.n++
	switch {
	case v.Null:
		a.text = append(a.text, "null"...)
	case v.Type == value.Dynamic:
		a.text = append(a.text, v.Text...)
	default:
		a.text = v.JSON().Append(a.text)
	}
	a.bytes += len(a.text) - before
}

func (a *listAcc) results() []value.Value {
	if a.n == 0 {
		return []value.Value{value.JSONOf("[]")}
	}
	return []value.Value{value.JSONOf(string(a.text) + "]")}
}

func (a *listAcc) taken() int {
	n := a.bytes
	a.bytes = 0
	return n
}

// bagAcc is make_bag: of equal keys one value is kept.
type bagAcc struct {
	merger scalar.BagMerger
	bytes  int
}

func (a *bagAcc) add(args []value.Value) {
	a.bytes += len(args[0].Text)
	a.merger.Add(args[0])
}

func (a *bagAcc) results() []value.Value {
	if b := a.merger.Bag(); !b.Null {
		return []value.Value{b}
	}
	return []value.Value{value.JSONOf("{}")}
}

func (a *bagAcc) taken() int {
	n := a.bytes
	a.bytes = 0
	return n
}

// schemaAcc is buildschema: the types that members have.
type schemaAcc struct{ schema *schema }

// schema is what has been seen at one place of dynamic values.
type schema struct {
	scalars []string // type names in order of appearance
	members map[string]*schema
	keys    []string
	items   *schema
}

const maxSchemaKeys = 10_000

func (a *schemaAcc) add(args []value.Value) {
	if a.schema == nil {
		a.schema = &schema{}
	}
	a.schema.add(args[0].JSON())
}

func (a *schemaAcc) results() []value.Value {
	if a.schema == nil {
		return []value.Value{value.NullOf(value.Dynamic)}
	}
	return []value.Value{a.schema.json().Value()}
}

func (s *schema) add(j value.JSON) {
	switch j.Kind {
	case value.KindNull:
	case value.KindArray:
		if s.items == nil {
			s.items = &schema{}
		}
		for _, x := range j.Items {
			s.items.add(x)
		}
	case value.KindBag:
		if s.members == nil {
			s.members = map[string]*schema{}
		}
		for i, k := range j.Keys {
			m, ok := s.members[k]
			if !ok && len(s.keys) < maxSchemaKeys {
				m = &schema{}
				s.members[k] = m
				s.keys = append(s.keys, k)
			}
			if m != nil {
				m.add(j.Items[i])
			}
		}
	default:
		if name := scalar.TypeName(j.Value()); !slices.Contains(s.scalars, name) {
			s.scalars = append(s.scalars, name)
		}
	}
}

// json writes one type alone, several as an array.
func (s *schema) json() value.JSON {
	var kinds []value.JSON
	for _, name := range s.scalars {
		kinds = append(kinds, value.TextJSON(name))
	}
	if s.items != nil {
		j := value.JSON{Kind: value.KindBag}
		j.Set("`indexer`", s.items.json())
		kinds = append(kinds, j)
	}
	if s.members != nil {
		j := value.JSON{Kind: value.KindBag}
		for _, k := range s.keys {
			j.Set(k, s.members[k].json())
		}
		kinds = append(kinds, j)
	}
	if len(kinds) == 1 {
		return kinds[0]
	}
	return value.ArrayOf(kinds...)
}

// percentileAcc is percentile and its forms: head arguments (the value, and a
// weight), then the percentiles.
type percentileAcc struct {
	head                 int
	array, sketch, merge bool
	digest               scalar.Digest
	percents             []float64
	bytes                int
}

func (a *percentileAcc) add(args []value.Value) {
	v := args[0].Scalar()
	if a.percents == nil {
		a.percents = scalar.Numbers(args[min(a.head, len(args)):])
	}
	if a.merge {
		a.digest.Merge(args[0])
		return
	}
	if v.Null || isNaN(v) {
		return
	}
	weight := int64(1)
	if a.head == 2 || a.sketch && len(args) > 1 {
		weight = value.Convert(args[1], value.Long).Num
	}
	if weight > 0 {
		a.digest.Add(v, weight)
		a.bytes += valueSize + len(v.Text)
	}
}

func (a *percentileAcc) results() []value.Value {
	if a.sketch {
		return []value.Value{a.digest.Sketch()}
	}
	out, ok := a.digest.Percentiles(a.percents)
	if !a.array || !ok {
		return out
	}
	items := make([]value.JSON, len(out))
	for i, v := range out {
		items[i] = v.JSON()
	}
	return []value.Value{value.ArrayOf(items...).Value()}
}

func (a *percentileAcc) taken() int {
	n := a.bytes
	a.bytes = 0
	return n
}
