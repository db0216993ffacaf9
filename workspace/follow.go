package workspace

import (
	"slices"
	"sync"
	"time"

	"github.com/clew-sec/clew/correlate"
)

// Event tells followers what a commit changed.
type Event struct {
	Seq       int64                  `json:"seq"` // log position after the commit
	At        time.Time              `json:"at"`
	Incidents []correlate.IncidentID `json:"incidents"` // ascending
	Alerts    int                    `json:"alerts"`    // new or updated ones
}

// Subscription delivers events in order. A follower that falls more than its
// buffer behind loses events: Lagged then says so, and it must read afresh.
type Subscription struct {
	C   <-chan Event
	hub *hub
	c   chan Event

	mu     sync.Mutex
	lagged bool
}

// Lagged tells whether events were lost since the last call.
func (s *Subscription) Lagged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lagged
	s.lagged = false
	return l
}

// Close ends the subscription; C is closed. It may be called twice.
func (s *Subscription) Close() { s.hub.remove(s) }

const followBuffer = 64

// Follow subscribes to the changes from now on. C is closed when the workspace is.
func (w *Workspace) Follow() *Subscription { return w.hub.add() }

// hub hands events to the followers. The zero value is ready.
type hub struct {
	mu     sync.Mutex
	subs   []*Subscription
	closed bool
}

func (h *hub) add() *Subscription {
	c := make(chan Event, followBuffer)
	s := &Subscription{C: c, c: c, hub: h}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(c)
		return s
	}
	h.subs = append(h.subs, s)
	return s
}

func (h *hub) remove(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.subs, s); i >= 0 {
		h.subs = slices.Delete(h.subs, i, i+1)
		close(s.c)
	}
}

func (h *hub) publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.subs {
		select {
		case s.c <- e:
		default:
			s.mu.Lock()
			s.lagged = true
			s.mu.Unlock()
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, s := range h.subs {
		close(s.c)
	}
	h.subs = nil
}
