package correlate

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/clew-sec/clew/entity"
)

// controls are the settings in the form in which the engine asks them.
type controls struct {
	settings Settings
	rules    map[string]RuleControl
	exclude  selector
	assets   map[string]Criticality // by identifier value
	// muted and levels hold what the selectors found among the known entities.
	muted  map[entity.ID]bool
	levels map[entity.ID]Criticality
}

func newControls(s Settings) controls {
	c := controls{
		settings: s, rules: map[string]RuleControl{}, exclude: newSelector(s.Exclude), assets: map[string]Criticality{},
		muted: map[entity.ID]bool{}, levels: map[entity.ID]Criticality{},
	}
	for _, r := range s.Rules {
		c.rules[r.Rule] = r
	}
	for _, a := range s.Assets {
		c.assets[a.Value] = a.Level
	}
	return c
}

// StateOf says whether the alerts of a rule are excluded from correlation, and
// how they are grouped then. What is set for the rule counts first, then the tag
// at the beginning of the description, then the default.
func (s *Settings) StateOf(rule, description string) (excluded bool, g Grouping) {
	c := RuleControl{}
	if at, ok := slices.BinarySearchFunc(s.Rules, clip(rule, MaxRuleName), func(r RuleControl, name string) int { return strings.Compare(r.Rule, name) }); ok {
		c = s.Rules[at]
	}
	return s.stateOf(c, tagOf(description))
}

func (s *Settings) stateOf(c RuleControl, tag RuleState) (excluded bool, g Grouping) {
	g = DefaultGrouping()
	if c.Grouping != nil {
		g = *c.Grouping
	}
	state := c.State
	if state == "" || state == RuleDefault {
		state = cmp.Or(tag, s.Default)
	}
	return state == RuleDisabled, g
}

// tagOf is the state that a tag at the beginning of a description asks for.
func tagOf(description string) RuleState {
	switch {
	case description == "" || description[0] != '#':
	case tagged(description, TagInclude):
		return RuleEnabled
	case tagged(description, TagExclude):
		return RuleDisabled
	}
	return ""
}

func tagged(description, tag string) bool {
	return len(description) >= len(tag) && strings.EqualFold(description[:len(tag)], tag)
}

// selector finds identifiers of excluded entities.
type selector struct {
	values   map[string]bool
	domains  map[string]bool
	prefixes []netip.Prefix
}

func newSelector(list []Exclusion) selector {
	s := selector{values: map[string]bool{}, domains: map[string]bool{}}
	for _, x := range list {
		switch x.Kind {
		case ExcludeIdentifier:
			s.values[x.Value] = true
		case ExcludeDomain:
			s.domains[x.Value] = true
		case ExcludeCIDR:
			if p, err := netip.ParsePrefix(x.Value); err == nil {
				s.prefixes = append(s.prefixes, p)
			}
		}
	}
	return s
}

func (s *selector) empty() bool { return len(s.values)+len(s.domains)+len(s.prefixes) == 0 }

