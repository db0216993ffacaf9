//go:build conformance

package eval_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/eval"
)

// example is a query with its recorded answer.
type example struct {
	ID               string
	Query            string
	Expect           string
	Columns          []string
	Types            []string
	Rows             [][]*string
	Complete         *bool
	Truncated        bool
	Ordered          bool
	Trust            string
	ColumnsCheck     string   `json:"columns_check"`
	Nondeterministic []string `json:"nondeterministic"`
	External         []string `json:"external"`
	Approximate      []string `json:"approximate"`
	SetOrder         []string `json:"set_order"`
	Needs            []string
}

// counts tells whether the example can be compared.
func (e example) counts() bool {
	return len(e.Nondeterministic) == 0 && len(e.External) == 0 && (e.Trust == "" || e.Trust == "high")
}

func examples(t *testing.T, name string) []example {
	t.Helper()
	root := os.Getenv("CLEW_SHARED")
	if root == "" {
		t.Fatal("set CLEW_SHARED to the folder with the samples")
	}
	f, err := os.Open(filepath.Join(root, "kql", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []example
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%v: %.200s", err, lines.Bytes())
		}
		out = append(out, e)
	}
	return out
}

// answer runs a query; a panic is an error.
func answer(query string) (t eval.Table, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return execute(query, generous)
}

// wrong tells what is wrong with the answer to an example; empty is nothing.
func (e example) wrong() string {
	got, err := answer(e.Query)
	if e.Expect == "error" {
		if err == nil {
			return "accepted, must be refused"
		}
		return ""
	}
	if err != nil {
		return err.Error()
	}
	names := make([]string, len(got.Cols))
	for i, c := range got.Cols {
		names[i] = c.Name
	}
	sameNames := strings.Join(names, "\x00") == strings.Join(e.Columns, "\x00")
	if len(names) != len(e.Columns) || !sameNames && (e.Trust == "" || e.ColumnsCheck == "exact") {
		return fmt.Sprintf("columns %v, want %v", names, e.Columns)
	}
	return e.compareRows(got.Rows)
}

// TestConformanceOfAnswers compares whole queries, run in memory, with the
// recorded answers of the engine and of the documentation.
func TestConformanceOfAnswers(t *testing.T) {
	for _, set := range []struct {
		file  string
		share float64
	}{{"engine-examples.jsonl", 0.99}, {"docs-examples.jsonl", 0.89}} {
		right, all := 0, 0
		causes := map[string]int{}
		for _, e := range examples(t, set.file) {
			if !e.counts() {
				continue
			}
			all++
			why := e.wrong()
			if why == "" {
				right++
				continue
			}
			t.Logf("%s: %.300s", e.ID, why)
			for _, n := range e.Needs {
				causes[n]++
			}
		}
		share := float64(right) / float64(max(all, 1))
		t.Logf("%s: %d of %d right (%.2f %%); the others use %v", set.file, right, all, 100*share, causes)
		if share < set.share {
			t.Errorf("%s: %.4f are right, want %.4f", set.file, share, set.share)
		}
	}
}
