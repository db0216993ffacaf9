package api

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry"
)

// pack is a hunter that answers by what the query says.
type pack struct{ asked []Hunt }

func (p *pack) Run(_ context.Context, q Hunt) (Catch, error) {
	p.asked = append(p.asked, q)
	typo := []syntax.Diagnostic{{Start: 4, End: 9, Message: "There is no operator \"wehre\".", Code: "unknown-operator", Suggestions: []string{"where"}}}
	switch {
	case strings.Contains(q.Text, "wehre"):
		return Catch{}, &QueryError{Diagnostics: typo}
	case strings.Contains(q.Text, "slow"):
		return Catch{}, &telemetry.LimitError{Limit: telemetry.LimitTime, Value: int64(3 * time.Minute)}
	case strings.Contains(q.Text, "many"):
		return Catch{}, &telemetry.LimitError{Limit: telemetry.LimitQueries, Value: 4}
	case strings.Contains(q.Text, "broken"):
		return Catch{}, errors.New("the engine's secrets")
	}
	return Catch{
		Columns: []telemetry.ResultColumn{{Name: "t", Type: value.DateTime}, {Name: "s", Type: value.String}, {Name: "n", Type: value.Long}, {Name: "r", Type: value.Real}, {Name: "d", Type: value.Dynamic}},
		Rows: [][]value.Value{
			{value.DateTimeOf(value.UnixEpoch + 1), value.StringOf("<b>\u202e\x00"), value.LongOf(math.MaxInt64), value.RealOf(math.NaN()), value.JSONOf(`{"a":[1,"x"]}`)},
			{value.NullOf(value.DateTime), value.StringOf(""), value.LongOf(7), value.RealOf(0.5), value.NullOf(value.Dynamic)},
		},
		Cut: &telemetry.LimitError{Limit: telemetry.LimitRows, Value: 2}, Chart: "timechart", Settings: map[string]string{"title": "x"}, Tables: []string{"T"},
		Used: telemetry.Usage{Processor: 7 * time.Millisecond, Scanned: 1000, Memory: 1 << 20},
	}, nil
}

func (p *pack) Check(_ context.Context, _, text string) ([]syntax.Diagnostic, []telemetry.ResultColumn, error) {
	return []syntax.Diagnostic{{Start: 0, End: len(text), Message: "m", Code: "c", Severity: syntax.Warning}}, []telemetry.ResultColumn{{Name: "x", Type: value.Guid}}, nil
}

func (p *pack) Tables(context.Context, string) ([]*telemetry.Table, []telemetry.TableStats, error) {
	t, err := telemetry.NewTable("Things_CL", "custom", "Things.", []telemetry.Column{{Name: "TimeGenerated", Type: value.DateTime, Doc: "When."}})
	return []*telemetry.Table{t}, []telemetry.TableStats{{Table: "Things_CL", Rows: 3, Bytes: 99, Oldest: value.UnixEpoch, Newest: value.UnixEpoch + value.Day}, {Table: "DeviceProcessEvents", Rows: 1}}, err
}

func (p *pack) Functions() []HuntingFunction {
	return []HuntingFunction{{Name: "ago", Kind: "scalar", Signature: "ago(span)", Description: "Now less a span."}}
}

func withHunter(o *Options) { o.Hunter, o.Tables = &pack{}, shelf{} }

// stockHunting puts into a store what the answers show.
func stockHunting(b *bench) {
	ctx := context.Background()
	for _, q := range []store.SavedQuery{
		{Name: "shared", Query: "T", Shared: true, Owner: "the-admin", Function: "Recent", Parameters: "(n:long)", CreatedAt: noon, UpdatedAt: noon},
		{Name: "private", Query: "T", Owner: "the-admin", CreatedAt: noon, UpdatedAt: noon},
	} {
		if _, err := b.store.CreateQuery(ctx, "default", q); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := b.store.PutWatchlist(ctx, "default", store.Watchlist{Name: "vip", SearchKey: "upn", Columns: []string{"upn"}, Items: [][]string{{"<b>"}}, UpdatedAt: noon}); err != nil {
		b.t.Fatal(err)
	}
	for _, user := range []string{"the-viewer", "the-admin", "the-viewer"} {
		if _, err := b.store.AddRun(ctx, "default", store.Run{At: noon, User: user, Interface: "portal", Query: "T", State: store.RunCompleted}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// TestEveryRunIsInTheHistory: also those that failed, with what they failed by.
func TestEveryRunIsInTheHistory(t *testing.T) {
	b := newBench(t, withHunter)
	for _, q := range []string{"T", "T | wehre", "slow", "broken"} {
		b.call("viewer", "POST /hunting/query", `{"query":"`+q+`"}`)
	}
	var states []string
	for _, r := range b.store.History {
		states = append(states, string(r.State)+" "+r.Message)
		if strings.Contains(r.Message, "secrets") {
			t.Error("the history tells what is inside")
		}
	}
	got := strings.Join(states, "; ")
	for _, want := range []string{"limited the result has more than 2 rows", "failed The query can't be run: There is no operator", "limited the query took longer than 3m0s", "failed Something went wrong"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
}

// TestRowsByInterface: people get as many rows as they can look at, programs more.
func TestRowsByInterface(t *testing.T) {
	p := &pack{}
	b := newBench(t, func(o *Options) { o.Hunter = p })
	b.call("viewer", "POST /hunting/query", `{"query":"T","maxRows":100000}`)
	b.call("token:read", "POST /hunting/query", `{"query":"T","maxRows":100000}`)
	b.call("token:read", "POST /hunting/query", `{"query":"T","maxRows":5}`)
	for i, want := range []int{maxPortalRows, maxAPIRows, 5} {
		if p.asked[i].MaxRows != want {
			t.Errorf("run %d may give %d rows, want %d", i, p.asked[i].MaxRows, want)
		}
	}
}

// TestCellsOfHostileEvents: what an event holds can't keep a result from being
// written.
func TestCellsOfHostileEvents(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"a":2}`: `"{\"a\":1,\"a\":2}"`, `not json`: `"not json"`, ``: `""`, "\"\xff\"": `"\"\ufffd\""`, `[1]`: `[1]`,
	} {
		out := cells([][]value.Value{{value.JSONOf(text), value.RealOf(math.Inf(-1)), {Type: value.Decimal, Text: "1.50"}}})
		var b strings.Builder
		if err := jsonFormat.Marshal(&b, out); err != nil || strings.ReplaceAll(b.String(), "\uFFFD", `\ufffd`) != `[[`+want+`,"-inf","1.50"]]` {
			t.Errorf("%q: %s %v", text, b.String(), err)
		}
	}
}
