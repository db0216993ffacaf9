package story

import (
	"testing"
	"time"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

func TestBecause(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	dump := Peer{Title: "Memory was dumped", First: noon.Add(-20 * time.Minute), Last: noon.Add(-14 * time.Minute), Tactic: firstTactic([]string{"credential-access"})}
	amy := correlate.SharedEntity{ID: 1, Kind: entity.User, Label: "amy@corp.example", Alerts: 3, Total: 20000}
	device := correlate.SharedEntity{ID: 2, Kind: entity.Device, Label: "lm-01", Alerts: 1100, Total: 20000}
	process := correlate.SharedEntity{ID: 3, Kind: entity.Process, Label: "a.exe", Alerts: 150, Total: 20000}
	file := correlate.SharedEntity{ID: 4, Kind: entity.File, Label: "a.exe", Alerts: 150, Total: 20000}
	to := []correlate.LinkedAlert{{ID: "p", Title: "Memory was dumped"}}
	for name, c := range map[string]struct {
		link correlate.Link
		want string
	}{
		"opened": {correlate.Link{}, ""},
		"manual": {correlate.Link{Manual: true, Alerts: to}, "Put here by a person"},
		"shared": {
			correlate.Link{Alerts: to, Entities: []correlate.SharedEntity{amy, device}, TacticFrom: "CredentialAccess", TacticTo: "LateralMovement"},
			"Same user amy@corp.example (rare: in 3 of 20,000 alerts) and same device lm-01 (common: in 1,100 of 20,000 alerts), 14 minutes after the end of “Memory was dumped” (credential access), a later step: from credential access to lateral movement",
		},
		"a process and its file are one": {
			correlate.Link{Entities: []correlate.SharedEntity{process, file, amy}},
			"Same process a.exe (in 150 of 20,000 alerts) and same user amy@corp.example (rare: in 3 of 20,000 alerts), and 1 more",
		},
		"unknown peer": {
			correlate.Link{Alerts: []correlate.LinkedAlert{{ID: "gone", Title: "Gone"}}, Gap: 54, Facts: []correlate.Fact{{Weight: 1, Text: "same rule"}, {Weight: -1, Text: "against"}}},
			"Same rule, linked to “Gone”",
		},
		"repeat":    {correlate.Link{Facts: []correlate.Fact{{Feature: "repeat", Text: "repeat 2 of the same rule"}}}, "Repeat 2 of the same rule"},
		"step back": {correlate.Link{Entities: []correlate.SharedEntity{{Kind: entity.IP, Label: "10.0.0.1"}}, TacticFrom: "Impact", TacticTo: "Discovery"}, "Same address 10.0.0.1"},
		"came with a merge": {
			correlate.Link{Alerts: to, Entities: []correlate.SharedEntity{amy}, Through: &correlate.LinkedAlert{ID: "p"}},
			"Came with an incident that “Memory was dumped” (credential access) tied to this one, by the same user amy@corp.example (rare: in 3 of 20,000 alerts)",
		},
		"came with a merge of an alert that is gone": {
			correlate.Link{Alerts: to, Through: &correlate.LinkedAlert{ID: "gone", Title: "Gone"}},
			"Came with an incident that “Gone” tied to this one",
		},
		"came with a merge of long ago": {
			correlate.Link{Alerts: []correlate.LinkedAlert{{ID: "own", Title: "Own"}}, Entities: []correlate.SharedEntity{device}},
			"Came with an incident that was merged into this one, by the same device lm-01 (common: in 1,100 of 20,000 alerts)",
		},
		"a hostile name": {
			correlate.Link{Entities: []correlate.SharedEntity{{Kind: entity.File, Label: "invoice\u202efdp.exe”, and more"}}},
			"Same file “invoice[U+202E]fdp.exe', and more”",
		},
	} {
		got := Reason(Because(Alert{ID: "own", First: noon, Last: noon, Link: c.link}, func(id string) (Peer, bool) { return dump, id == "p" }))
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestBecauseTellsTheDirectionOfTime(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	link := correlate.Link{Alerts: []correlate.LinkedAlert{{ID: "p"}}}
	for at, want := range map[time.Duration]string{
		-2 * time.Hour:   "ended 1 hour 59 minutes before “Scan”",
		30 * time.Second: "active at the same time as “Scan”",
		2 * time.Minute:  "60 seconds after the end of “Scan”",
		26 * time.Hour:   "1 day 1 hour after the end of “Scan”",
	} {
		got := Because(Alert{First: noon.Add(at), Last: noon.Add(at + time.Minute), Link: link}, func(string) (Peer, bool) {
			return Peer{Title: "Scan", First: noon, Last: noon.Add(time.Minute)}, true
		})
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
}

// An alert of one moment has no end to count from, nor one to come to.
func TestBecauseOfMoments(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	link := correlate.Link{Alerts: []correlate.LinkedAlert{{ID: "p"}}}
	for at, want := range map[time.Duration]string{
		-30 * time.Second:      "30 seconds before “Scan”",
		0:                      "active at the same time as “Scan”",
		300 * time.Millisecond: "less than a second after “Scan”",
		3 * time.Minute:        "3 minutes after “Scan”",
	} {
		got := Because(Alert{First: noon.Add(at), Last: noon.Add(at), Link: link}, func(string) (Peer, bool) {
			return Peer{Title: "Scan", First: noon, Last: noon}, true
		})
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
}
