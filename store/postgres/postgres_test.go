package postgres

import (
	"testing"

	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/store/internal/pgtest"
	"github.com/clew-sec/clew/store/storetest"
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

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s, err := Open(t.Context(), Options{URL: pgtest.Database(t), Connections: 4})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	})
}
