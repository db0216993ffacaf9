package story

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// Graph is the attack graph. Its layout runs from left to right by Layer.
type Graph struct {
	Nodes  []Node `json:"nodes"` // by first sight
	Edges  []Edge `json:"edges"` // by first sight
	Folded Folded `json:"folded"`
}

// Folded counts the entities that have no node of their own. Nodes without a
// group, Entities and Context together are all entities with a mention.
type Folded struct {
	Groups   int            `json:"groups"`
	Entities int            `json:"entities"` // inside groups
	ByKind   map[string]int `json:"byKind,omitempty"`
	// Context counts what is not drawn because no alert is about it: the
	// program files of processes, hosts of URLs, a device's own addresses.
	Context       int            `json:"context,omitempty"`
	ContextByKind map[string]int `json:"contextByKind,omitempty"`
}

// Node is an entity, or a group of like ones.
type Node struct {
	ID         string    `json:"id"` // "e12" for entity 12, "g12" for the group whose first member it is
	Entity     entity.ID `json:"entity,omitempty"`
	Kind       string    `json:"kind"`
	Label      string    `json:"label"`
	Impacted   bool      `json:"impacted"`
	Critical   bool      `json:"critical"`
	Asset      bool      `json:"asset"`   // a protected thing
	Contained  bool      `json:"stopped"` // a product reports to have blocked or removed it
	Verdict    string    `json:"verdict"`
	Roles      []string  `json:"roles"`
	FirstSeen  time.Time `json:"firstSeen"`
	LastSeen   time.Time `json:"lastSeen"`
	Layer      int       `json:"layer"`  // 0 is leftmost
	Alerts     []string  `json:"alerts"` // at most 50, earliest first
	AlertCount int       `json:"alertCount"`
	Group      *Group    `json:"group,omitempty"`
}

// Group tells what a node stands for when it is not one entity.
type Group struct {
	Count   int         `json:"count"`
	Members []entity.ID `json:"members"` // at most 200, earliest first
	// Alike says that the members are in alerts of the same rules in the same
	// roles; otherwise they are the less important rest of their kind.
	Alike bool `json:"alike"`
}

// Edge is something that one node did to another.
type Edge struct {
	ID         string    `json:"id"`
	From       string    `json:"from"`
	To         string    `json:"to"`
	Kind       string    `json:"kind"`
	Label      string    `json:"label"`
	Alerts     []string  `json:"alerts"` // at most 20, earliest first
	AlertCount int       `json:"alertCount"`
	FirstSeen  time.Time `json:"firstSeen"`
	// Why says what links the first of its alerts that was linked by something.
	Why string `json:"why,omitempty"`
}

const (
	maxNodeAlerts   = 50
	maxEdgeAlerts   = 20
	maxGroupMembers = 200
	// Like entities are grouped from this number on when the graph is small
	// enough to show all, and from likeWhenMany on when it is not.
	likeAlways   = 10
	likeWhenMany = 4
	manyNodes    = 40
)

// knot is a node while the graph is made.
type knot struct {
	members []int32 // things, by first sight
	alike   bool
	layer   int
}

func (r *reading) graph(w *web, cut *Truncated) Graph {
	knots := r.knots(w)
	at := make([]int32, len(r.things))
	for i, k := range knots {
		for _, m := range k.members {
			at[m] = int32(i)
		}
	}
	edges := w.joined(at)
	if over := len(edges) - r.lim.Edges; over > 0 {
		cut.Edges = over
		edges = strongest(edges, r.lim.Edges)
	}
	layer(r, knots, edges)
	g := Graph{Nodes: make([]Node, 0, len(knots)), Edges: make([]Edge, 0, len(edges))}
	stopped := w.stoppedThings()
	g.Folded.context(r.things)
	for _, k := range knots {
		g.Nodes = append(g.Nodes, r.node(k, stopped, &g.Folded))
	}
	for i, e := range edges {
		g.Edges = append(g.Edges, Edge{
			ID: fmt.Sprintf("r%d", i+1), From: g.Nodes[e.from].ID, To: g.Nodes[e.to].ID, Kind: string(e.verb), Label: e.verb.words(entity.Kind(g.Nodes[e.to].Kind)),
			Alerts: r.ids(e.alerts, maxEdgeAlerts), AlertCount: len(e.alerts), FirstSeen: e.first, Why: r.edgeWhy(e.alerts),
		})
	}
	return g
}

