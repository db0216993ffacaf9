package correlate_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

// set puts settings in force.
func (f *flow) set(t interface{ Fatal(...any) }, s correlate.Settings) correlate.Outcome {
	out, err := f.apply(correlate.Command{Kind: correlate.CommandSettings, Settings: &s})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func disabled(rule string, g *correlate.Grouping) correlate.Settings {
	return correlate.Settings{Rules: []correlate.RuleControl{{Rule: "det-" + rule, State: correlate.RuleDisabled, Grouping: g}}}
}

// TestGroupingOfExcludedRules plays what each grouping must do with a few alerts:
// the digits say which alerts share an incident.
func TestGroupingOfExcludedRules(t *testing.T) {
	t.Parallel()
	const rule = "Port scan"
	minutes := func(n int, f finding) finding {
		f.rule, f.at = cmpOr(f.rule, rule), begin.Add(time.Duration(n)*time.Minute)
		return f
	}
	for name, c := range map[string]struct {
		grouping *correlate.Grouping
		alerts   []finding
		want     string
	}{
		"the default: same entities within 5 hours of the first": {nil, []finding{
			minutes(0, finding{user: 1, device: 1}), minutes(10, finding{user: 1, device: 1}), minutes(20, finding{user: 1, device: 2}),
			minutes(300, finding{user: 1, device: 1}), minutes(301, finding{user: 1, device: 1}),
		}, "11213"},
		"some of the entities are not all": {nil, []finding{
			minutes(0, finding{user: 1, device: 1}), minutes(1, finding{user: 1}), minutes(2, finding{device: 1}), minutes(3, finding{user: 1, device: 1, hash: 4}),
		}, "1234"},
		"a short time frame": {&correlate.Grouping{Window: 300, Match: correlate.MatchAll}, []finding{
			minutes(0, finding{user: 1}), minutes(5, finding{user: 1}), minutes(6, finding{user: 1}), minutes(11, finding{user: 1}), minutes(12, finding{user: 1}),
		}, "11223"},
		"late alerts count by their activity": {&correlate.Grouping{Window: 600, Match: correlate.MatchAll}, []finding{
			minutes(10, finding{user: 1}), minutes(5, finding{user: 1}), minutes(16, finding{user: 1}), minutes(14, finding{user: 1}),
		}, "1122"},
		"any alert": {&correlate.Grouping{Window: 3600, Match: correlate.MatchAny}, []finding{
			minutes(0, finding{user: 1}), minutes(1, finding{device: 9}), minutes(2, finding{}), minutes(61, finding{user: 1}),
		}, "1112"},
		"any alert of this rule only": {&correlate.Grouping{Window: 3600, Match: correlate.MatchAny}, []finding{
			minutes(0, finding{user: 1, device: 1, hash: 5}), minutes(1, finding{user: 1, device: 1, hash: 5, rule: "Unusual export"}), minutes(2, finding{user: 2}),
		}, "121"},
		"selected kind": {&correlate.Grouping{Window: 3600, Match: correlate.MatchSelected, Kinds: []entity.Kind{entity.User}}, []finding{
			minutes(0, finding{user: 1, device: 1}), minutes(1, finding{user: 1, device: 2}), minutes(2, finding{user: 2, device: 1}), minutes(3, finding{device: 1}), minutes(4, finding{device: 1}),
		}, "11234"},
		"selected detail": {&correlate.Grouping{Window: 3600, Match: correlate.MatchSelected, Details: []correlate.Detail{correlate.DetailTitle}}, []finding{
			minutes(0, finding{user: 1, title: "A"}), minutes(1, finding{user: 2, title: "A"}), minutes(2, finding{user: 1, title: "B"}),
		}, "112"},
		"selected kind and detail": {&correlate.Grouping{Window: 3600, Match: correlate.MatchSelected, Kinds: []entity.Kind{entity.User}, Details: []correlate.Detail{correlate.DetailTitle}}, []finding{
			minutes(0, finding{user: 1, title: "A"}), minutes(1, finding{user: 2, title: "A"}), minutes(2, finding{user: 1, title: "B"}), minutes(3, finding{user: 1, title: "A"}),
		}, "1231"},
		"nothing to compare": {nil, []finding{minutes(0, finding{}), minutes(1, finding{})}, "12"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFlow(correlate.Options{})
			f.set(t, disabled(rule, c.grouping))
			var homes []correlate.IncidentID
			for i, a := range c.alerts {
				a.id = fmt.Sprint("x", i)
				made := a.alert()
				out := f.add(made)
				if out.Excluded != (a.rule == rule) {
					t.Errorf("alert %d: excluded %v", i, out.Excluded)
				}
				if !out.Created && (len(out.Link.Facts) != 1 || !strings.Contains(out.Link.Facts[0].Text, "excluded from correlation")) {
					t.Errorf("alert %d: link %+v", i, out.Link)
				}
				homes = append(homes, f.home(a.id))
			}
			if got := pattern(homes); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// pattern numbers incidents in order of appearance.
func pattern(homes []correlate.IncidentID) string {
	var order []correlate.IncidentID
	out := ""
	for _, h := range homes {
		if !slices.Contains(order, h) {
			order = append(order, h)
		}
		out += fmt.Sprint(slices.Index(order, h) + 1)
	}
	return out
}

// An incident of an excluded rule takes 150 alerts, then the next begins.
func TestGroupedIncidentsAreBounded(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{})
	f.set(t, disabled("Port scan", &correlate.Grouping{Window: correlate.MaxWindow, Match: correlate.MatchAny}))
	sizes := map[correlate.IncidentID]int{}
	for i := range 400 {
		id := fmt.Sprint("x", i)
		f.add(finding{id: id, rule: "Port scan", at: begin.Add(time.Duration(i) * time.Second), user: 1 + i%7}.alert())
		sizes[f.home(id)]++
	}
	if diff := cmp.Diff(map[correlate.IncidentID]int{1: 150, 2: 150, 3: 100}, sizes); diff != "" {
		t.Error(diff)
	}
}

func TestGroupingLeavesClosedIncidentsAlone(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{})
	f.set(t, disabled("Port scan", nil))
	scan := func(id string, n int) correlate.IncidentID {
		f.add(finding{id: id, rule: "Port scan", at: begin.Add(time.Duration(n) * time.Minute), user: 1}.alert())
		return f.home(id)
	}
	first := scan("a", 0)
	if _, err := f.apply(correlate.Command{Kind: correlate.CommandState, Incident: first, State: correlate.State{Closed: true}}); err != nil {
		t.Fatal(err)
	}
	second := scan("b", 1)
	if second == first || scan("c", 2) != second {
		t.Errorf("incidents %d, %d, %d", first, second, f.home("c"))
	}
}

// The state is stamped on an alert when it comes: what is set later changes
// neither where it is nor how its updates are treated.
func TestStateIsStampedOnArrival(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{})
	f.set(t, disabled("Port scan", nil))
	scan := finding{id: "a", rule: "Port scan", at: begin, user: 1, device: 1}
	f.add(scan.alert())
	was := f.home("a")
	f.set(t, correlate.Settings{})
	f.add(finding{id: "b", rule: "Port scan", at: begin.Add(time.Minute), user: 1, device: 1}.alert())
	scan.hash = 77
	out := f.add(scan.alert())
	if !out.Update || !out.Excluded || f.home("a") != was || f.home("b") == was || len(out.Merges) > 0 {
		t.Errorf("%+v, a in %d (was %d), b in %d", out, f.home("a"), was, f.home("b"))
	}
}

func TestStateOfRules(t *testing.T) {
	t.Parallel()
	on := correlate.Settings{Rules: []correlate.RuleControl{{Rule: "on", State: correlate.RuleEnabled}, {Rule: "off", State: correlate.RuleDisabled}}}
	off := on
	off.Default = correlate.RuleDisabled
	for name, c := range map[string]struct {
		settings          correlate.Settings
		rule, description string
		want              bool
	}{
		"on by default":               {on, "x", "", false},
		"off by default":              {off, "x", "", true},
		"tag excludes":                {on, "x", "#DONT_CORR# a rule", true},
		"tag excludes in any case":    {on, "x", "#dont_Corr#", true},
		"tag includes":                {off, "x", "#INC_CORR# a rule", false},
		"tag must come first":         {on, "x", " #DONT_CORR#", false},
		"tag must be whole":           {on, "x", "#DONT_CORR", false},
		"set on counts over the tag":  {on, "on", "#DONT_CORR#", false},
		"set off counts over the tag": {on, "off", "#INC_CORR#", true},
		"set on counts over default":  {off, "on", "", false},
	} {
		s, err := c.settings.Complete()
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := s.StateOf(c.rule, c.description); got != c.want {
			t.Errorf("%s: excluded %v", name, got)
		}
	}
}

// An excluded entity links nothing, by whichever of its names it comes.
func TestExcludedEntityLinksNothing(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]correlate.Exclusion{
		"principal name": {Kind: correlate.ExcludeIdentifier, Value: "USER9@contoso.example"},
		"account":        {Kind: correlate.ExcludeIdentifier, Value: `contoso\user9`},
		"sid":            {Kind: correlate.ExcludeIdentifier, Value: "s-1-5-21-7-7-7-1009"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFlow(correlate.Options{})
			f.set(t, correlate.Settings{Exclude: []correlate.Exclusion{x}})
			for i := range 6 {
				id := fmt.Sprint("x", i)
				a := finding{id: id, rule: rules[i%3], at: begin.Add(time.Duration(i) * time.Minute), user: 9}.alert()
				if i%2 == 1 { // by the security identifier alone
					u := a.Evidence[0].(*alert.UserEvidence).UserAccount
					u.UserPrincipalName, u.AccountName, u.DomainName = "", "", ""
				}
				if out := f.add(a); !out.Created || len(out.Link.Entities) > 0 || len(out.Entities) == 0 {
					t.Errorf("alert %d joined incident %d: %+v", i, out.Incident, out.Link)
				}
			}
		})
	}
}

