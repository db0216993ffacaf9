package story

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/demo"
	"github.com/clew-sec/clew/incident"
)

func TestReport(t *testing.T) {
	t.Parallel()
	s := demo.Generate(demo.Options{Seed: 21, Alerts: 1000})
	in := attackInput(s, "web-shell-1")
	got := Report(incident.Incident{ID: 12, Name: "Multi-stage incident on 2 devices", Severity: "high", Status: incident.Active, Priority: 91}, Build(in))
	golden := filepath.Join("testdata", "report.md")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("the report changed (-want +got):\n%s", d)
	}
}

func TestReportKeepsForeignTextText(t *testing.T) {
	t.Parallel()
	evil := "x|y](https://evil.test) <img src=x> **bold** `code`\n# head www.evil.test"
	s := demo.Generate(demo.Options{Seed: 5, Alerts: 1000})
	in := attackInput(s, s.Attacks[0].Name)
	for i := range in.Alerts {
		in.Alerts[i].Title, in.Alerts[i].Product, in.Alerts[i].Severity = evil, evil, evil
	}
	for i := range in.Entities {
		in.Entities[i].Label = evil
	}
	in.Limits.Timeline = 2
	got := Report(incident.Incident{Name: evil, Owner: evil, Tags: []string{evil}}, Build(in))
	for _, raw := range []string{"https://", "www.", "<img", "**bold", " `code", "x|y"} {
		if strings.Contains(got, raw) {
			t.Errorf("%q is in the report as it came", raw)
		}
	}
	if open := regexp.MustCompile(`(^|[^\\])[][]`).FindString(got); open != "" {
		t.Errorf("%q opens or closes a link", open)
	}
	if !strings.Contains(got, "not listed") {
		t.Error("the report does not say what it leaves out")
	}
}
