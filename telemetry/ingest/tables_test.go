package ingest_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/duckdb"
	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/telemetry/mapping/custom"
)

// afterwards runs something once when a reader has been read.
type afterwards struct {
	io.Reader
	do func()
}

func (a *afterwards) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if errors.Is(err, io.EOF) && a.do != nil {
		a.do()
		a.do = nil
	}
	return n, err
}

// TestDroppedTableStaysAway: what is on its way to a table when it is dropped
// does not make it anew.
func TestDroppedTableStaysAway(t *testing.T) {
	store, err := duckdb.Open(t.Context(), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &ingest.Service{Store: store, Now: time.Now}
	defer func() {
		s.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	of, err := custom.NewTable("Badge_CL", []telemetry.Column{{Name: "door", Type: value.String}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateTable(t.Context(), "w", of); err != nil {
		t.Fatal(err)
	}
	deliver := func(ctx context.Context, body io.Reader) error {
		_, err := s.DeliverTo(ctx, "w", "Badge_CL", body, ingest.Delivery{})
		return err
	}
	if err := deliver(t.Context(), strings.NewReader(`{"door":"east"}`)); err != nil {
		t.Fatal(err)
	}
	late := &afterwards{strings.NewReader(`{"door":"west"}`), func() {
		if err := s.DropTable(t.Context(), "w", "Badge_CL"); err != nil {
			t.Error(err)
		}
	}}
	if err := deliver(t.Context(), late); !errors.Is(err, telemetry.ErrNoTable) {
		t.Errorf("delivered with %v", err)
	}
	if tables, err := store.Tables(t.Context(), "w"); err != nil || len(tables) != 0 {
		t.Errorf("there are %v, %v", tables, err)
	}
}
