package sqlstore

import (
	"cmp"
	"slices"
	"strings"

	"github.com/clew-sec/clew/store"
)

// What came of each rule is counted as alerts are written: counting anew reads
// every alert. alert_rule_incident counts the alerts of a rule in an incident, so
// that the number of its incidents follows moves too.
var (
	intoRuleIncident = newInsertion("alert_rule_incident (incident, hash, alerts)",
		`ON CONFLICT (incident, hash) DO UPDATE SET alerts = alert_rule_incident.alerts + excluded.alerts RETURNING incident, hash, alerts`)
	intoRule = newInsertion("alert_rule (ws, hash, rule, title, product, alerts, incidents, excluded, stamp, first, last)",
		`ON CONFLICT (ws, hash) DO UPDATE SET title = excluded.title, product = excluded.product,
		alerts = alert_rule.alerts + excluded.alerts, incidents = alert_rule.incidents + excluded.incidents,
		excluded = alert_rule.excluded + excluded.excluded, stamp = excluded.stamp,
		first = CASE WHEN excluded.first < alert_rule.first THEN excluded.first ELSE alert_rule.first END,
		last = CASE WHEN excluded.last > alert_rule.last THEN excluded.last ELSE alert_rule.last END`)
)

// Hash is the key of a text that may be longer than an index takes.
func Hash(text string) []byte { return hash(text) }

// ruleTally is what a change does to the counts.
type ruleTally struct {
	rules     map[string]*ruleChange // by name
	hashes    map[string]*ruleChange // by hash
	incidents map[ruleIncident]int64 // difference of the alerts
	stamps    map[string]int64       // of alerts that have one, by id
}

type ruleChange struct {
	name, hash                  string
	alerts, incidents, excluded int64 // differences
	told                        *store.Alert
	stamp, first, last          int64 // of what was told
}

type ruleIncident struct {
	incident int64
	hash     string
}

func newRuleTally() *ruleTally {
	return &ruleTally{rules: map[string]*ruleChange{}, hashes: map[string]*ruleChange{}, incidents: map[ruleIncident]int64{}, stamps: map[string]int64{}}
}

func (t *ruleTally) rule(name string) *ruleChange {
	r := t.rules[name]
	if r == nil {
		r = &ruleChange{name: name, hash: string(hash(name))}
		t.rules[name], t.hashes[r.hash] = r, r
	}
	return r
}

// count enters n alerts of a rule in an incident, of one stamp.
func (t *ruleTally) count(rule string, incident, stamp, n int64) {
	r := t.rule(rule)
	r.alerts += n
	r.excluded += n * (stamp & stampExcluded)
	t.move(r, incident, n)
}

func (t *ruleTally) move(r *ruleChange, incident, n int64) {
	at := ruleIncident{incident, r.hash}
	if t.incidents[at] += n; t.incidents[at] == 0 {
		delete(t.incidents, at)
	}
}

// tell enters what a version of an alert says of its rule; the last one counts.
func (t *ruleTally) tell(a *store.Alert, stamp int64) {
	r := t.rule(clean(a.Rule))
	first, last := micros(a.FirstActivity), micros(a.LastActivity)
	if r.told == nil {
		r.first, r.last = first, last
	}
	r.first, r.last = min(r.first, first), max(r.last, last)
	if r.told == nil || a.Seq > r.told.Seq {
		r.told, r.stamp = a, stamp
	}
}

// tallyAlerts counts what writing the alerts changes; the rows are the last
// versions. Those that they replace have been counted out.
func (w *writing) tallyAlerts(rows []int) {
	t := w.rules
	for i := range w.c.Alerts {
		a := &w.c.Alerts[i]
		id := clean(a.ID)
		if stamp := stampOf(a); a.Replaces == 0 && stamp != 0 {
			t.stamps[id] = stamp
		}
		t.tell(a, t.stamps[id])
	}
	for _, i := range rows {
		a := &w.c.Alerts[i]
		t.count(clean(a.Rule), key(w.ws, int64(a.Incident)), t.stamps[clean(a.ID)], 1)
	}
}

