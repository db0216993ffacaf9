package sqlstore

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/store"
)

func TestCursorRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := cursorsOf("x", rapid.String().Draw(t, "query"))
		want := position{numbers: rapid.SliceOfN(rapid.Int64(), 0, 4).Draw(t, "numbers"), text: rapid.String().Draw(t, "text")}
		text := c.write(want)
		got, err := c.read(text)
		if err != nil || got.text != want.text || len(got.numbers) != len(want.numbers) {
			t.Fatalf("%+v became %+v, %v", want, got, err)
		}
		for i, n := range want.numbers {
			if got.numbers[i] != n {
				t.Fatalf("%v became %v", want.numbers, got.numbers)
			}
		}
		if _, err := cursorsOf("y", 1).read(text); !errors.Is(err, store.ErrBadCursor) {
			t.Fatalf("another query took it: %v", err)
		}
	})
}

func FuzzCursor(f *testing.F) {
	c := cursorsOf("x", 1)
	f.Add("")
	f.Add(c.write(position{numbers: []int64{-1, 1 << 60}, text: "é"}))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := c.read(text)
		if (p == nil) != (text == "" || err != nil) {
			t.Errorf("%+v, %v", p, err)
		}
		if err != nil && !errors.Is(err, store.ErrBadCursor) {
			t.Error(err)
		}
	})
}

func TestListsOfWords(t *testing.T) {
	for _, in := range [][]string{nil, {"a"}, {"a", "b"}, {"", "b"}, {"a", ""}, {""}} {
		if diff := cmp.Diff(in, unlist(list(in))); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
	if got := unlist(list([]string{"a" + unit + "b"})); len(got) != 1 {
		t.Errorf("a separator inside a word split it: %q", got)
	}
}

func TestHashesTellPartsApart(t *testing.T) {
	if string(hash("a", "bc")) == string(hash("ab", "c")) {
		t.Error("parts run together")
	}
}
