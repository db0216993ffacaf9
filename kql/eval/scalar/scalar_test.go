package scalar

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/value"
)

var shortTypes = map[string]value.Type{"s": value.String, "l": value.Long, "i": value.Int, "r": value.Real, "b": value.Bool, "t": value.DateTime,
	"p": value.TimeSpan, "d": value.Dynamic, "n": value.Decimal, "g": value.Guid}

// literal reads type:text; the text null is null.
func literal(t *testing.T, s string) value.Value {
	t.Helper()
	short, text, ok := strings.Cut(s, ":")
	typ, known := shortTypes[short]
	if !ok || !known {
		t.Fatalf("no literal: %q", s)
	}
	text = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\v`, "|").Replace(text)
	if text == "null" && typ != value.String {
		return value.NullOf(typ)
	}
	v := value.Parse(text, typ)
	if v.Null {
		t.Fatalf("no %s: %q", typ, text)
	}
	return v
}

func same(a, b value.Value) bool {
	if a.Type == value.Real && b.Type == value.Real && !a.Null && !b.Null {
		return math.IsNaN(a.Float) && math.IsNaN(b.Float) || a.Float == b.Float || math.Abs(a.Float-b.Float) <= 1e-12*math.Abs(a.Float)
	}
	return a.Type == b.Type && a.Null == b.Null && string(a.AppendKey(nil)) == string(b.AppendKey(nil))
}

// TestCases runs the golden cases: function, arguments and result.
func TestCases(t *testing.T) {
	b, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(string(b), "\n") {
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		call, want, ok := strings.Cut(l, " => ")
		parts := strings.Split(call, " | ")
		if !ok {
			t.Fatalf("no result: %q", l)
		}
		var args []value.Value
		var consts []*value.Value
		for _, p := range parts[1:] {
			args = append(args, literal(t, p))
		}
		for i := range args {
			consts = append(consts, &args[i])
		}
		f, known := Lookup(parts[0])
		if !known || !f.takes(len(args)) {
			t.Errorf("%s: no such function", l)
			continue
		}
		w := literal(t, want)
		if got := f.Call(args); !same(got, w) {
			t.Errorf("%s: got %s %q (null %v)", l, got.Type, got, got.Null)
		}
		if got := f.BindConstants(consts)(args); !same(got, w) {
			t.Errorf("%s: bound, got %s %q (null %v)", l, got.Type, got, got.Null)
		}
	}
}

var fuzzTexts = []string{"", "a", "alpha-beta_gamma", "Straße", "10.0.0.1", "10.0.0.0/8", "fe80::1", "[a-z]+(", `(\w+)-(\d+)`, "https://u:p@h.x:8/p?q=1#f", "1.02:03:04",
	"2020-02-29T23:59:59.9999999Z", "xn--bcher-kva", "eJwDAAAAAAE=", "H4sIAAAAAAAA", `C:\x\y "q`, "<a b='1'><c/>t</a>", "yyyy-MM-dd", "month", "$.a[0]", "-1", "9223372036854775807",
	"sv8wz", "1.2.3", "regex", "\xff\xfe", "😀", "linfit", "tukey"}

var fuzzJSON = []string{"[1,2,3,null]", "[1.5,-2,3e300]", `["a","b"]`, `{"a":{"b":[1,{"c":null}]}}`, "[]", "{}", `"x"`, "[true,false]", "[[1],[2]]",
	`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`, "[1,5,1,5,1,5,1,5,1,5,1,5]"}