// knots groups the things: like ones together, and what is above the budget
// into one rest per kind.
func (r *reading) knots(w *web) []knot {
	groups := r.alike()
	least := likeAlways
	drawn := 0
	for _, g := range groups {
		drawn += len(g)
	}
	if drawn > manyNodes {
		least = likeWhenMany
	}
	var out []knot
	for _, g := range groups {
		if len(g) >= least {
			out = append(out, knot{members: g, alike: true})
			continue
		}
		for _, t := range g {
			out = append(out, knot{members: []int32{t}})
		}
	}
	if len(out) > r.lim.Nodes {
		out = r.budgeted(w, out)
	}
	slices.SortStableFunc(out, func(a, b knot) int {
		return cmp.Or(r.first(a).Compare(r.first(b)), cmp.Compare(kindOrder(r.things[a.members[0]].Kind), kindOrder(r.things[b.members[0]].Kind)), cmp.Compare(a.members[0], b.members[0]))
	})
	return out
}

func (r *reading) first(k knot) time.Time { return r.things[k.members[0]].first }

// kindOrder puts what starts an attack left of what it reaches, at one time.
func kindOrder(k entity.Kind) int {
	return slices.Index([]entity.Kind{entity.IP, entity.Mail, entity.MailCluster, entity.URL, entity.Domain, entity.Mailbox, entity.User, entity.Device, entity.Process, entity.File}, k) & 0xff
}

// alike groups the things that are in alerts of the same rules in the same
// roles. Critical ones and those of no kind stay alone.
func (r *reading) alike() [][]int32 {
	at, rules := map[string]int{}, r.ruleNumbers()
	var out [][]int32
	for i := range r.things {
		t := &r.things[i]
		if t.context() {
			continue
		}
		key := fmt.Sprintf("#%d", i)
		if !t.Critical {
			key = r.likeness(t, rules)
		}
		g, ok := at[key]
		if !ok {
			g = len(out)
			at[key] = g
			out = append(out, nil)
		}
		out[g] = append(out[g], int32(i))
	}
	return out
}

func (r *reading) ruleNumbers() []int32 {
	at := map[string]int32{}
	out := make([]int32, len(r.alerts))
	for i, a := range r.alerts {
		key := a.Rule + "\x00" + a.Product
		n, ok := at[key]
		if !ok {
			n = int32(len(at))
			at[key] = n
		}
		out[i] = n
	}
	return out
}

func (r *reading) likeness(t *thing, rules []int32) string {
	var of []int32
	for _, a := range t.alerts {
		if n := len(of); n == 0 || of[n-1] != rules[a] {
			of = append(of, rules[a])
		}
	}
	slices.Sort(of)
	roles := slices.Sorted(slices.Values(t.roles))
	return fmt.Sprint(t.Kind, t.impacted, t.verdict, roles, slices.Compact(of))
}

// budgeted keeps the most important knots and folds the others by kind.
func (r *reading) budgeted(w *web, all []knot) []knot {
	degree := make([]int, len(r.things))
	for t := range w.ties {
		degree[t.from]++
		degree[t.to]++
	}
	weight := make(map[int32]int, len(all))
	kinds := map[entity.Kind]bool{}
	for _, k := range all {
		kinds[r.things[k.members[0]].Kind] = true
		for _, m := range k.members {
			weight[k.members[0]] = max(weight[k.members[0]], r.importance(m, degree[m]))
		}
	}
	slices.SortStableFunc(all, func(a, b knot) int {
		return cmp.Or(cmp.Compare(weight[b.members[0]], weight[a.members[0]]), cmp.Compare(a.members[0], b.members[0]))
	})
	keep := max(r.lim.Nodes-len(kinds), 0)
	rest := map[entity.Kind][]int32{}
	for _, k := range all[keep:] {
		kind := r.things[k.members[0]].Kind
		rest[kind] = append(rest[kind], k.members...)
	}
	out := all[:keep:keep]
	for kind := range kinds {
		if m := rest[kind]; len(m) > 0 {
			slices.SortFunc(m, func(a, b int32) int {
				return cmp.Or(r.things[a].first.Compare(r.things[b].first), cmp.Compare(a, b))
			})
			out = append(out, knot{members: m})
		}
	}
	return out
}

