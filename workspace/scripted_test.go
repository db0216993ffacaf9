package workspace_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/entity"
)

// scripted is an engine that does what the description of each alert says, in
// words that are carried out in order:
//
//	new             the alert gets an incident of its own (also the default)
//	into 3          it goes into incident 3
//	merge 2>1       incident 2 is merged into incident 1
//	move a>3        alert a goes into incident 3, a>new into a new one
//	see 5,6         it mentions the entities 5 and 6
//	join 6>5        entity 6 turns out to be 5
//	suggest 1+2     incidents 1 and 2 may be related
//	exclude         the alert's rule is excluded from correlation
//	panic           the engine fails
//
// The script is part of the alert, so a replay of the log does the same again.
type scripted struct {
	Next   correlate.IncidentID
	In     map[string]correlate.IncidentID
	To     map[correlate.IncidentID]correlate.IncidentID
	Seen   map[entity.ID]bool
	Joined map[entity.ID]entity.ID
}

func newScripted() correlate.Correlator {
	return &scripted{
		Next: 1, In: map[string]correlate.IncidentID{}, To: map[correlate.IncidentID]correlate.IncidentID{},
		Seen: map[entity.ID]bool{}, Joined: map[entity.ID]entity.ID{},
	}
}

func restoreScripted(snapshot []byte) (correlate.Correlator, error) {
	e := newScripted().(*scripted)
	return e, json.Unmarshal(snapshot, e)
}

func (e *scripted) Snapshot() ([]byte, error) { return json.Marshal(e) }

func (e *scripted) root(id correlate.IncidentID) correlate.IncidentID {
	for e.To[id] != 0 {
		id = e.To[id]
	}
	return id
}

func (e *scripted) open() correlate.IncidentID {
	e.Next++
	return e.Next - 1
}

func (e *scripted) Add(in correlate.Arrival) correlate.Outcome {
	id := in.Alert.ID
	out := correlate.Outcome{AlertID: id}
	held, known := e.In[id]
	out.Update = known
	into := held
	var see []entity.ID
	var rest []string
	for _, word := range strings.Split(in.Alert.Description, ";") {
		verb, arg, _ := strings.Cut(strings.TrimSpace(word), " ")
		switch verb {
		case "panic":
			e.Next += 100 // what is left half done must be thrown away
			panic("as the script says")
		case "into":
			if !known {
				into = e.root(number(arg))
			}
		case "see":
			for _, s := range strings.Split(arg, ",") {
				see = append(see, entity.ID(number(s)))
			}
		case "join":
			from, to := pair(arg)
			e.Joined[entity.ID(from)] = entity.ID(to)
			out.Joins = append(out.Joins, entity.Join{From: entity.ID(from), Into: entity.ID(to)})
		default:
			rest = append(rest, verb+" "+arg)
		}
	}
	if into == 0 {
		into, out.Created = e.open(), true
	}
	into = e.root(into)
	e.In[id], out.Incident = into, into
	if len(rest) > 0 && !out.Created && !known {
		out.Link = correlate.Link{Score: 0.75}
	}
	e.mention(see, &out)
	for _, word := range rest {
		e.after(word, &out)
	}
	return out
}

func (e *scripted) mention(see []entity.ID, out *correlate.Outcome) {
	for n, id := range see {
		for e.Joined[id] != 0 {
			id = e.Joined[id]
		}
		label := fmt.Sprintf("host-%d", id)
		out.Entities = append(out.Entities, entity.Seen{
			ID: id, New: !e.Seen[id], Mention: entity.Mention{Kind: entity.Device, Label: label, Impacted: n == 0, Evidence: n},
		})
		e.Seen[id] = true
	}
}

func (e *scripted) after(word string, out *correlate.Outcome) {
	verb, arg, _ := strings.Cut(word, " ")
	switch verb {
	case "merge":
		from, to := pair(arg)
		e.To[from] = to
		out.Merges = append(out.Merges, correlate.Merge{From: from, Into: to, Link: correlate.Link{Score: 0.9}})
	case "suggest":
		a, b, _ := strings.Cut(arg, "+")
		out.Suggestions = append(out.Suggestions, correlate.Suggestion{
			Pair: correlate.Pair{A: number(a), B: number(b)}, Kind: correlate.SuggestNear, Score: 0.6, Alert: out.AlertID,
			Link: correlate.Link{Score: 0.6, Facts: []correlate.Fact{{Feature: "f", Text: "as the script says"}}},
		})
	case "exclude":
		out.Excluded = true
	case "move":
		id, to, _ := strings.Cut(arg, ">")
		m := correlate.Move{AlertID: id, From: e.root(e.In[id]), Link: correlate.Link{Score: 0.8}}
		if to == "new" {
			m.To, m.Created = e.open(), true
		} else {
			m.To = e.root(number(to))
		}
		e.In[id] = m.To
		out.Moves = append(out.Moves, m)
	}
}

func (e *scripted) Apply(c correlate.Command) (correlate.Outcome, error) {
	out := correlate.Outcome{Incident: c.Incident}
	switch c.Kind {
	case correlate.CommandMerge:
		for _, s := range c.Sources {
			e.To[s] = c.Incident
			out.Merges = append(out.Merges, correlate.Merge{From: s, Into: c.Incident})
		}
	case correlate.CommandUndoMerge:
		// What was in the source and does not go back stays with the target.
		for _, id := range slices.Sorted(maps.Keys(e.In)) {
			if e.root(e.In[id]) == e.root(c.Incident) {
				e.In[id] = e.root(c.Incident)
			}
		}
		delete(e.To, c.Sources[0])
		for _, id := range c.Alerts {
			e.In[id] = c.Sources[0]
		}
	case correlate.CommandMove, correlate.CommandKeep:
		if c.Incident == 0 {
			out.Incident, out.Created = e.open(), true
		}
		for _, id := range c.Alerts {
			e.In[id] = out.Incident
		}
	}
	return out, nil
}

func number(s string) correlate.IncidentID {
	var n correlate.IncidentID
	if _, err := fmt.Sscanf(s, "%d", &n); err != nil {
		panic(fmt.Sprintf("no number in the script: %q", s))
	}
	return n
}

func pair(s string) (from, to correlate.IncidentID) {
	a, b, _ := strings.Cut(s, ">")
	return number(a), number(b)
}
