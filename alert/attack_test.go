package alert

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTechniqueTableIsSortedAndWellFormed(t *testing.T) {
	if n := len(Techniques()); n < 690 {
		t.Fatalf("only %d techniques", n)
	}
	last := ""
	for _, tech := range Techniques() {
		if !ValidTechniqueID(tech.ID) || tech.ID <= last || tech.Name == "" || len(tech.Tactics) == 0 {
			t.Errorf("bad row %+v after %s", tech, last)
		}
		if !slices.IsSortedFunc(tech.Tactics, func(a, b Tactic) int { return a.Order() - b.Order() }) {
			t.Errorf("%s: tactics out of order", tech.ID)
		}
		last = tech.ID
		if _, ok := LookupTechnique(tech.ID[:5]); !ok {
			t.Errorf("%s has no parent", tech.ID)
		}
	}
}

func TestLookupTechnique(t *testing.T) {
	tech, ok := LookupTechnique("T1059.001")
	if !ok || tech.Name != "PowerShell" || tech.Tactics[0] != TacticExecution {
		t.Errorf("got %+v, %v", tech, ok)
	}
	for _, id := range []string{"", "T9999", "T1059.999", "t1059", "T1059.01", "x"} {
		if _, ok := LookupTechnique(id); ok {
			t.Errorf("%q was found", id)
		}
	}
	if got := UnknownTechniques(&Alert{MITRETechniques: []string{"T1059", "T9999", "none"}}); !slices.Equal(got, []string{"T9999", "none"}) {
		t.Errorf("unknown: %v", got)
	}
}

func TestParseTechniques(t *testing.T) {
	for text, want := range map[string][]string{
		"PowerShell (T1059.001)":         {"T1059.001"},
		"attack.t1059.001, attack.t1003": {"T1059.001", "T1003"},
		"T1566 - Phishing; T1566":        {"T1566"},
		"AT1059 T10590 T105 XT1059":      nil,
		"T1059.0011":                     {"T1059"},
		"T1003.":                         {"T1003"},
	} {
		if got := ParseTechniques(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestTacticsOf(t *testing.T) {
	for name, c := range map[string]struct {
		alert Alert
		want  []Tactic
	}{
		"category":            {Alert{Category: "CredentialAccess"}, []Tactic{TacticCredentialAccess}},
		"defender category":   {Alert{Category: "Ransomware"}, []Tactic{TacticImpact}},
		"kill chain order":    {Alert{Categories: []string{"Impact", "lateral-movement", "Initial Access"}}, []Tactic{TacticInitialAccess, TacticLateralMovement, TacticImpact}},
		"techniques":          {Alert{Category: "SuspiciousActivity", MITRETechniques: []string{"T1486", "T1566.002"}}, []Tactic{TacticInitialAccess, TacticImpact}},
		"category wins":       {Alert{Category: "Execution", MITRETechniques: []string{"T1486"}}, []Tactic{TacticExecution}},
		"nothing known":       {Alert{Category: "UnwantedSoftware", MITRETechniques: []string{"T9999"}}, nil},
		"no repeats":          {Alert{Category: "Discovery", Categories: []string{"TA0007"}}, []Tactic{TacticDiscovery}},
		"first tactic counts": {Alert{MITRETechniques: []string{"T1078"}}, []Tactic{TacticInitialAccess}},
	} {
		if diff := cmp.Diff(c.want, TacticsOf(&c.alert)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTacticNames(t *testing.T) {
	if len(Tactics()) != 14 || Tactics()[0] != TacticReconnaissance || Tactics()[13] != TacticImpact {
		t.Errorf("tactics: %v", Tactics())
	}
	c2 := TacticCommandAndControl
	if c2.ID() != "TA0011" || c2.ShortName() != "command-and-control" || c2.Name() != "Command and Control" || !c2.Known() {
		t.Errorf("%s %s %s", c2.ID(), c2.ShortName(), c2.Name())
	}
	if odd := Tactic("Odd"); odd.Known() || odd.Name() != "Odd" || odd.ID() != "" {
		t.Error("unknown tactic")
	}
}

func TestEnumerations(t *testing.T) {
	if got := ParseEnum[Classification]("TRUEPOSITIVE"); got != ClassificationTruePositive {
		t.Errorf("got %q", got)
	}
	if got := ParseEnum[Role]("bystander"); got != "bystander" || got.Known() {
		t.Errorf("got %q", got)
	}
	if m := Members[Severity](); len(m) != 6 || m[1] != SeverityInformational {
		t.Errorf("members %v", m)
	}
	order := []Severity{SeverityUnknown, SeverityInformational, SeverityLow, SeverityMedium, SeverityHigh}
	for i, s := range order {
		if s.Rank() != i {
			t.Errorf("%s has rank %d", s, s.Rank())
		}
	}
}
