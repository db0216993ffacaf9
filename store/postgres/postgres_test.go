package postgres

import (
	"testing"

	"github.com/clew-sec/clew/store/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m.Run) }

func TestOpenTwice(t *testing.T) {
	url := pgtest.Database(t)
	for range 2 {
		s, err := Open(t.Context(), Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
	}
}
