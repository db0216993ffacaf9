package workspace

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/store"
)

// maxChanges bounds the differences that are listed of one version.
const maxChanges = 200

// differences says in words what distinguishes two settings.
func differences(before, after correlate.Settings) []store.SettingChange {
	var out []store.SettingChange
	each := func(a, b map[string]string, told func(key, before, after string) store.SettingChange) {
		keys := slices.Collect(maps.Keys(a))
		for k := range b {
			if _, ok := a[k]; !ok {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		for _, k := range keys {
			if a[k] != b[k] {
				out = append(out, told(k, a[k], b[k]))
			}
		}
	}
	compare := func(what string, a, b map[string]string) {
		each(a, b, func(key, before, after string) store.SettingChange {
			return store.SettingChange{What: strings.TrimSpace(what + key), Before: before, After: after}
		})
	}
	compare("", map[string]string{"default of rules": stateWords(before.Default)}, map[string]string{"default of rules": stateWords(after.Default)})
	compare("", thresholdWords(before.Thresholds), thresholdWords(after.Thresholds))
	each(ruleWords(before.Rules), ruleWords(after.Rules), store.AboutRule)
	compare("entities never linked by: ", exclusionWords(before.Exclude), exclusionWords(after.Exclude))
	compare("criticality of ", assetWords(before.Assets), assetWords(after.Assets))
	if more := len(out) - maxChanges; more > 0 {
		out = append(out[:maxChanges], store.SettingChange{What: fmt.Sprintf("and %d more changes", more)})
	}
	return out
}

func stateWords(s correlate.RuleState) string {
	switch s {
	case correlate.RuleDisabled:
		return "excluded from correlation"
	case correlate.RuleDefault:
		return "as by default"
	}
	return "correlated"
}

func thresholdWords(t correlate.Thresholds) map[string]string {
	return map[string]string{"threshold of joining": fmt.Sprintf("%+.2f", t.Join), "threshold of merging": fmt.Sprintf("%+.2f", t.Merge)}
}

func ruleWords(rules []correlate.RuleControl) map[string]string {
	out := map[string]string{}
	for _, r := range rules {
		text := stateWords(r.State)
		if g := r.Grouping; g != nil {
			text += fmt.Sprintf("; grouped by %s within %s", matchWords(g), frameWords(g.Window))
		}
		out[r.Rule] = text
	}
	return out
}

// frameWords says a time frame in the largest unit that it is whole in.
func frameWords(seconds int64) string {
	n, unit := seconds/60, "minute"
	switch {
	case seconds%(24*3600) == 0:
		n, unit = seconds/(24*3600), "day"
	case seconds%3600 == 0:
		n, unit = seconds/3600, "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

func matchWords(g *correlate.Grouping) string {
	switch g.Match {
	case correlate.MatchAny:
		return "the rule alone"
	case correlate.MatchSelected:
		var names []string
		for _, k := range g.Kinds {
			names = append(names, string(k))
		}
		for _, d := range g.Details {
			names = append(names, string(d))
		}
		return strings.Join(names, ", ")
	}
	return "all entities"
}

func exclusionWords(list []correlate.Exclusion) map[string]string {
	out := map[string]string{}
	for _, x := range list {
		text := "excluded"
		if x.Note != "" {
			text += " (" + x.Note + ")"
		}
		out[string(x.Kind)+" "+x.Value] = text
	}
	return out
}

func assetWords(list []correlate.AssetCriticality) map[string]string {
	out := map[string]string{}
	for _, a := range list {
		text := string(a.Level)
		if a.Note != "" {
			text += " (" + a.Note + ")"
		}
		out[a.Value] = text
	}
	return out
}

// changeWords puts each difference into one line.
func changeWords(changes []store.SettingChange) []string {
	out := make([]string, len(changes))
	for i, c := range changes {
		switch {
		case c.Before == "" && c.After == "":
			out[i] = c.What
		case c.Before == "":
			out[i] = c.What + ": " + c.After
		case c.After == "":
			out[i] = c.What + ": no longer " + c.Before
		default:
			out[i] = c.What + ": " + c.After + " instead of " + c.Before
		}
	}
	return out
}