// fuzzValue makes a value of a byte and a number.
func fuzzValue(kind byte, n int64, s string) value.Value {
	switch kind % 12 {
	case 0:
		return value.BoolOf(n&1 == 1)
	case 1:
		return value.IntOf(int32(n))
	case 2:
		return value.LongOf(n)
	case 3:
		return value.RealOf(math.Float64frombits(uint64(n)))
	case 4:
		return value.RealOf(float64(n % 1000))
	case 5:
		return value.ParseDecimal("12345.678901234567890123")
	case 6:
		return value.DateTimeOf(int64(uint64(n) % uint64(value.MaxDateTime)))
	case 7:
		return value.TimeSpanOf(n)
	case 8:
		return value.ParseDynamic(fuzzJSON[uint64(n)%uint64(len(fuzzJSON))])
	case 9:
		return value.NullOf(value.Type(uint64(n)%10 + 1))
	case 10:
		return value.StringOf(s)
	}
	return value.StringOf(fuzzTexts[uint64(n)%uint64(len(fuzzTexts))])
}

// FuzzScalar calls any function with any values: it must return a value of its
// type, the same one when bound, and never panic.
func FuzzScalar(f *testing.F) {
	names := Names()
	for i := range names {
		f.Add(uint16(i), []byte{8, 10, 2, 11}, int64(3), "a b")
	}
	f.Fuzz(func(t *testing.T, which uint16, kinds []byte, n int64, s string) {
		name := names[int(which)%len(names)]
		fn, _ := Lookup(name)
		if len(kinds) > 7 || len(s) > 10_000 {
			t.Skip()
		}
		args := make([]value.Value, len(kinds))
		consts := make([]*value.Value, len(kinds))
		for i, k := range kinds {
			args[i] = fuzzValue(k, n+int64(i), s)
			consts[i] = &args[i]
		}
		if !fn.takes(len(args)) || name == "range" { // range makes up to a million items, which is right and slow
			t.Skip()
		}
		for _, call := range []Func{fn.Call, fn.BindConstants(consts)} {
			got := call(args)
			if fn.Result != value.Unknown && got.Type != fn.Result && name != "extract_json" && name != "strcmp" {
				t.Fatalf("%s%v gives %s", name, args, got.Type)
			}
			if got.Type == value.Dynamic && !got.Null {
				if _, ok := value.ParseJSON(got.Text); !ok {
					t.Fatalf("%s%v gives no JSON: %q", name, args, got.Text)
				}
			}
			if len(got.Text) > 2*MaxText {
				t.Fatalf("%s makes %d bytes", name, len(got.Text))
			}
		}
	})
}

func BenchmarkTextOperators(b *testing.B) {
	const line = `"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -ExecutionPolicy Bypass -EncodedCommand SQBFAFgAIAAoAE4AZQB3`
	for _, op := range []string{"has", "contains", "endswith", "has_cs"} {
		test, _ := TextTestOf(op, "encodedcommand")
		b.Run(op, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				test(line)
			}
		})
	}
}

// TestLongNeedles wants the linear search to find what the plain one finds, and
// many needles to be found like few.
func TestLongNeedles(t *testing.T) {
	long := strings.Repeat("ab", 40)
	for _, c := range []struct {
		op, text, needle string
		want             bool
	}{
		{"has", "x " + strings.ToUpper(long) + ".", long, true},
		{"has", "x" + long, long, false},
		{"has", long + "ab " + long, long, true},
		{"has", strings.Repeat("ab", 200), long, false},
		{"hasprefix", "-" + long + "x", long, true},
		{"contains", "zz" + long + "zz", strings.ToUpper(long), true},
		{"contains_cs", "zz" + long + "zz", strings.ToUpper(long), false},
		{"hassuffix", "x" + long + "é-", long + "É", true},
	} {
		test, _ := TextTestOf(c.op, c.needle)
		if got := test(c.text); got != c.want {
			t.Errorf("%.20q %s a long needle: %v", c.text, c.op, got)
		}
	}
	words := strings.Fields("one two three four five six seven eight nine ten eleven zwölf")
	any, all := NewTerms(false, words), NewTerms(true, words[:2])
	for text, want := range map[string]bool{"x-ZWÖLF_y": true, "twelve onetwo": false, "": false, "TEN": true} {
		if any(text) != want {
			t.Errorf("%q has any of many: %v", text, !want)
		}
	}
	if !all("two_one") || all("one") {
		t.Error("all of two terms")
	}
}
