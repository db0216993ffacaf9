package correlate_test

import (
	"cmp"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

// mentioned is when an alert was active, and what it names.
type mentioned struct {
	first, last int64
	ids         map[entity.ID]bool
}

var seenWords = regexp.MustCompile(`, (last|first)?(?: )?seen in the incident (?:(\d+) (second|minute|hour|day)s? (earlier|later)|(both earlier and later|at the same time))`)

var unitSeconds = map[string]int64{"second": 1, "minute": 60, "hour": 3600, "day": 86400}

// When the incident is said to have had what is shared is when its alerts had it:
// reckoned anew from all alerts that were in it.
func TestSharedThingsAreSeenWhenSaid(t *testing.T) {
	t.Parallel()
	f := newFlow(correlate.Options{})
	members := map[correlate.IncidentID][]string{}
	alerts := map[string]mentioned{}
	joined := map[entity.ID]entity.ID{}
	told := map[string]int{}
	for _, a := range company(8, 4000) {
		out := f.add(a)
		for _, j := range out.Joins {
			joined[j.From] = j.Into
		}
		m := mentioned{a.Start().Unix(), a.End().Unix(), map[entity.ID]bool{}}
		for _, s := range out.Entities {
			m.ids[s.ID] = !s.Leased
		}
		in := cmp.Or(out.Placed, out.Incident)
		if words := seenIn(out.Link); words != nil {
			had := activity(alerts, members[in], out.Link.Entities[0].ID, joined)
			told[words[1]+words[4]+words[5]]++
			if !fits(words, m, had) {
				t.Fatalf("alert %s of %d to %d: %q, the incident had it in %v", a.ID, m.first, m.last, words[0], had)
			}
		}
		alerts[a.ID], members[in] = m, append(members[in], a.ID)
		for _, x := range out.Merges {
			members[x.Into] = append(members[x.Into], members[x.From]...)
		}
	}
	for _, way := range []string{"lastearlier", "firstlater", "both earlier and later"} {
		if told[way] < 5 {
			t.Errorf("%q was said %d times only: %v", way, told[way], told)
		}
	}
}

// seenIn gives what a link says of its most telling entity, nil for nothing.
func seenIn(l correlate.Link) []string {
	for _, f := range l.Facts {
		if len(l.Entities) > 0 && strings.Contains(f.Text, "same ") {
			if m := seenWords.FindStringSubmatch(f.Text); m != nil {
				return m
			}
		}
	}
	return nil
}

// activity gives the alerts that name an entity.
func activity(alerts map[string]mentioned, members []string, id entity.ID, joined map[entity.ID]entity.ID) (out []mentioned) {
	for _, a := range members {
		for named, yes := range alerts[a].ids {
			for joined[named] != 0 {
				named = joined[named]
			}
			if yes && named == id {
				out = append(out, alerts[a])
				break
			}
		}
	}
	return out
}

func fits(words []string, m mentioned, had []mentioned) bool {
	first, last, during := int64(math.MaxInt64), int64(0), false
	for _, h := range had {
		first, last, during = min(first, h.first), max(last, h.last), during || h.first <= m.last && h.last >= m.first
	}
	switch {
	case words[5] == "both earlier and later":
		return first < m.first && last > m.last && len(had) > 1
	case words[5] == "at the same time":
		return during
	}
	n, _ := strconv.ParseInt(words[2], 10, 64)
	unit := unitSeconds[words[3]]
	gap := m.first - last
	if words[1] == "first" {
		gap = first - m.last
	}
	return gap > 0 && 2*max(gap-n*unit, n*unit-gap) <= unit
}
