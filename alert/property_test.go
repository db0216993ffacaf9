package alert

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// genDoc draws the text of a document for a plan: known properties with values
// of their kind, nulls, and unknown properties between them.
type genDoc struct{ t *rapid.T }

var unknownValues = []string{`null`, `1.10`, `9007199254740993`, `-0`, `1e3`, `"x\u0000y"`, `"\/"`, `[]`, `{"a":[1,{}]}`, `true`, `""`}

func (g genDoc) object(p *plan, first string, depth int) string {
	parts := []string{}
	if first != "" {
		parts = append(parts, first)
	}
	for i, f := range p.fields {
		if f.plan.kind == kindODataType || rapid.IntRange(0, 3).Draw(g.t, "take") != 0 {
			continue
		}
		parts = append(parts, f.quoted+g.value(f.plan, depth))
		if rapid.IntRange(0, 5).Draw(g.t, "foreign") == 0 {
			parts = append(parts, fmt.Sprintf(`"foreign%d":%s`, i, rapid.SampledFrom(unknownValues).Draw(g.t, "unknown")))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (g genDoc) value(p *plan, depth int) string {
	if rapid.IntRange(0, 6).Draw(g.t, "null") == 0 {
		return "null"
	}
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(g.t, "value") }
	switch p.kind {
	case kindString:
		return pick(`""`, `"a"`, `"\u00e9\"\\"`, `"<b>"`, `"é"`)
	case kindEnum:
		return pick(`"`+pick(p.set.members...)+`"`, `"tomorrow"`, `""`)
	case kindInt:
		return pick("0", "-5", "7", "12.0", "1e3", "\"42\"", "2147483647")
	case kindFloat:
		return pick("0", "1.10", "-0.5", "1e-7", "12345678901234567890")
	case kindBool:
		return pick("true", "false")
	case kindTime:
		return pick(`"2025-01-02T03:04:05Z"`, `"2025-01-02T03:04:05.1234567Z"`, `"2025-01-02T03:04:05.120+02:00"`, `"0001-01-01T00:00:00Z"`, `""`)
	case kindBag:
		return pick(`{}`, `{"n":9007199254740993,"s":"x","l":[1.50]}`)
	case kindList:
		if depth == 0 {
			return "[]"
		}
		items := make([]string, rapid.IntRange(0, 3).Draw(g.t, "items"))
		for i := range items {
			items[i] = g.value(p.elem, depth-1)
			if p.elem.kind == kindEvidence && items[i] == "null" {
				items[i] = "{}"
			}
		}
		return "[" + strings.Join(items, ",") + "]"
	case kindEvidence:
		return g.evidence(depth)
	}
	if depth == 0 {
		return "{}"
	}
	return g.object(p, "", depth-1)
}

func (g genDoc) evidence(depth int) string {
	name := rapid.SampledFrom(append(EvidenceTypes(), "futureEvidence")).Draw(g.t, "type")
	p := plans[reflect.TypeOf(NewEvidence(name))]
	return g.object(p, `"@odata.type":"#microsoft.graph.security.`+name+`"`, max(depth-1, 0))
}

func TestPropertyRoundTripIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := genDoc{t}.object(alertPlan, `"@odata.type":"#microsoft.graph.security.alert"`, 4)
		a, err := Decode([]byte(doc), Limits{})
		if err != nil {
			t.Fatalf("%v in %s", err, doc)
		}
		out, err := a.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(doc, string(out)); diff != "" {
			t.Fatalf("(-in +out): %s", diff)
		}
	})
}

func TestPropertyChangesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, err := Decode([]byte(genDoc{t}.object(alertPlan, "", 3)), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		a.Title = rapid.SampledFrom([]string{"", "new", "quote\" and \u2028"}).Draw(t, "title")
		a.Severity = rapid.SampledFrom(Members[Severity]()).Draw(t, "severity")
		a.CreatedDateTime = time.Date(2024, 5, 6, 7, 8, 9, 100*rapid.IntRange(0, 9999999).Draw(t, "ticks"), time.UTC)
		a.SystemTags = rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", ""})).Draw(t, "tags")
		if len(a.Evidence) > 0 && rapid.Bool().Draw(t, "drop") {
			a.Evidence = a.Evidence[1:]
		}
		a.Evidence = append(a.Evidence, &IPEvidence{IPAddress: "192.0.2.9"})
		out, err := a.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Decode(out, Limits{})
		if err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		again, err := b.AppendJSON(nil)
		if err != nil || string(again) != string(out) {
			t.Fatalf("second encoding differs: %v\n%s\n%s", err, out, again)
		}
		if b.Title != a.Title || b.Severity != a.Severity || !b.CreatedDateTime.Equal(a.CreatedDateTime) || len(b.Evidence) != len(a.Evidence) {
			t.Fatalf("a change was lost in %s", out)
		}
		if len(a.SystemTags)+len(b.SystemTags) > 0 && !cmp.Equal(a.SystemTags, b.SystemTags) {
			t.Fatalf("tags %q became %q", a.SystemTags, b.SystemTags)
		}
	})
}

// TestNullAmongTypedEvidence: a null in a list whose items the model types comes
// back as a null, also when an item beside it has gone.
func TestNullAmongTypedEvidence(t *testing.T) {
	const doc = `{"@odata.type":"#microsoft.graph.security.alert","evidence":[{"@odata.type":"#microsoft.graph.security.activeDirectoryDomainEvidence",` +
		`"trustedDomains":[null,{"activeDirectoryDomainName":"a.example"},null]}]}`
	a, err := Decode([]byte(doc), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := a.AppendJSON(nil)
	if err != nil || string(out) != doc {
		t.Fatalf("%v\n%s\n%s", err, doc, out)
	}
	d := a.Evidence[0].(*ActiveDirectoryDomainEvidence)
	d.TrustedDomains = d.TrustedDomains[1:2]
	out, err = a.AppendJSON(nil)
	if want := strings.Replace(strings.Replace(doc, "null,", "", 1), ",null", "", 1); err != nil || string(out) != want {
		t.Errorf("%v\n%s\n%s", err, want, out)
	}
}