// tallyMoves counts what a move of alerts is about to change.
func (w *writing) tallyMoves(to int64, hashes [][]byte) error {
	return inLists(hashes, func(marks string, args []any) error {
		return each(w.ctx, w.tx, func(r Rows) error {
			var rule string
			var from, n int64
			if err := r.Scan(&rule, &from, &n); err != nil {
				return err
			}
			moved := w.rules.rule(rule)
			w.rules.move(moved, from, -n)
			w.rules.move(moved, to, n)
			return nil
		}, "SELECT rule, incident, COUNT(*) FROM alert WHERE ws = ? AND id_hash IN "+marks+" GROUP BY rule, incident", append([]any{w.ws}, args...)...)
	})
}

// writeRules writes the counts.
func (w *writing) writeRules() error {
	if err := w.ruleIncidents(); err != nil {
		return err
	}
	var told, counted []*ruleChange
	var left [][]byte // rules that may have no alerts any more
	for _, r := range w.rules.rules {
		switch {
		case r.told != nil:
			told = append(told, r)
		case r.alerts != 0 || r.incidents != 0 || r.excluded != 0:
			counted = append(counted, r)
		}
		if r.alerts < 0 || r.alerts == 0 && r.told != nil {
			left = append(left, []byte(r.hash))
		}
	}
	slices.SortFunc(told, func(a, b *ruleChange) int { return strings.Compare(a.hash, b.hash) })
	err := w.insert(intoRule, len(told), func(i int, args []any) []any {
		r := told[i]
		return append(args, w.ws, []byte(r.hash), r.name, clean(r.told.Title), clean(r.told.Product), r.alerts, r.incidents, r.excluded, r.stamp, r.first, r.last)
	})
	if err != nil {
		return err
	}
	for _, r := range counted {
		if _, err := w.exec("UPDATE alert_rule SET alerts = alerts + ?, incidents = incidents + ?, excluded = excluded + ? WHERE ws = ? AND hash = ?",
			r.alerts, r.incidents, r.excluded, w.ws, []byte(r.hash)); err != nil {
			return err
		}
	}
	return inLists(left, func(marks string, args []any) error {
		_, err := w.exec("DELETE FROM alert_rule WHERE ws = ? AND alerts <= 0 AND hash IN "+marks, append([]any{w.ws}, args...)...)
		return err
	})
}

// ruleIncidents counts alerts by rule and incident, and with that the incidents of
// each rule.
func (w *writing) ruleIncidents() error {
	pairs := make([]ruleIncident, 0, len(w.rules.incidents))
	for p := range w.rules.incidents {
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(a, b ruleIncident) int {
		return cmp.Or(cmp.Compare(a.incident, b.incident), strings.Compare(a.hash, b.hash))
	})
	var emptied []int64
	err := intoRuleIncident.returning(w.ctx, w.tx, len(pairs), func(i int, args []any) []any {
		return append(args, pairs[i].incident, []byte(pairs[i].hash), w.rules.incidents[pairs[i]])
	}, func(rows Rows) error {
		var incident, alerts int64
		var hash []byte
		if err := rows.Scan(&incident, &hash, &alerts); err != nil {
			return err
		}
		switch r := w.rules.hashes[string(hash)]; {
		case alerts <= 0:
			r.incidents--
			emptied = append(emptied, incident)
		case alerts == w.rules.incidents[ruleIncident{incident, r.hash}]: // there were none
			r.incidents++
		}
		return nil
	})
	if err != nil {
		return err
	}
	return inLists(slices.Compact(emptied), func(marks string, args []any) error {
		_, err := w.exec("DELETE FROM alert_rule_incident WHERE alerts <= 0 AND incident IN "+marks, args...)
		return err
	})
}
