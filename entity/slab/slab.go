// Package slab gives memory for many small things that are made together and let go
// together, as the parts of what is told of one alert after the other: asking for
// each by itself would be a good part of the work of making it. Whoever keeps one
// thing keeps the whole piece of memory that it lies in, a few kilobytes; it is for
// what is written down and let go, not for what stays.
package slab

import "strings"

// onPiece is how many things, and bytesOnPiece how many bytes of text, one piece of
// memory is for.
const (
	onPiece      = 64
	bytesOnPiece = 8 << 10
)

// Of gives short slices that lie behind each other. The zero value is ready. It is
// not safe for concurrent use.
type Of[T any] struct{ free []T }

// Take gives an empty slice with room for n things.
func (s *Of[T]) Take(n int) []T {
	if len(s.free) < n {
		s.free = make([]T, max(n, onPiece))
	}
	out := s.free[:0:n]
	s.free = s.free[n:]
	return out
}

// Clone gives a copy of a slice.
func (s *Of[T]) Clone(of []T) []T { return append(s.Take(len(of)), of...) }

// Texts gives texts that lie behind each other. The zero value is ready. It is not
// safe for concurrent use.
type Texts struct{ b strings.Builder }

// Of gives the bytes as a text.
func (t *Texts) Of(text []byte) string {
	if t.b.Cap()-t.b.Len() < len(text) {
		t.b = strings.Builder{}
		t.b.Grow(max(len(text), bytesOnPiece))
	}
	from := t.b.Len()
	t.b.Write(text)
	return t.b.String()[from:]
}
