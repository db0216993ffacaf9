package pivot

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func held(table string) bool {
	return slices.Contains([]string{"DeviceProcessEvents", "DeviceNetworkEvents", "SigninLogs", "EmailEvents", "SecurityEvent"}, table)
}

// TestQueries holds the queries of each kind of entity in files.
func TestQueries(t *testing.T) {
	for name, s := range map[string]Subject{
		"device":  {Held: held, Kind: "device", Identifiers: []Identifier{{"fqdn", "ws1.corp.example"}, {"deviceId", "d1"}}},
		"user":    {Held: held, Kind: "user", Identifiers: []Identifier{{"upn", "amy@corp.example"}, {"sid", "S-1-5-21-1-2-3-1001"}, {"sam", "amy"}}},
		"ip":      {Held: held, Kind: "ip", Identifiers: []Identifier{{"address", "203.0.113.9"}}},
		"file":    {Held: held, Kind: "file", Identifiers: []Identifier{{"sha1", strings.Repeat("a1", 20)}}},
		"mail":    {Held: held, Kind: "mail", Identifiers: []Identifier{{"networkMessageId", "m1"}}},
		"hostile": {Held: held, Kind: "user", Identifiers: []Identifier{{"upn", "x\" or true // \\\n| take 1\u202e"}}},
	} {
		var b strings.Builder
		for _, q := range Queries(s, at) {
			b.WriteString("// " + q.Name + ": " + q.Description + "\n" + q.Query + "\n")
		}
		b.WriteString("// Timeline\n" + Timeline(s, at.Add(-time.Hour), at, 200))
		golden(t, name+".kql", b.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what is written now; run with -update and look at the difference", path)
	}
}

func TestWhatTheTelemetryDoesNotKnow(t *testing.T) {
	s := Subject{Kind: "malware", Identifiers: []Identifier{{"name", "x"}}}
	if Known(s) || len(Queries(s, at)) != 0 || Timeline(s, at, at, 1) != "" {
		t.Error("queries about what no table names")
	}
	if q := Queries(Subject{Kind: "ip", Identifiers: []Identifier{{"address", "203.0.113.9"}}, Held: func(string) bool { return false }}, at); len(q) == 0 || q[0].Name == "Everything around it" {
		t.Error("without any rows there are the themes, and nothing to put together")
	}
	if !Known(Subject{Kind: "ip", Identifiers: []Identifier{{"address", "203.0.113.9"}}}) {
		t.Error("addresses are known")
	}
}
