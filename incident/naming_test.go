package incident

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

var update = flag.Bool("update", false, "write the golden files anew")

func named(titles, tactics, products []string, kinds map[entity.Kind]int) Incident {
	i := New(12, epoch)
	for n, title := range titles {
		m := Member{ID: fmt.Sprint(n), Title: title, Severity: "medium", First: epoch, Last: epoch}
		if n < len(tactics) {
			m.Tactics = []string{tactics[n]}
		}
		if n < len(products) {
			m.Product = products[n]
		}
		i.Add(m)
	}
	i.SetScope(func(yield func(Involved) bool) {
		id := entity.ID(0)
		for _, k := range []entity.Kind{entity.Device, entity.User, entity.Mailbox, entity.IP} {
			for range kinds[k] {
				id++
				if !yield(Involved{ID: id, Kind: k, Label: fmt.Sprintf("%s-%d", k, id), Impacted: true, Alerts: 1}) {
					return
				}
			}
		}
	})
	i.Refresh()
	return i
}

// TestNamesAndPriorities keeps both in a file, so that a change of words or
// weights is seen as what it is.
func TestNamesAndPriorities(t *testing.T) {
	all := []Incident{
		named([]string{"Odd sign-in"}, nil, nil, map[entity.Kind]int{entity.Device: 1}),
		named([]string{"Odd sign-in"}, []string{"InitialAccess"}, nil, map[entity.Kind]int{entity.User: 1}),
		named([]string{"Odd sign-in"}, nil, nil, map[entity.Kind]int{entity.User: 4, entity.Mailbox: 2}),
		named([]string{"Odd mail"}, nil, nil, map[entity.Kind]int{entity.Mailbox: 3}),
		named([]string{"Scan"}, nil, nil, map[entity.Kind]int{entity.IP: 3}),
		named([]string{"a", "b"}, []string{"InitialAccess", "lateral-movement"}, []string{"P", "Q"}, map[entity.Kind]int{entity.Device: 3}),
		named([]string{"a", "b", "c"}, []string{"Impact", "Execution", "CommandAndControl"}, []string{"P"}, map[entity.Kind]int{entity.Device: 1}),
		named([]string{"a", "b", "c", "d"}, []string{"InitialAccess", "Execution", "Discovery", "Impact"}, []string{"P", "Q", "R"}, map[entity.Kind]int{entity.Device: 9, entity.User: 5}),
		named([]string{"a", "b"}, []string{"Discovery"}, nil, map[entity.Kind]int{entity.User: 2}),
		named([]string{"a", "b", "b"}, nil, nil, nil),
		named(nil, nil, nil, nil),
		named([]string{"<script>alert(1)</script>\u202e\x1b[31m\n" + strings.Repeat("long ", 100)}, nil, nil, map[entity.Kind]int{entity.Device: 1}),
	}
	var b strings.Builder
	for _, i := range all {
		fmt.Fprintf(&b, "%s\n\tpriority %d\n", i.Name, i.Priority)
		for _, f := range i.PriorityFactors {
			fmt.Fprintf(&b, "\t%+d %s: %s\n", f.Points, f.Name, f.Text)
		}
	}
	path := filepath.Join("testdata", "names.golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHostileTextIsBoundedEverywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + strings.Repeat(rapid.SampledFrom([]string{"\u202e", "x", "\x00", "é", "\xff"}).Draw(t, "filler"), 3000)
		i := New(1, epoch)
		log := Grow(&i, Growth{Added: []Member{{ID: "a", Title: text, Severity: text, Product: text, Tactics: []string{text}}}, At: epoch, Actor: Correlation,
			Involved: func(yield func(Involved) bool) {
				yield(Involved{ID: 1, Kind: entity.Device, Label: text, Impacted: true, Criticality: correlate.CriticalityCritical})
			}})
		check := func(what, s string, limit int) {
			if utf8.RuneCountInString(s) > limit || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\u202e\x1b\n") {
				t.Fatalf("%s: %q", what, s)
			}
		}
		check("name", i.Name, MaxName)
		check("text", log[0].Text, maxText)
		check("label", i.TopAssets[0].Label, maxTitle)
		for _, f := range i.PriorityFactors {
			check("factor", f.Text, maxText)
		}
		if i.Priority < 0 || i.Priority > 100 {
			t.Fatalf("priority %d", i.Priority)
		}
	})
}

func TestTopAssets(t *testing.T) {
	i := New(1, epoch)
	levels := map[int]correlate.Criticality{3: correlate.CriticalityCritical, 19: correlate.CriticalityCritical, 7: correlate.CriticalityHigh, 6: correlate.CriticalityLow}
	i.SetScope(func(yield func(Involved) bool) {
		for n := range 20 {
			if !yield(Involved{ID: entity.ID(n), Kind: entity.User, Label: fmt.Sprint(n), Impacted: n != 19, Criticality: levels[n], Alerts: n % 7}) {
				return
			}
		}
	})
	var got []int64
	for _, a := range i.TopAssets {
		got = append(got, a.ID)
	}
	if !cmp.Equal(got, []int64{3, 7, 13, 5, 12}) || i.Scope["user"] != 20 || !cmp.Equal(i.SystemTags, []string{CriticalAssetTag}) {
		t.Errorf("top %v, scope %v, tags %v", got, i.Scope, i.SystemTags)
	}
}