func TestExcludedNetworksAndDomains(t *testing.T) {
	t.Parallel()
	s, err := correlate.Settings{Exclude: []correlate.Exclusion{
		{Kind: correlate.ExcludeCIDR, Value: "10.1.0.9/16"}, {Kind: correlate.ExcludeCIDR, Value: "2001:db8::1"},
		{Kind: correlate.ExcludeDomain, Value: "*.Corp.Example."},
	}}.Complete()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id   entity.Identifier
		want bool
	}{
		{entity.Identifier{Kind: entity.IP, Type: "address", Value: "10.1.200.3"}, true},
		{entity.Identifier{Kind: entity.IP, Type: "address", Value: "10.2.0.1"}, false},
		{entity.Identifier{Kind: entity.IP, Type: "address", Value: "2001:db8::1"}, true},
		{entity.Identifier{Kind: entity.IP, Type: "address", Value: "2001:db8::2"}, false},
		{entity.Identifier{Kind: entity.Device, Type: "fqdn", Value: "dc1.corp.example"}, true},
		{entity.Identifier{Kind: entity.Device, Type: "fqdn", Value: "dc1.notcorp.example"}, false},
		{entity.Identifier{Kind: entity.Domain, Type: "domain", Value: "corp.example"}, true},
		{entity.Identifier{Kind: entity.URL, Type: "url", Value: "https://www.corp.example/x"}, true},
		{entity.Identifier{Kind: entity.User, Type: "upn", Value: "amy@mail.corp.example"}, true},
		{entity.Identifier{Kind: entity.User, Type: "upn", Value: "corp.example@evil.example"}, false},
	} {
		if got := s.Excludes([]entity.Identifier{c.id}); got != c.want {
			t.Errorf("%+v: %v", c.id, got)
		}
	}
}