// importance ranks a thing for the node budget: hit and critical assets, what
// is malicious, what severe alerts name, what holds others together.
func (r *reading) importance(i int32, degree int) int {
	t := &r.things[i]
	score := 20*verdictRank(t.verdict) + min(degree, 40) + min(len(t.alerts), 40)
	if t.Kind.Asset() {
		score += 30
	}
	if t.impacted {
		score += 60
	}
	if t.Critical {
		score += 60
	}
	worst := 0
	for _, a := range t.alerts[:min(len(t.alerts), 200)] {
		worst = max(worst, severityRank(r.alerts[a].Severity))
	}
	return score + 15*worst
}

// bond is an edge between knots.
type bond struct {
	from, to int32
	verb     Verb
	alerts   []int32
	first    time.Time
}

// joined turns ties into edges between knots; ties inside a knot vanish into
// its group.
func (w *web) joined(at []int32) []bond {
	type pair struct {
		from, to int32
		verb     Verb
	}
	places := map[pair]int{}
	var out []bond
	for _, t := range w.sortedTies() {
		from, to := at[t.from], at[t.to]
		if from == to {
			continue
		}
		p, ok := places[pair{from, to, t.verb}]
		if !ok {
			p = len(out)
			places[pair{from, to, t.verb}] = p
			out = append(out, bond{from: from, to: to, verb: t.verb, first: w.ties[t].first})
		}
		out[p].alerts = append(out[p].alerts, w.ties[t].alerts...)
	}
	for i := range out {
		slices.Sort(out[i].alerts)
		out[i].alerts = slices.Compact(out[i].alerts)
	}
	return out
}

// strongest keeps the n edges with the most alerts, plain mentions last, in
// their order.
func strongest(all []bond, n int) []bond {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	weight := func(i int) int {
		if all[i].verb == Mentioned {
			return 0
		}
		return len(all[i].alerts)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight(b), weight(a)) })
	order = order[:n]
	slices.Sort(order)
	out := make([]bond, n)
	for i, at := range order {
		out[i] = all[at]
	}
	return out
}

// layer puts each knot one step right of everything that reached it and was
// seen no later, and what nothing reached one step left of what it reached.
func layer(r *reading, knots []knot, edges []bond) {
	into, from := make([]int, len(knots)), make([][]int32, len(knots))
	for _, e := range edges {
		if !r.first(knots[e.to]).Before(r.first(knots[e.from])) {
			into[e.to]++
			from[e.from] = append(from[e.from], e.to)
		}
	}
	roots := map[int]bool{}
	done := make([]bool, len(knots))
	for range knots {
		next := nextKnot(into, done)
		done[next] = true
		if knots[next].layer == 0 {
			roots[next] = true
		}
		for _, to := range from[next] {
			into[to]--
			if !done[to] {
				knots[to].layer = max(knots[to].layer, knots[next].layer+1)
			}
		}
	}
	for i := range knots {
		if !roots[i] || len(from[i]) == 0 {
			continue
		}
		least := knots[from[i][0]].layer
		for _, to := range from[i] {
			least = min(least, knots[to].layer)
		}
		knots[i].layer = max(least-1, 0)
	}
}

// nextKnot is the earliest one that waits for nothing, or the earliest of all
// where they wait for each other.
func nextKnot(into []int, done []bool) int {
	earliest := -1
	for i := range into {
		if done[i] {
			continue
		}
		if into[i] == 0 {
			return i
		}
		if earliest < 0 {
			earliest = i
		}
	}
	return earliest
}

