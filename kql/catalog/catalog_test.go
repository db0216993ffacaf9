package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/catalog"
)

func all() []*catalog.Function {
	return slices.Concat(catalog.ScalarFunctions(), catalog.AggregateFunctions(), catalog.PluginFunctions())
}

// TestEveryEntryIsWhole wants a sentence, signatures and named parameters of
// each entry, and that old names lead to names that are there.
func TestEveryEntryIsWhole(t *testing.T) {
	if n := len(all()); n < 350 {
		t.Fatalf("only %d entries", n)
	}
	for _, f := range all() {
		if !strings.HasSuffix(f.Doc, ".") || len(f.Signatures) == 0 {
			t.Errorf("%s has no sentence or no signature", f.Name)
		}
		for _, s := range f.Signatures {
			low, high := s.Bounds()
			if low > high {
				t.Errorf("%s takes at least %d and at most %d arguments", f.Name, low, high)
			}
			for _, p := range s.Params {
				if p.Name == "" || p.Class.String() == "" {
					t.Errorf("%s has a parameter without a name", f.Name)
				}
			}
		}
		if f.Deprecated() && lookup(f.Successor) == nil {
			t.Errorf("%s leads to %s, which is not there", f.Name, f.Successor)
		}
		if lookup(f.Canonical) == nil {
			t.Errorf("%s is %s, which is not there", f.Name, f.Canonical)
		}
	}
}

func lookup(name string) *catalog.Function {
	for _, find := range []func(string) *catalog.Function{catalog.ScalarFunction, catalog.AggregateFunction, catalog.PluginFunction} {
		if f := find(name); f != nil {
			return f
		}
	}
	return nil
}

func TestNotation(t *testing.T) {
	f := catalog.ScalarFunction("indexof")
	p := f.Signatures[0].Params
	if len(p) != 5 || p[0].Optional() || !p[2].Optional() || p[4].Form != catalog.Constant || p[4].Class != catalog.Integer {
		t.Errorf("indexof has the parameters %+v", p)
	}
	if low, high := catalog.ScalarFunction("strcat").Signatures[0].Bounds(); low != 1 || high != 64 {
		t.Errorf("strcat takes %d to %d arguments", low, high)
	}
	if r := catalog.ScalarFunction("series_fit_line").Signatures[0].Result; r.Rule != catalog.Tuple || len(r.Columns) != 6 {
		t.Errorf("series_fit_line gives %+v", r)
	}
	if f := catalog.AggregateFunction("makeset"); f.Canonical != "make_set" || !f.Deprecated() || f.Prefix != "set" {
		t.Errorf("makeset is %+v", f)
	}
}

func TestOperatorsAreExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range catalog.Operators() {
		if o.Syntax == "" || !strings.HasSuffix(o.Doc, ".") || seen[o.Name] {
			t.Errorf("operator %q is not explained, or twice there", o.Name)
		}
		seen[o.Name] = true
	}
	if catalog.OperatorNamed("mv-expand") == nil {
		t.Error("mv-expand is not there")
	}
}
