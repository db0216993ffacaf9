package correlate

import (
	"cmp"

	"github.com/clew-sec/clew/entity"
)

// Recorded is what was decided about an alert, or how a command came out, as far
// as it does not follow from the log by itself. It is kept with the log entry, so
// that a replay repeats what happened, whatever the version that replays would
// make of it: people have seen it, and worked on it.
type Recorded struct {
	// Incident is where the alert was put, before Merges; for a command the incident
	// that it made. Created says that it was made then.
	Incident IncidentID `json:"incident,omitempty"`
	Created  bool       `json:"created,omitempty"`
	Update   bool       `json:"-"` // the alert was known
	Folded   bool       `json:"-"`
	Excluded bool       `json:"-"`

	Merges []Merged    `json:"merges,omitempty"` // in this order
	Moves  []Moved     `json:"moves,omitempty"`
	Made   entity.Made `json:"made,omitzero"`
	Joins  []Joined    `json:"joins,omitempty"`
}

// Merged is a merge without its reasons.
type Merged struct {
	From IncidentID `json:"from"`
	Into IncidentID `json:"into"`
}

// Moved is a move without its reasons.
type Moved struct {
	Alert   string     `json:"alert"`
	To      IncidentID `json:"to"`
	Created bool       `json:"created,omitempty"` // To was made by this move
}

// Joined is a join of entities without its proof.
type Joined struct {
	From entity.ID `json:"from"`
	Into entity.ID `json:"into"`
}

// Record is what is to be kept of an alert's outcome.
func (o *Outcome) Record() Recorded {
	r := Recorded{
		Incident: cmp.Or(o.Placed, o.Incident), Created: o.Created, Update: o.Update, Folded: o.Folded, Excluded: o.Excluded, Made: o.made(), Joins: o.joined(),
		Moves: o.moved(),
	}
	for _, m := range o.Merges {
		r.Merges = append(r.Merges, Merged{m.From, m.Into})
	}
	return r
}

// Keep enters into a command what is to be kept of its outcome. What follows from
// the command's own words is not repeated.
func (c *Command) Keep(o *Outcome) {
	switch c.Kind {
	case CommandMove:
		if o.Created {
			c.Recorded = &Recorded{Incident: o.Incident, Created: true}
		}
	case CommandInventory, CommandDivide, CommandRejoin:
		c.Recorded = &Recorded{Made: o.made(), Joins: o.joined(), Moves: o.moved()}
	}
}

// unkept says that nobody kept what is to be kept of the command.
func (c *Command) unkept() bool {
	switch c.Kind {
	case CommandInventory, CommandDivide, CommandRejoin:
		return c.Recorded == nil
	case CommandMove:
		return c.Recorded == nil && c.Incident == 0
	}
	return false
}

func (o *Outcome) made() entity.Made {
	m := entity.Made{First: o.FirstEntity}
	for _, list := range [...][]entity.Seen{o.Entities, o.Imported.Seen} {
		for i := range list {
			if s := &list[i]; s.New && len(s.Mention.Identifiers) > 0 {
				m.Digests = append(m.Digests, s.Mention.Identifiers[0].Digest())
			}
		}
	}
	if len(m.Digests) == 0 {
		m.First = 0
	}
	return m
}

func (o *Outcome) joined() []Joined {
	var out []Joined
	for _, j := range o.Joins {
		out = append(out, Joined{j.From, j.Into})
	}
	return out
}

func (o *Outcome) moved() []Moved {
	var out []Moved
	for _, m := range o.Moves {
		out = append(out, Moved{m.AlertID, m.To, m.Created})
	}
	return out
}
