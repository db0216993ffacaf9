package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/server/api"
	"github.com/clew-sec/clew/telemetry"
)

// TestHostileQueries: a query that would eat the machine ends within its limits,
// with an error that names one, and others are answered meanwhile.
func TestHostileQueries(t *testing.T) {
	ctx := t.Context()
	cfg := Config{Data: t.TempDir(), Now: time.Now}
	cfg.complete()
	st, err := openStore(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	tele, err := openTelemetry(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer tele.Close()
	h := newHunter(cfg, tele, st, nil)
	h.time = 5 * time.Second
	run := func(user, text string) error {
		_, err := h.Run(ctx, api.Hunt{Workspace: DefaultWorkspace, User: user, Text: text, MaxRows: 1000})
		return err
	}
	deep := strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000)
	for name, text := range map[string]string{
		"a megabyte":          "print " + strings.Repeat("'0123456789', ", 80_000) + "1",
		"nested parentheses":  "print " + deep,
		"a huge range":        "range x from 1 to 1000000000000 step 1 | summarize sum(x * x) by x % 1000003",
		"an expansion bomb":   "range a from 1 to 3000 step 1 | extend l = range(1, 3000) | mv-expand l | extend m = range(1, 3000) | mv-expand m | summarize dcount(strcat(a, l, m))",
		"a cross join":        "range x from 1 to 300000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 300000 step 1 | extend k = 1) on k | summarize max(x * y)",
		"text without end":    "print s = 'x' | extend s = strrep(s, 1000000) | extend s = strcat(s, s, s, s, s, s, s, s) | extend s = strcat(s, s, s, s, s, s, s, s) | extend s = strcat(s, s, s, s, s, s, s, s) | extend s = strcat(s, s, s, s, s, s, s, s) | project strlen(s)",
		"an expression tower": "print x = 1" + strings.Repeat(" | extend x = x + x * x", 300),
		"functions of functions": "let a = () { 1 }; let b = () { a() + a() }; let c = () { b() + b() + b() + b() }; let d = () { c() + c() + c() + c() + c() + c() + c() + c() };" +
			"let e = () { d() + d() + d() + d() + d() + d() + d() + d() }; let f = () { e() + e() + e() + e() + e() + e() + e() + e() };" +
			"let g = () { f() + f() + f() + f() + f() + f() + f() + f() }; print g()",
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			err := run("mallory", text)
			if took := time.Since(began); took > 4*h.time {
				t.Errorf("took %v", took)
			}
			var limit *telemetry.LimitError
			var wrong *api.QueryError
			if err != nil && !errors.As(err, &limit) && !errors.As(err, &wrong) {
				t.Errorf("ended with %v, which names no limit", err)
			}
			if err := run("amy", "print 1"); err != nil {
				t.Errorf("and then nobody is answered: %v", err)
			}
		})
	}
}

// TestExponentialPatterns: regular expressions are run by an engine that takes
// linear time.
func TestExponentialPatterns(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cfg := Config{Data: t.TempDir(), Now: time.Now}
	cfg.complete()
	st, err := openStore(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	tele, err := openTelemetry(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer tele.Close()
	h := newHunter(cfg, tele, st, nil)
	for _, q := range []string{
		`print s = strcat(strrep('a', 20000), '!') | where s matches regex '(a+)+$' | count`,
		`print s = strcat(strrep('a', 20000), '!') | extend x = extract('(a|a)*b', 1, s) | project x`,
		`print s = strcat(strrep('a', 20000), '!') | extend x = replace_regex(s, '(a*)*', 'b') | project strlen(x)`,
	} {
		if _, err := h.Run(ctx, api.Hunt{Workspace: DefaultWorkspace, User: "mallory", Text: q, MaxRows: 10}); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
}
