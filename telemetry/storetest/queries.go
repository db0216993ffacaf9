package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

func rowLimit(t *testing.T, e Engine) {
	s := open(t, e)
	q := telemetry.Statement{SQL: "SELECT i FROM " + e.Numbers(10_000), Columns: []telemetry.ResultColumn{{Name: "i", Type: value.Long}}}
	got, err := read(t, s, q, telemetry.Limits{Rows: 5000})
	wantLimit(t, err, telemetry.LimitRows)
	if len(got) != 5000 {
		t.Errorf("%d rows came before the limit of 5000", len(got))
	}
	if got, err = read(t, s, q, telemetry.Limits{Rows: 10_000}); err != nil || len(got) != 10_000 {
		t.Errorf("as many rows as the limit: %d, %v", len(got), err)
	}
	// A result without end must not be made before its first rows are seen.
	q.SQL = "SELECT i FROM " + e.Numbers(100_000_000_000)
	got, err = read(t, s, q, telemetry.Limits{Rows: 100, Time: time.Minute})
	wantLimit(t, err, telemetry.LimitRows)
	if len(got) != 100 {
		t.Errorf("%d rows came before the limit of 100", len(got))
	}
}

func byteLimit(t *testing.T, e Engine) {
	s := open(t, e)
	q := telemetry.Statement{SQL: "SELECT repeat('x', 1000) AS x FROM " + e.Numbers(100_000), Columns: []telemetry.ResultColumn{{Name: "x", Type: value.String}}}
	got, err := read(t, s, q, telemetry.Limits{Bytes: 1 << 20})
	wantLimit(t, err, telemetry.LimitBytes)
	if n := len(got); n < 1000 || n > 1<<20/1000 {
		t.Errorf("%d rows came before the limit", n)
	}
}

func timeLimit(t *testing.T, e Engine) {
	s := open(t, e)
	began := time.Now()
	_, err := read(t, s, telemetry.Statement{SQL: e.Slow}, telemetry.Limits{Time: 300 * time.Millisecond})
	wantLimit(t, err, telemetry.LimitTime)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a query with a limit of 300 ms took %s", took)
	}
	works(t, s)
}

func memoryLimit(t *testing.T, e Engine) {
	s := open(t, e)
	_, err := read(t, s, telemetry.Statement{SQL: e.Hungry}, telemetry.Limits{Time: 2 * time.Minute, Memory: 256 << 20})
	wantLimit(t, err, telemetry.LimitMemory)
	works(t, s)
}