// holds says whether an identifier is one of those selected.
func (s *selector) holds(id entity.Identifier) bool {
	if slices.ContainsFunc(spellings(id), func(v string) bool { return s.values[v] }) {
		return true
	}
	if len(s.prefixes) > 0 && id.Kind == entity.IP && id.Type == "address" {
		if a, err := netip.ParseAddr(id.Value); err == nil {
			return slices.ContainsFunc(s.prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
		}
	}
	return len(s.domains) > 0 && s.inDomain(hostOf(id))
}

func (s *selector) inDomain(host string) bool {
	for host != "" {
		if s.domains[host] {
			return true
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return false
}

// spellings lists how a person may write an identifier: the value, and for an
// account of a Windows domain also DOMAIN\name.
func spellings(id entity.Identifier) []string {
	v := strings.ToLower(id.Value)
	if id.Type == "sam" && id.Scope != "" {
		return []string{v, strings.ToLower(id.Scope) + `\` + v}
	}
	return []string{v}
}

// hostOf is the host or domain that an identifier lies in, empty when none.
func hostOf(id entity.Identifier) string {
	switch {
	case id.Type == "fqdn", id.Kind == entity.Domain:
		return id.Value
	case id.Kind == entity.URL && id.Type == "url":
		if u, err := url.Parse(id.Value); err == nil {
			return u.Hostname()
		}
	case id.Type == "upn", id.Type == "sender", id.Kind == entity.Mailbox:
		_, host, _ := strings.Cut(id.Value, "@")
		return host
	}
	return ""
}

// Excludes says whether one of an entity's identifiers excludes it from linking.
func (s *Settings) Excludes(ids []entity.Identifier) bool {
	sel := newSelector(s.Exclude)
	return slices.ContainsFunc(ids, sel.holds)
}

// Level is the criticality that is set for an entity: the highest that any of its
// identifiers has, normal when none is named.
func (s *Settings) Level(ids []entity.Identifier) Criticality {
	c := newControls(Settings{Assets: s.Assets})
	return cmp.Or(c.level(ids), CriticalityNormal)
}

// level is empty when nothing is set: a set normal counts over the inventory.
func (c *controls) level(ids []entity.Identifier) Criticality {
	best := Criticality("")
	for _, id := range ids {
		for _, v := range spellings(id) {
			if l, ok := c.assets[v]; ok && (best == "" || l.Rank() > best.Rank()) {
				best = l
			}
		}
	}
	return best
}

// Criticality is how much an entity matters: by the settings, else by the
// inventory.
func (e *Engine) Criticality(id entity.ID) Criticality {
	if len(e.controls.levels) > 0 {
		if l, ok := e.controls.levels[e.resolver.Find(id)]; ok {
			return l
		}
	}
	if l := Criticality(e.resolver.Criticality(id)); l != "" {
		return l
	}
	return CriticalityNormal
}

// Settings gives the controls that hold now. They must not be changed.
func (e *Engine) Settings() Settings { return e.controls.settings }

// recognise holds entities of which something was learnt against the settings.
func (e *Engine) recognise(seen []entity.Seen, joins []entity.Join) {
	c := &e.controls
	if c.exclude.empty() && len(c.assets) == 0 {
		return
	}
	for i := range seen {
		if len(seen[i].Learnt) > 0 {
			c.recognise(e.resolver.Find(seen[i].ID), e.resolver.Identifiers(seen[i].ID))
		}
	}
	for _, j := range joins {
		delete(c.muted, j.From)
		delete(c.levels, j.From)
		c.recognise(e.resolver.Find(j.Into), e.resolver.Identifiers(j.Into))
	}
}

func (c *controls) recognise(id entity.ID, known []entity.Known) {
	delete(c.muted, id)
	delete(c.levels, id)
	ids := make([]entity.Identifier, len(known))
	for i := range known {
		ids[i] = known[i].Identifier
	}
	if slices.ContainsFunc(ids, c.exclude.holds) {
		c.muted[id] = true
	}
	if l := c.level(ids); l != "" {
		c.levels[id] = l
	}
}

// muted says that an entity must not link.
func (e *Engine) muted(id entity.ID) bool {
	return len(e.controls.muted) > 0 && e.controls.muted[id]
}

// applySettings puts settings in force for alerts that come from now on. What is
// stamped on earlier alerts stays; what entities matter changes at once.
func (e *Engine) applySettings(c Command) (Outcome, error) {
	if c.Settings == nil {
		return Outcome{}, fmt.Errorf("%w: no settings", ErrRefused)
	}
	s, err := c.Settings.Complete()
	if err != nil {
		return Outcome{}, err
	}
	e.opt.Model = e.modelOf(c)
	before := e.controls.levels
	e.controls = newControls(s)
	if !e.controls.exclude.empty() || len(e.controls.assets) > 0 {
		for id, known := range e.resolver.Each() {
			e.controls.recognise(id, known)
		}
	}
	return Outcome{Relevelled: changed(before, e.controls.levels)}, nil
}

// changed lists the entities whose level differs, ascending.
func changed(a, b map[entity.ID]Criticality) []entity.ID {
	ids := slices.Sorted(maps.Keys(a))
	for id := range b {
		if _, ok := a[id]; !ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(ids, func(id entity.ID) bool { return a[id] == b[id] })
}

// controlsImage is the controls in a snapshot.
type controlsImage struct {
	Settings Settings
	Muted    []entity.ID
	Levels   []levelImage
}

type levelImage struct {
	ID    entity.ID
	Level Criticality
}

func (c *controls) image() controlsImage {
	im := controlsImage{Settings: c.settings, Muted: slices.Sorted(maps.Keys(c.muted))}
	for _, id := range slices.Sorted(maps.Keys(c.levels)) {
		im.Levels = append(im.Levels, levelImage{id, c.levels[id]})
	}
	return im
}

func (im *controlsImage) controls() controls {
	c := newControls(im.Settings)
	for _, id := range im.Muted {
		c.muted[id] = true
	}
	for _, l := range im.Levels {
		c.levels[l.ID] = l.Level
	}
	return c
}
