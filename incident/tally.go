package incident

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clew-sec/clew/alert"
)

// Member is an alert as its incident counts it.
type Member struct {
	ID              string
	Title           string
	Severity        string
	Status          string
	Tactics         []string
	Techniques      []string
	Product         string
	ServiceSource   string
	DetectionSource string
	First, Last     time.Time // its activity
	// LinkScore is the probability of the link that put it here, 0 for a first alert.
	LinkScore float64
}

// Kinds that one map of a tally holds; what comes beyond is counted under "".
const (
	maxTitles = 50
	maxKinds  = 200
)

// Add counts an alert.
func (t *Tally) Add(m Member) { t.each(m, 1) }

// Remove takes an alert away that was added with the same properties.
func (t *Tally) Remove(m Member) { t.each(m, -1) }

func (t *Tally) each(m Member, by int) {
	t.Alerts += by
	count(&t.Severities, orUnknown(m.Severity), by, maxKinds)
	count(&t.Statuses, orUnknown(m.Status), by, maxKinds)
	countAll(&t.Tactics, m.Tactics, by)
	countAll(&t.Techniques, m.Techniques, by)
	countAll(&t.Products, []string{m.Product}, by)
	countAll(&t.Sources, []string{m.ServiceSource}, by)
	countAll(&t.Detections, []string{m.DetectionSource}, by)
	count(&t.Titles, bounded(m.Title), by, maxTitles)
	t.link(m.LinkScore, by)
}

// link counts the link of an alert.
func (t *Tally) link(score float64, by int) {
	if mille := Mille(score); mille > 0 {
		t.Linked += by
		t.LinkMille += by * mille
	}
}

// Mille is a link's score in thousandths, as a tally sums it up. An alert whose
// link has none counts as not linked.
func Mille(score float64) int { return int(score*1000 + 0.5) }

// merge adds all that o counts.
func (t *Tally) merge(o Tally) {
	t.Alerts += o.Alerts
	t.Linked += o.Linked
	t.LinkMille += o.LinkMille
	theirs := o.maps()
	for i, mine := range t.maps() {
		limit := maxKinds
		if mine == &t.Titles {
			limit = maxTitles
		}
		for _, k := range slices.Sorted(maps.Keys(*theirs[i])) {
			count(mine, k, (*theirs[i])[k], limit)
		}
	}
}

func (t *Tally) maps() []*map[string]int {
	return []*map[string]int{&t.Severities, &t.Statuses, &t.Tactics, &t.Techniques, &t.Products, &t.Sources, &t.Detections, &t.Titles}
}

// Clone returns a tally that shares nothing with t.
func (t Tally) Clone() Tally {
	for _, m := range t.maps() {
		*m = maps.Clone(*m)
	}
	return t
}

// Kinds lists the distinct values that a map of a tally counts, most frequent
// first and then by bytes; the collective "" is left out.
func Kinds(counts map[string]int) []string {
	out := make([]string, 0, len(counts))
	for k := range counts {
		if k != "" {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if d := counts[b] - counts[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return out
}

func countAll(m *map[string]int, keys []string, by int) {
	for _, k := range keys {
		if k != "" {
			count(m, bounded(k), by, maxKinds)
		}
	}
}

// count changes one count. A key without a place of its own is counted under "",
// when adding because the map is full, when removing because it was full then.
func count(m *map[string]int, key string, by, limit int) {
	if *m == nil {
		*m = map[string]int{}
	}
	c := *m
	if _, has := c[key]; !has && key != "" && (by < 0 || places(c) >= limit) {
		key = ""
	}
	if c[key] += by; c[key] <= 0 {
		delete(c, key)
	}
}

func places(c map[string]int) int {
	if _, collective := c[""]; collective {
		return len(c) - 1
	}
	return len(c)
}

// bounded cuts a key to a size that many of may be kept.
func bounded(s string) string {
	if len(s) > maxKey {
		s = s[:maxKey]
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	return s
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return bounded(s)
}

// severityRank orders severities; a foreign one ranks with "unknown".
func severityRank(s alert.Severity) int {
	switch s {
	case alert.SeverityHigh:
		return 4
	case alert.SeverityMedium:
		return 3
	case alert.SeverityLow:
		return 2
	case alert.SeverityInformational:
		return 1
	}
	return 0
}

// highest is the highest severity that t counts.
func (t Tally) highest() alert.Severity {
	top := alert.SeverityUnknown
	for s := range t.Severities {
		if sev := alert.Severity(s); severityRank(sev) > severityRank(top) {
			top = sev
		}
	}
	return top
}