// Settings that come back change nothing else: an excluded entity that is allowed
// again links as it did.
func TestExclusionCanBeTakenBack(t *testing.T) {
	t.Parallel()
	f := settled(t)
	f.set(t, correlate.Settings{Exclude: []correlate.Exclusion{{Kind: correlate.ExcludeIdentifier, Value: "user450@contoso.example"}}})
	f.set(t, correlate.Settings{})
	ids := attack(f, "x", 450, 6)
	for _, id := range ids[1:] {
		if f.home(id) != f.home(ids[0]) {
			t.Errorf("%s is in incident %d, %s in %d", id, f.home(id), ids[0], f.home(ids[0]))
		}
	}
}

func TestCriticalityFollowsIdentifiersAndJoins(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{})
	out := f.add(finding{id: "a", rule: "r", at: begin, user: 3, device: 3}.alert())
	user, device := out.Entities[0].ID, out.Entities[1].ID
	out = f.set(t, correlate.Settings{Assets: []correlate.AssetCriticality{{Value: "PC3.contoso.example", Level: correlate.CriticalityCritical}, {Value: "user3@contoso.example", Level: correlate.CriticalityLow}}})
	if want := []entity.ID{min(user, device), max(user, device)}; !slices.Contains(out.Relevelled, device) || !slices.Contains(out.Relevelled, user) {
		t.Errorf("relevelled %v, want %v among them", out.Relevelled, want)
	}
	if f.engine.Criticality(device) != correlate.CriticalityCritical || f.engine.Criticality(user) != correlate.CriticalityLow {
		t.Errorf("device %s, user %s", f.engine.Criticality(device), f.engine.Criticality(user))
	}
	out = f.set(t, correlate.Settings{Assets: []correlate.AssetCriticality{{Value: "PC3.contoso.example", Level: correlate.CriticalityCritical}}})
	if diff := cmp.Diff([]entity.ID{user}, out.Relevelled); diff != "" || f.engine.Criticality(user) != correlate.CriticalityNormal {
		t.Error(diff)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	group := func(g correlate.Grouping) correlate.Settings {
		return correlate.Settings{Rules: []correlate.RuleControl{{Rule: "r", Grouping: &g}}}
	}
	for field, s := range map[string]correlate.Settings{
		"default":                         {Default: "maybe"},
		"rules[0].rule":                   {Rules: []correlate.RuleControl{{State: correlate.RuleEnabled}}},
		"rules[0].state":                  {Rules: []correlate.RuleControl{{Rule: "r", State: "maybe"}}},
		"rules":                           {Rules: []correlate.RuleControl{{Rule: "r", State: correlate.RuleEnabled}, {Rule: "r", State: correlate.RuleDisabled}}},
		"rules[0].grouping.windowSeconds": group(correlate.Grouping{Window: 299}),
		"rules[0].grouping.match":         group(correlate.Grouping{Match: "some"}),
		"rules[0].grouping.kinds":         group(correlate.Grouping{Match: correlate.MatchSelected}),
		"rules[0].grouping.details":       group(correlate.Grouping{Match: correlate.MatchSelected, Details: []correlate.Detail{"colour"}}),
		"excludedEntities[0].value":       {Exclude: []correlate.Exclusion{{Kind: correlate.ExcludeCIDR, Value: "10.0.0.0/40"}}},
		"excludedEntities[0].kind":        {Exclude: []correlate.Exclusion{{Kind: "regexp", Value: ".*"}}},
		"excludedEntities[1].value":       {Exclude: []correlate.Exclusion{{Kind: correlate.ExcludeDomain, Value: "a.example"}, {Kind: correlate.ExcludeDomain, Value: "a b"}}},
		"assetCriticality[0].level":       {Assets: []correlate.AssetCriticality{{Value: "x", Level: "huge"}}},
		"assetCriticality[0].value":       {Assets: []correlate.AssetCriticality{{Value: " ", Level: correlate.CriticalityHigh}}},
		"assetCriticality":                {Assets: []correlate.AssetCriticality{{Value: "X", Level: correlate.CriticalityHigh}, {Value: "x", Level: correlate.CriticalityLow}}},
	} {
		var bad *correlate.SettingError
		if _, err := s.Complete(); !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("%s: %v", field, err)
		}
		f := newFlow(correlate.Options{})
		before := snapshot(t, f.engine)
		if _, err := f.apply(correlate.Command{Kind: correlate.CommandSettings, Settings: &s}); err == nil || !bytes.Equal(before, snapshot(t, f.engine)) {
			t.Errorf("%s: taken by the engine (%v)", field, err)
		}
	}
	whole, err := correlate.Settings{
		Default: "default", Rules: []correlate.RuleControl{{Rule: "b", State: correlate.RuleDisabled}, {Rule: "a"}},
		Exclude: []correlate.Exclusion{{Kind: correlate.ExcludeDomain, Value: "B.example"}, {Kind: correlate.ExcludeDomain, Value: "b.example"}, {Kind: correlate.ExcludeCIDR, Value: "10.9.9.9/8"}},
	}.Complete()
	if err != nil {
		t.Fatal(err)
	}
	again, err := whole.Complete()
	if diff := cmp.Diff(whole, again); diff != "" || err != nil || len(whole.Rules) != 1 || len(whole.Exclude) != 2 || whole.Exclude[0].Value != "10.0.0.0/8" {
		t.Errorf("%+v %v\n%s", whole, err, diff)
	}
}