func (w *web) stoppedThings() map[int32]bool {
	out := map[int32]bool{}
	for _, f := range w.byItem {
		for _, t := range f.stopped {
			out[t] = true
		}
	}
	return out
}

func (r *reading) node(k knot, stopped map[int32]bool, folded *Folded) Node {
	t := r.things[k.members[0]]
	n := Node{
		ID: fmt.Sprintf("e%d", t.ID), Entity: t.ID, Kind: string(t.Kind), Label: t.label(), Impacted: t.impacted, Critical: t.Critical,
		Asset: t.Kind.Asset(), Contained: stopped[k.members[0]], Verdict: string(t.verdict), Roles: append([]string{}, t.roles...),
		FirstSeen: t.first, LastSeen: t.last, Layer: k.layer, AlertCount: len(t.alerts), Alerts: r.ids(t.alerts, maxNodeAlerts),
	}
	if len(k.members) > 1 {
		r.group(&n, k, stopped)
		folded.add(string(t.Kind), len(k.members))
	}
	return n
}

func (r *reading) group(n *Node, k knot, stopped map[int32]bool) {
	n.ID = fmt.Sprintf("g%d", n.Entity)
	n.Entity = 0
	n.Group = &Group{Count: len(k.members), Alike: k.alike, Members: []entity.ID{}}
	n.Label = r.groupLabel(k)
	n.Contained = true
	seen := make(map[int32]bool)
	var all []int32
	for i, m := range k.members {
		t := &r.things[m]
		if i < maxGroupMembers {
			n.Group.Members = append(n.Group.Members, t.ID)
		}
		n.Impacted = n.Impacted || t.impacted
		n.Critical = n.Critical || t.Critical
		n.Contained = n.Contained && stopped[m]
		if verdictRank(t.verdict) > verdictRank(alert.Verdict(n.Verdict)) {
			n.Verdict = string(t.verdict)
		}
		if t.first.Before(n.FirstSeen) {
			n.FirstSeen = t.first
		}
		if t.last.After(n.LastSeen) {
			n.LastSeen = t.last
		}
		for _, a := range t.alerts {
			if !seen[a] {
				seen[a] = true
				all = append(all, a)
			}
		}
	}
	slices.Sort(all)
	n.AlertCount, n.Alerts = len(all), r.ids(all, maxNodeAlerts)
}

// groupLabel is "10 × vssadmin.exe" where all members have one name, else
// "10 processes".
func (r *reading) groupLabel(k knot) string {
	first := &r.things[k.members[0]]
	if !k.alike {
		return "other: " + countedKind(len(k.members), first.Kind)
	}
	for _, m := range k.members {
		if r.things[m].Label != first.Label {
			return countedKind(len(k.members), first.Kind)
		}
	}
	return number(len(k.members)) + " × " + first.label()
}

func (f *Folded) add(kind string, n int) {
	if f.ByKind == nil {
		f.ByKind = map[string]int{}
	}
	f.Groups++
	f.Entities += n
	f.ByKind[kind] += n
}

func (f *Folded) context(things []thing) {
	for i := range things {
		if !things[i].context() {
			continue
		}
		if f.ContextByKind == nil {
			f.ContextByKind = map[string]int{}
		}
		f.Context++
		f.ContextByKind[string(things[i].Kind)]++
	}
}

// edgeWhy is the reason of the first of these alerts that has one.
func (r *reading) edgeWhy(alerts []int32) string {
	for _, i := range alerts {
		if why := r.why(i); why != "" {
			return why
		}
	}
	return ""
}

// ids gives the ids of at most n of these alerts.
func (r *reading) ids(alerts []int32, n int) []string {
	out := make([]string, 0, min(len(alerts), n))
	for _, i := range alerts[:min(len(alerts), n)] {
		out = append(out, r.alerts[i].ID)
	}
	return out
}