func cancelled(t *testing.T, e Engine) {
	s := open(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	began := time.Now()
	rows, err := s.Query(ctx, telemetry.Statement{SQL: e.Slow}, telemetry.Limits{})
	if err == nil {
		for _, e := range rows.All() {
			err = errors.Join(err, e)
		}
		rows.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a cancelled query took %s", took)
	}
	works(t, s)
}

// closeEarly gives back what a result that is not read to its end holds.
func closeEarly(t *testing.T, e Engine) {
	s := open(t, e)
	for range 20 {
		rows, err := s.Query(t.Context(), telemetry.Statement{SQL: "SELECT i FROM " + e.Numbers(100_000_000_000)}, telemetry.Limits{Time: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		for range rows.All() {
			break
		}
		if err := errors.Join(rows.Close(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func works(t *testing.T, s telemetry.Store) {
	t.Helper()
	equal(t, mustRead(t, s, telemetry.Statement{SQL: "SELECT 1 AS x", Columns: []telemetry.ResultColumn{{Name: "x", Type: value.Long}}}), [][]value.Value{{value.LongOf(1)}})
	if err := s.Health(t.Context()); err != nil {
		t.Errorf("Health: %v", err)
	}
}

func badQuery(t *testing.T, e Engine) {
	s := open(t, e)
	for _, sql := range []string{"", "   ", ";", "SELECT", "SELECT * FROM nowhere", "SELECT nothing", "SELECT 1; SELECT 2", "not sql", "SELECT 'open"} {
		_, err := read(t, s, telemetry.Statement{SQL: sql}, telemetry.Limits{Time: time.Minute})
		if !errors.Is(err, telemetry.ErrQuery) {
			t.Errorf("%q: got %v", sql, err)
		}
	}
	works(t, s)
}

func forbidden(t *testing.T, e Engine) {
	s := open(t, e)
	ensure(t, s, events(t))
	appendRows(t, s, numbered(events(t), 0, 3)...)
	for _, sql := range e.Forbidden {
		if got, err := read(t, s, telemetry.Statement{SQL: sql}, telemetry.Limits{Time: time.Minute}); err == nil {
			t.Errorf("%q: was run and gave %v", sql, got)
		}
	}
	if n := count(t, s, ws, "Events"); n != 3 {
		t.Errorf("%d rows are left of 3", n)
	}
	works(t, s)
}

// argumentsComeBack binds any value and gets the same.
func argumentsComeBack(t *testing.T, e Engine) {
	s := open(t, e)
	check := func(v value.Value) {
		t.Helper()
		q := telemetry.Statement{SQL: "SELECT " + e.Arg(1, v.Type) + " AS x", Args: []value.Value{v}, Columns: []telemetry.ResultColumn{{Name: "x", Type: v.Type}}}
		equal(t, mustRead(t, s, q), [][]value.Value{{v}})
	}
	for _, v := range []value.Value{
		value.BoolOf(true), value.IntOf(-5), value.LongOf(-1 << 63), value.RealOf(0.1), value.DateTimeOf(value.MaxDateTime), value.TimeSpanOf(-1),
		value.NullOf(value.Long), text(""), text("NULL"), text(`\N`), text("a\tb\nc\\n'\"`\x00"), value.JSONOf(`{"a":"\\"}`),
	} {
		check(v)
	}
	rapid.Check(t, func(r *rapid.T) { check(text(rapid.String().Draw(r, "text"))) })
}

// wantedTypes reads what an engine computes as the types that were asked for.
func wantedTypes(t *testing.T, e Engine) {
	s := open(t, e)
	q := telemetry.Statement{
		SQL: "SELECT 1 + 1 AS a, count(*) AS b, 1.5 AS c, sum(i) AS d, 'x' AS e, 1 = 1 AS f, NULL AS g, max(i) AS h FROM " + e.Numbers(4),
		Columns: []telemetry.ResultColumn{
			{Name: "A", Type: value.Long}, {Name: "B", Type: value.Long}, {Name: "C", Type: value.Real}, {Name: "D", Type: value.Long},
			{Name: "E", Type: value.String}, {Name: "F", Type: value.Bool}, {Name: "G", Type: value.String}, {Name: "H", Type: value.DateTime},
		},
	}
	equal(t, mustRead(t, s, q), [][]value.Value{{
		value.LongOf(2), value.LongOf(4), value.RealOf(1.5), value.LongOf(6), text("x"), value.BoolOf(true), text(""), value.DateTimeOf(3),
	}})
	rows, err := s.Query(t.Context(), q, telemetry.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, rows.Columns(), q.Columns)
	rows.Close()
	q.Columns = q.Columns[:2]
	if _, err := read(t, s, q, telemetry.Limits{}); !errors.Is(err, telemetry.ErrQuery) {
		t.Errorf("two types for eight columns: %v", err)
	}
	q = telemetry.Statement{SQL: "SELECT 'x' AS a", Columns: []telemetry.ResultColumn{{Name: "a", Type: value.Long}}}
	if _, err := read(t, s, q, telemetry.Limits{}); !errors.Is(err, telemetry.ErrQuery) {
		t.Errorf("a text as a number: %v", err)
	}
}

// concurrency appends, queries and grows tables at the same time: every row that
// was acknowledged is there, once, and counts never shrink.
func concurrency(t *testing.T, e Engine) {
	s := open(t, e)
	of := events(t)
	ensure(t, s, of)
	const writers, appends, each = 4, 10, 50
	var g errgroup.Group
	for w := range writers {
		g.Go(func() error {
			for i := range appends {
				if err := s.Append(t.Context(), ws, numbered(of, (w*appends+i)*each, each)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for range 3 {
		g.Go(func() error {
			var last int64
			for range 15 {
				rows, err := s.Query(t.Context(), telemetry.Statement{SQL: "SELECT count(*) AS n FROM " + s.TableSQL(ws, "Events"), Columns: []telemetry.ResultColumn{{Name: "n", Type: value.Long}}}, telemetry.Limits{})
				if err != nil {
					return err
				}
				for r, err := range rows.All() {
					if err != nil {
						return errors.Join(err, rows.Close())
					}
					if r[0].Num < last || r[0].Num%each != 0 {
						t.Errorf("%d rows are seen after %d", r[0].Num, last)
					}
					last = r[0].Num
				}
				if err := rows.Close(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		for i := range 5 {
			other := table(t, string(rune('P'+i)), "N long")
			if err := s.Ensure(t.Context(), ws, []*telemetry.Table{other}); err != nil {
				return err
			}
			if _, err := s.Stats(t.Context(), ws); err != nil {
				return err
			}
			if _, err := s.Expire(t.Context(), ws, "Events", 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	q := telemetry.Statement{SQL: `SELECT count(*), count(DISTINCT "N") FROM ` + s.TableSQL(ws, "Events"), Columns: []telemetry.ResultColumn{{Name: "n", Type: value.Long}, {Name: "d", Type: value.Long}}}
	equal(t, mustRead(t, s, q), [][]value.Value{{value.LongOf(writers * appends * each), value.LongOf(writers * appends * each)}})
}