// drawn settings, some of which matter to the company's alerts.
func drawSettings(t *rapid.T) correlate.Settings {
	s := correlate.Settings{Default: rapid.SampledFrom([]correlate.RuleState{correlate.RuleEnabled, correlate.RuleDisabled}).Draw(t, "default")}
	for _, r := range rules[:rapid.IntRange(0, len(rules)).Draw(t, "rules")] {
		c := correlate.RuleControl{Rule: "det-" + r, State: rapid.SampledFrom([]correlate.RuleState{correlate.RuleDefault, correlate.RuleEnabled, correlate.RuleDisabled}).Draw(t, "state")}
		if rapid.Bool().Draw(t, "grouped") {
			c.Grouping = &correlate.Grouping{
				Window:  rapid.Int64Range(correlate.MinWindow, correlate.MaxWindow).Draw(t, "window"),
				Match:   rapid.SampledFrom([]correlate.Match{correlate.MatchAll, correlate.MatchAny, correlate.MatchSelected}).Draw(t, "match"),
				Kinds:   rapid.SliceOfNDistinct(rapid.SampledFrom([]entity.Kind{entity.User, entity.Device, entity.IP}), 1, 3, rapid.ID).Draw(t, "kinds"),
				Details: rapid.SliceOfNDistinct(rapid.SampledFrom([]correlate.Detail{correlate.DetailTitle, correlate.DetailSeverity}), 0, 2, rapid.ID).Draw(t, "details"),
			}
		}
		s.Rules = append(s.Rules, c)
	}
	for range rapid.IntRange(0, 3).Draw(t, "exclusions") {
		s.Exclude = append(s.Exclude, rapid.SampledFrom([]correlate.Exclusion{
			{Kind: correlate.ExcludeIdentifier, Value: "198.51.100.1"}, {Kind: correlate.ExcludeDomain, Value: "contoso.example"},
			{Kind: correlate.ExcludeCIDR, Value: "10.0.0.0/24"}, {Kind: correlate.ExcludeIdentifier, Value: "user1@contoso.example"},
		}).Draw(t, "exclusion"))
	}
	if rapid.Bool().Draw(t, "critical") {
		s.Assets = []correlate.AssetCriticality{{Value: "pc1.contoso.example", Level: correlate.CriticalityCritical}}
	}
	return s
}

