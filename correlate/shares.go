package correlate

import (
	"slices"

	"github.com/clew-sec/clew/entity"
)

// shares are what the entities of an incident have to do with it. Most incidents
// have a handful, which are found by looking through them: they lie side by side.
// A map finds those of the others.
type shares struct {
	list []held
	at   map[entity.ID]*share // of all, once there are more than fewShares
}

type held struct {
	id    entity.ID
	share *share
}

// fewShares is how many are looked through.
const fewShares = 16

func (s *shares) len() int { return len(s.list) }

// get gives the share of an entity, nil when it has none.
func (s *shares) get(id entity.ID) *share {
	if s.at != nil {
		return s.at[id]
	}
	for i := range s.list {
		if s.list[i].id == id {
			return s.list[i].share
		}
	}
	return nil
}

// put gives an entity that has none a share.
func (s *shares) put(id entity.ID, to *share) {
	s.list = append(s.list, held{id, to})
	switch {
	case s.at != nil:
		s.at[id] = to
	case len(s.list) > fewShares:
		s.at = make(map[entity.ID]*share, 2*fewShares)
		for _, h := range s.list {
			s.at[h.id] = h.share
		}
	}
}

// remove takes the share of an entity away.
func (s *shares) remove(id entity.ID) {
	at := slices.IndexFunc(s.list, func(h held) bool { return h.id == id })
	if at < 0 {
		return
	}
	last := len(s.list) - 1
	s.list[at] = s.list[last]
	s.list[last] = held{}
	s.list = s.list[:last]
	delete(s.at, id)
}

// ids lists the entities, ascending.
func (s *shares) ids() []entity.ID {
	out := make([]entity.ID, len(s.list))
	for i := range s.list {
		out[i] = s.list[i].id
	}
	slices.Sort(out)
	return out
}
