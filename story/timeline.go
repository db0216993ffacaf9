package story

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// timeline lists the items in order of time. Above the limit the least severe
// are left out and counted.
func (r *reading) timeline() (out []TimelineItem, cut int) {
	keep := r.mostSevere(r.lim.Timeline)
	out = make([]TimelineItem, 0, len(keep))
	for _, i := range keep {
		out = append(out, r.timelineItem(&r.items[i]))
	}
	return out, len(r.items) - len(keep)
}

// mostSevere names at most n items, in order of time: the severe before the
// mild, the early before the late.
func (r *reading) mostSevere(n int) []int {
	all := make([]int, len(r.items))
	for i := range all {
		all[i] = i
	}
	if len(all) <= n {
		return all
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(r.items[b].rank, r.items[a].rank) })
	all = all[:n]
	slices.Sort(all)
	return all
}

const (
	maxItemEntities = 50
	maxItemFolded   = 20
)

func (r *reading) timelineItem(it *item) TimelineItem {
	first := it.alerts[0]
	a := &r.alerts[first]
	out := TimelineItem{
		At: a.First, End: a.Last, Alert: a.ID, Title: visible(a.Title, maxTitle), Severity: a.Severity, Tactic: string(it.tactic),
		Product: visible(a.Product, maxLabel), Entities: r.entitiesOf(first), Count: len(it.alerts),
	}
	for _, i := range it.alerts {
		if b := &r.alerts[i]; b.Last.After(out.End) {
			out.End = b.Last
		}
		if severityRank(r.alerts[i].Severity) > severityRank(out.Severity) {
			out.Severity = r.alerts[i].Severity
		}
	}
	for _, i := range it.alerts[1:min(len(it.alerts), maxItemFolded+1)] {
		out.Folded = append(out.Folded, r.alerts[i].ID)
	}
	out.Why = r.why(first)
	if l := a.Link; !l.Manual {
		for _, e := range telling(l.Entities) {
			out.Shares = append(out.Shares, e.Kind)
		}
		out.Peer = peerOf(a)
	}
	return out
}

// peerOf is the alert that an alert is linked to first, or through which it came.
func peerOf(a *Alert) string {
	l := &a.Link
	switch {
	case l.Through != nil:
		return l.Through.ID
	case len(l.Alerts) == 0 || l.Alerts[0].ID == a.ID:
		return ""
	}
	return l.Alerts[0].ID
}

// why says in a sentence why an alert is in the incident.
func (r *reading) why(i int32) string {
	a := &r.alerts[i]
	return Reason(Because(*a, r.peer))
}

func (r *reading) peer(id string) (Peer, bool) {
	i, ok := r.byID[id]
	if !ok {
		return Peer{}, false
	}
	return PeerOf(r.alerts[i]), true
}

func firstTactic(names []string) alert.Tactic {
	for _, name := range names {
		if t, ok := alert.ParseTactic(name); ok {
			return t
		}
	}
	return ""
}

// entitiesOf lists the entities of an alert: assets, then the rest.
func (r *reading) entitiesOf(i int32) []entity.ID {
	out := []entity.ID{}
	for _, assets := range []bool{true, false} {
		for _, m := range r.mentions[i] {
			id := r.things[m.thing].ID
			if m.kind.Asset() == assets && len(out) < maxItemEntities && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// killChain counts the alerts by tactic. When only a part of the alerts is at
// hand, the counts are those that the incident itself keeps.
func (r *reading) killChain() []Stage {
	stages := make([]Stage, len(alert.Tactics())+1)
	none := len(stages) - 1
	for i := range r.alerts {
		for left := r.stages[i]; left != 0; left &= left - 1 {
			stages[bits.TrailingZeros32(left)-1].count(&r.alerts[i])
		}
		if r.stages[i] == 0 {
			stages[none].count(&r.alerts[i])
		}
	}
	if r.total > len(r.alerts) {
		for name, n := range r.Incident.Tally.Tactics {
			if t, ok := alert.ParseTactic(name); ok {
				stages[t.Order()-1].Alerts = max(n, stages[t.Order()-1].Alerts)
			}
		}
	}
	out := []Stage{}
	for i, t := range append(alert.Tactics(), "") {
		if s := stages[i]; s.Alerts > 0 && !s.First.IsZero() {
			s.Tactic, s.Name = string(t), cmp.Or(t.InWords(), "No tactic named")
			out = append(out, s)
		}
	}
	return out
}

func (s *Stage) count(a *Alert) {
	if s.Alerts == 0 || a.First.Before(s.First) {
		s.First = a.First
	}
	if a.Last.After(s.Last) {
		s.Last = a.Last
	}
	s.Alerts++
}

// scope counts the things by kind, or takes the incident's own count where it
// knows of more.
func (r *reading) scope() Scope {
	counts := map[entity.Kind]int{}
	var out Scope
	for _, t := range r.things {
		counts[t.Kind]++
		if t.impacted && t.Kind.Asset() {
			out.Impacted++
			if t.Critical {
				out.Critical++
			}
		}
	}
	if r.total > len(r.alerts) || r.MentionsCut {
		for k, n := range r.Incident.Scope {
			counts[entity.Kind(k)] = max(n, counts[entity.Kind(k)])
		}
	}
	for k, n := range counts {
		*out.field(k) += n
	}
	return out
}

func (s *Scope) field(k entity.Kind) *int {
	switch k {
	case entity.Device:
		return &s.Devices
	case entity.User:
		return &s.Users
	case entity.Mailbox:
		return &s.Mailboxes
	case entity.App:
		return &s.Apps
	case entity.CloudResource:
		return &s.CloudResources
	case entity.IP:
		return &s.Addresses
	case entity.File:
		return &s.Files
	case entity.Process:
		return &s.Processes
	case entity.URL, entity.Domain:
		return &s.URLs
	case entity.Mail, entity.MailCluster:
		return &s.Mails
	}
	return &s.Others
}