// Settings that change in mid-stream are part of the stream: restarts from
// snapshots at any place change nothing, and a replay of the same alerts and
// commands comes to the same state, byte for byte.
func TestSettingsInMidStream(t *testing.T) {
	t.Parallel()
	as := company(12, 160)
	rapid.Check(t, func(t *rapid.T) {
		whole, parted := newFlow(correlate.Options{}), newFlow(correlate.Options{})
		var log []func(*flow)
		for _, a := range as[:rapid.IntRange(20, len(as)).Draw(t, "alerts")] {
			if rapid.IntRange(0, 30).Draw(t, "set") == 0 {
				s := drawSettings(t)
				if diff := cmp.Diff(whole.set(t, s), parted.set(t, s)); diff != "" {
					t.Fatal(diff)
				}
				log = append(log, func(f *flow) { f.set(t, s) })
			}
			if rapid.IntRange(0, 40).Draw(t, "restart") == 0 {
				e, err := correlate.Restore(snapshot(t, parted.engine), correlate.Options{})
				if err != nil {
					t.Fatal(err)
				}
				parted.engine = e
			}
			if diff := cmp.Diff(whole.add(a), parted.add(a)); diff != "" {
				t.Fatal(diff)
			}
			log = append(log, func(f *flow) { f.add(a) })
		}
		again := newFlow(correlate.Options{})
		for _, step := range log {
			step(again)
		}
		if w := snapshot(t, whole.engine); !bytes.Equal(w, snapshot(t, parted.engine)) || !bytes.Equal(w, snapshot(t, again.engine)) {
			t.Fatal("the states differ")
		}
	})
}

// An incident whose alerts an analyst moved away takes no more.
func TestGroupingLeavesEmptiedIncidentsAlone(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{})
	f.set(t, disabled("Port scan", &correlate.Grouping{Window: 3600, Match: correlate.MatchAny}))
	scan := func(id string, n int) correlate.IncidentID {
		f.add(finding{id: id, rule: "Port scan", at: begin.Add(time.Duration(n) * time.Minute), user: 1}.alert())
		return f.home(id)
	}
	f.add(finding{id: "other", rule: "Unusual export", at: begin, user: 2}.alert())
	first := scan("a", 0)
	if _, err := f.apply(correlate.Command{Kind: correlate.CommandMove, Incident: f.home("other"), Alerts: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	if second := scan("b", 1); second == first || second == f.home("a") {
		t.Errorf("incidents %d, %d, %d", first, f.home("a"), second)
	}
}
