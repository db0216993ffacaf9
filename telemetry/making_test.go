package telemetry

import (
	"context"
	"errors"
	"testing"
)

// sparse is a store that has the tables it was told of.
type sparse struct {
	Store
	have map[*Table]bool
	rows int
}

func (s *sparse) Append(_ context.Context, _ string, rows []Row) error {
	for _, r := range rows {
		if !s.have[r.Table] {
			return ErrNoTable
		}
	}
	s.rows += len(rows)
	return nil
}

func (s *sparse) Ensure(_ context.Context, _ string, tables []*Table) error {
	for _, t := range tables {
		if t.Name == "Bad" {
			return errors.New("refused")
		}
		s.have[t] = true
	}
	return nil
}

func TestMakingMakesWhatRowsNeed(t *testing.T) {
	s := &sparse{have: map[*Table]bool{}}
	a, b := &Table{Name: "A"}, &Table{Name: "B"}
	if err := (Making{s}).Append(t.Context(), "w", []Row{{Table: a}, {Table: b}, {Table: a}}); err != nil {
		t.Fatal(err)
	}
	if s.rows != 3 || len(s.have) != 2 {
		t.Errorf("%d rows in %d tables", s.rows, len(s.have))
	}
	if err := (Making{s}).Append(t.Context(), "w", []Row{{Table: &Table{Name: "Bad"}}}); err == nil || s.rows != 3 {
		t.Errorf("%v, %d rows", err, s.rows)
	}
}

func TestWithBuiltin(t *testing.T) {
	own := &Table{Name: "DeviceEvents"}
	got := WithBuiltin([]*Table{own, {Name: "Mine_CL"}})
	if len(got) != len(Tables())+1 || got[0] != own {
		t.Errorf("%d tables", len(got))
	}
}
