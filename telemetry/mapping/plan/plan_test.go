package plan

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/valyala/fastjson"
)

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-03-02T07:14:06.518Z":          "2026-03-02T07:14:06.5180000Z",
		"2026-03-02 07:14:06.518":           "2026-03-02T07:14:06.5180000Z",
		"2026-03-02T07:14:06.1234567+02:00": "2026-03-02T05:14:06.1234567Z",
		"2026-03-02T07:14:06-0530":          "2026-03-02T12:44:06.0000000Z",
		"2026-03-02 07:14:06 +0000":         "2026-03-02T07:14:06.0000000Z",
		"2026-03-02 07:14:06 UTC":           "2026-03-02T07:14:06.0000000Z",
		"1772435646":                        "2026-03-02T07:14:06.0000000Z",
		"1772435646.5":                      "2026-03-02T07:14:06.5000000Z",
		"1772435646518":                     "2026-03-02T07:14:06.5180000Z",
		"1772435646518000":                  "2026-03-02T07:14:06.5180000Z",
		"1772435646518000100":               "2026-03-02T07:14:06.5180001Z",
		"134169092465180000":                "2026-03-02T07:14:06.5180000Z",
		"Mon Mar  2 07:14:06 2026 UTC":      "2026-03-02T07:14:06.0000000Z",
		"3/2/2026 7:14:06 AM":               "2026-03-02T07:14:06.0000000Z",
		"02/Mar/2026:07:14:06 +0100":        "2026-03-02T06:14:06.0000000Z",
		"2026-03-02":                        "2026-03-02T00:00:00.0000000Z",
		"9999-12-31T23:59:59.9999999Z":      "9999-12-31T23:59:59.9999999Z",
	} {
		ticks, ok := ParseTime([]byte(text))
		if got := FormatTime(ticks); !ok || got != want {
			t.Errorf("%s: %s %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "-", "soon", "2026-13-01T00:00:00Z", "2026-02-31T00:00:00Z", "2026-03-02T24:00:00Z", "0000-01-01T00:00:00Z",
		"12345", "2026-03-02T07:14:06+99:00", "2026-03-02T07:14:06.Z", "0001-01-01T00:00:00+01:00", "99999999999999999999"} {
		if ticks, ok := ParseTime([]byte(text)); ok {
			t.Errorf("%q is read as %s", text, FormatTime(ticks))
		}
	}
}

func TestTimesComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		want := r.Int64N(value.MaxDateTime)
		if got, ok := ParseTime([]byte(FormatTime(want))); !ok || got != want {
			t.Fatalf("%s comes back as %s", FormatTime(want), FormatTime(got))
		}
	}
	at := time.Date(2026, 3, 2, 7, 14, 6, 518_000_100, time.FixedZone("", 3600))
	if ticks, ok := Ticks(at); !ok || FormatTime(ticks) != "2026-03-02T06:14:06.5180001Z" {
		t.Errorf("got %s", FormatTime(ticks))
	}
}

func TestPlansAreChecked(t *testing.T) {
	for name, text := range map[string]string{
		"table":      "plan a\nrow Nothing\n",
		"column":     "plan a\nrow AlertInfo\nNothing: x\n",
		"conversion": "plan a\nrow AlertInfo\nTitle: x | turn\n",
		"pick":       "plan a\nrow AlertInfo\nTitle: x | pick A\n",
		"constant":   "plan a\nrow DeviceInfo\nOSBuild = many\n",
		"block":      "plan a\nrow AlertInfo\nuse nothing\n",
		"no row":     "plan a\nTitle: x\n",
		"no plan":    "row AlertInfo\n",
		"twice":      "plan a\nplan a\n",
		"nonsense":   "plan a\nrow AlertInfo\nTitle\n",
		"no name":    "plan \n",
	} {
		if err := (Set{}).Compile(text); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("block b\nrest AdditionalFields\nplan a fold dash\nwhen x>y = 1, 2\nrow DeviceEvents\nActionType = a\nFileName: a, b>c | base\nuse b\nsame\ndrop q\n")
	f.Fuzz(func(t *testing.T, text string) {
		_ = (Set{}).Compile(text) // must not panic
	})
}

func TestAppendJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"\u0007\\\"\n","b":[1,-0.5e3,true,null],"c":{}}`: `{"a":"\u0007\\\"\n","b":[1,-0.5e3,true,null],"c":{}}`,
		`{"a":nan,"b":inf,"c":01}`:                             `{"a":"nan","b":"inf","c":"01"}`,
	} {
		v, err := fastjson.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		got := string(AppendJSON(nil, v))
		if got != want || fastjson.Validate(got) != nil {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := string(AppendString(nil, "a\xffb")); got != "\"a\uFFFDb\"" {
		t.Errorf("%q", got)
	}
}

func TestIntegers(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, " 12 ": 12, "-7": -7, "0x3e7": 999, "0X3E7": 999, "1e3": 1000, "3.0": 3, "9223372036854775807": 1<<63 - 1} {
		if n, ok := parseInteger([]byte(text)); !ok || n != want {
			t.Errorf("%q: %d %v", text, n, ok)
		}
	}
	for _, text := range []string{"", "x", "1.5", "0x", "1e400", strings.Repeat("9", 50), "99999999999999999999"} {
		if n, ok := parseInteger([]byte(text)); ok {
			t.Errorf("%q is %d", text, n)
		}
	}
}
