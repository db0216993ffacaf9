package scalar

import (
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// Set is the right side of in: values of one type, to be looked up. Dynamic
// arrays count as their elements. Null is in no set.
type Set struct {
	fold    bool
	texts   map[string]struct{}
	numbers map[int64]struct{}
	keys    map[string]struct{}
}

// NewSet makes a set; fold leaves case aside.
func NewSet(fold bool, values ...value.Value) *Set {
	s := &Set{fold: fold}
	for _, v := range values {
		s.Add(v)
	}
	return s
}

// Add puts a value, or the elements of a dynamic array, into the set.
func (s *Set) Add(v value.Value) {
	if items, ok := array(v); ok {
		for _, x := range items {
			s.add(x.Value().Scalar())
		}
		return
	}
	s.add(v.Scalar())
}

func (s *Set) add(v value.Value) {
	switch {
	case v.Null:
	case v.Type == value.String:
		put(&s.texts, s.folded(v.Text))
	case v.Type == value.Int || v.Type == value.Long:
		put(&s.numbers, v.Num)
		put(&s.keys, key(v))
	default:
		put(&s.keys, key(v))
	}
}

func put[K comparable](m *map[K]struct{}, k K) {
	if *m == nil {
		*m = map[K]struct{}{}
	}
	(*m)[k] = struct{}{}
}

// key tells values of all types apart; numbers of any type agree.
func key(v value.Value) string {
	if v.Type.Integral() || v.Type == value.Decimal {
		v = value.Convert(v, value.Real)
	}
	return string(v.AppendKey([]byte{byte(v.Type)}))
}

func (s *Set) folded(text string) string {
	if s.fold {
		return strings.ToLower(text)
	}
	return text
}

// Len is the number of different values.
func (s *Set) Len() int { return len(s.texts) + len(s.keys) }

// Has tells whether v is in the set.
func (s *Set) Has(v value.Value) bool {
	v = v.Scalar()
	switch {
	case v.Null || s.Len() == 0:
		return false
	case v.Type == value.String:
		_, ok := s.texts[s.folded(v.Text)]
		return ok
	case v.Type.Integral() && len(s.numbers) == len(s.keys):
		_, ok := s.numbers[v.Num]
		return ok
	}
	_, ok := s.keys[key(v)]
	return ok
}

// HasText is Has of a text.
func (s *Set) HasText(text string) bool {
	_, ok := s.texts[s.folded(text)]
	return ok
}
