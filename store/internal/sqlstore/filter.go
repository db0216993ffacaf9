package sqlstore

import (
	"strings"
	"time"
)

// filter collects the conditions of a query.
type filter struct {
	parts []string
	args  []any
}

func (f *filter) add(condition string, args ...any) {
	f.parts = append(f.parts, condition)
	f.args = append(f.args, args...)
}

// anyOf takes rows whose column has one of the values.
func (f *filter) anyOf(column string, values []string) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = clean(v)
	}
	f.add(column+" IN "+marks(len(values)), args...)
}

// anyItem takes rows whose list column holds one of the values.
func (f *filter) anyItem(d Dialect, column string, values []string) {
	if len(values) == 0 {
		return
	}
	tests := make([]string, len(values))
	args := make([]any, len(values))
	for i, v := range values {
		tests[i] = d.Contains + "(" + column + ", ?) > 0"
		args[i] = unit + item(v) + unit
	}
	f.add("("+strings.Join(tests, " OR ")+")", args...)
}

// words takes rows whose text holds every word, ignoring case. The words are
// plain text, no patterns.
func (f *filter) words(d Dialect, column, search string) {
	for _, w := range searchWords(search) {
		f.add(d.Contains+"("+column+", ?) > 0", w)
	}
}

const maxWords = 16

// searchWords splits a search into words in the form in which they are compared.
func searchWords(search string) []string {
	words := strings.Fields(folded(search))
	return words[:min(len(words), maxWords)]
}

// from and before restrict a time column; the zero time does not.
func (f *filter) from(column string, t time.Time) {
	if !t.IsZero() {
		f.add(column+" >= ?", micros(t))
	}
}

func (f *filter) before(column string, t time.Time) {
	if !t.IsZero() {
		f.add(column+" < ?", micros(t))
	}
}

func (f *filter) where() string {
	if len(f.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.parts, " AND ")
}
