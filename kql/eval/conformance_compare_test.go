//go:build conformance

package eval_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/value"
)

// compareRows compares rows in order where the query fixes it, else as sets.
func (e example) compareRows(got [][]value.Value) string {
	subset := e.Truncated || e.Complete != nil && !*e.Complete
	if !subset && len(got) != len(e.Rows) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(e.Rows))
	}
	if e.Ordered && !subset {
		for i := range got {
			if !e.sameRow(e.Rows[i], got[i]) {
				return fmt.Sprintf("row %d: %s", i, e.show(e.Rows[i], got[i]))
			}
		}
		return ""
	}
	left := slices.Clone(got)
	for _, want := range e.Rows {
		i := slices.IndexFunc(left, func(row []value.Value) bool { return e.sameRow(want, row) })
		if i < 0 {
			var first []value.Value
			if len(left) > 0 {
				first = left[0]
			}
			return e.show(want, first)
		}
		left = slices.Delete(left, i, i+1)
	}
	return ""
}

func (e example) show(want []*string, got []value.Value) string {
	var w, g []string
	for _, c := range want {
		if c == nil {
			w = append(w, "null")
		} else {
			w = append(w, *c)
		}
	}
	for _, v := range got {
		g = append(g, v.String())
	}
	return fmt.Sprintf("want %q, for example %q", w, g)
}

func (e example) sameRow(want []*string, got []value.Value) bool {
	for i := range want {
		kind := "string"
		if i < len(e.Types) {
			kind = e.Types[i]
		}
		if !e.sameCell(kind, want[i], got[i]) {
			return false
		}
	}
	return len(want) == len(got)
}

// sameCell compares a cell as text with a value, by the rules of the samples.
func (e example) sameCell(kind string, want *string, got value.Value) bool {
	docs := e.Trust != ""
	got = got.Normal()
	if docs && want != nil && strings.EqualFold(strings.TrimSpace(*want), "null") && kind != "string" {
		want = nil
	}
	if docs && (want == nil || *want == "") {
		return got.Null || got.String() == "" || kind == "dynamic" && got.Text == "[]"
	}
	if want == nil || got.Null {
		return want == nil && got.Null || kind == "dynamic" && want != nil && *want == "null"
	}
	switch kind {
	case "int", "long", "real", "decimal":
		return e.sameNumber(*want, got)
	case "bool":
		return value.ParseBool(*want).Num == value.Convert(got, value.Bool).Num
	case "datetime", "timespan", "guid":
		t, _ := value.ParseType(kind)
		return value.Equal(value.Parse(*want, t), value.Convert(got, t))
	case "dynamic":
		return e.sameJSON(anyJSON(*want), anyJSON(got.Text))
	}
	return *want == got.String()
}

// anyJSON reads JSON, or takes a text as itself.
func anyJSON(s string) any {
	var out any
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if d.Decode(&out) != nil || d.More() {
		return s
	}
	return out
}

func (e example) sameNumber(want string, got value.Value) bool {
	text := got.String()
	if got.Type.Integral() && strings.Trim(strings.ReplaceAll(want, ",", ""), "-0123456789") == "" && len(e.Approximate) == 0 {
		return strings.ReplaceAll(want, ",", "") == text
	}
	return e.near(want, value.ParseReal(text).Float)
}

// near allows the tolerance of the set: relative for the engine, and half a unit
// of the last digit that is written for the documentation.
func (e example) near(want string, got float64) bool {
	want = strings.NewReplacer(",", "", "∞", "inf").Replace(strings.TrimSpace(want))
	w := value.ParseReal(want)
	switch {
	case w.Null:
		return false
	case math.IsNaN(w.Float) || math.IsNaN(got):
		return math.IsNaN(w.Float) && math.IsNaN(got)
	case math.IsInf(w.Float, 0) || math.IsInf(got, 0):
		return w.Float == got
	case len(e.Approximate) > 0:
		return math.Abs(w.Float-got) <= 0.05*max(math.Abs(w.Float), 1e-12)
	}
	tolerance := 1e-9 * max(math.Abs(w.Float), math.Abs(got), 1e-12)
	if e.Trust != "" {
		_, digits, _ := strings.Cut(want, ".")
		tolerance = max(tolerance, 0.5000001*math.Pow(10, -float64(len(digits))))
	}
	return math.Abs(w.Float-got) <= tolerance
}

func (e example) sameJSON(a, b any) bool {
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		if !ok {
			return false
		}
		f, err := strconv.ParseFloat(string(y), 64)
		return err == nil && (x == y || e.near(string(x), f))
	case []any:
		y, ok := b.([]any)
		return ok && e.sameArray(x, y)
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if w, ok := y[k]; !ok || !e.sameJSON(v, w) {
				return false
			}
		}
		return true
	case string:
		y, ok := b.(string)
		if !ok {
			return false
		}
		s, t := value.ParseDateTime(x), value.ParseDateTime(y)
		return x == y || !s.Null && value.Equal(s, t)
	}
	return a == b
}

func (e example) sameArray(x, y []any) bool {
	if len(x) != len(y) {
		return false
	}
	if len(e.SetOrder) > 0 {
		key := func(a, b any) int {
			s, _ := json.Marshal(a)
			t, _ := json.Marshal(b)
			return strings.Compare(string(s), string(t))
		}
		x, y = slices.SortedFunc(slices.Values(x), key), slices.SortedFunc(slices.Values(y), key)
	}
	for i := range x {
		if !e.sameJSON(x[i], y[i]) {
			return false
		}
	}
	return true
}
