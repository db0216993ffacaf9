// Package live tells browsers what changed, by server-sent events.
//
// A Hub keeps the last events, so that a client that was away for a moment gets
// what it missed. A client that can't keep up, or that was away for too long, is
// told to read everything again; it never makes the writer wait, and what it can
// hold of the server's memory is bounded.
package live

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/clew-sec/clew/workspace"
)

// Bounds of a hub.
const (
	keep        = 1024 // events for those who come back
	buffer      = 64   // events waiting for one client
	maxFollower = 1000 // clients
)

// ErrFull: too many clients are connected. ErrClosed: the server is stopping.
var (
	ErrFull   = errors.New("too many live connections")
	ErrClosed = errors.New("live updates are closed")
)

// message is an event with the id by which a client resumes after it.
type message struct {
	id     string
	event  workspace.Event
	resync bool
}

// Hub hands the events of one workspace to its clients. Safe for concurrent use.
type Hub struct {
	name string
	boot string // tells ids of this process from those of an earlier one

	mu     sync.Mutex
	last   uint64
	recent []message // oldest first, at most keep
	subs   map[*Subscriber]struct{}
	closed bool
}

// NewHub makes a hub for a workspace.
func NewHub(name string) *Hub {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return &Hub{name: name, boot: hex.EncodeToString(b[:]), subs: map[*Subscriber]struct{}{}}
}

// Subscriber is one client.
type Subscriber struct {
	hub     *Hub
	c       chan message
	backlog []message
	begin   string // where the stream stands after the backlog
}

// Publish hands an event to all clients. It never waits.
func (h *Hub) Publish(e workspace.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	m := message{id: h.boot + "-" + strconv.FormatUint(h.last, 10), event: e}
	if len(h.recent) == keep {
		h.recent = append(h.recent[:0:0], h.recent[keep/4:]...)
	}
	h.recent = append(h.recent, m)
	h.send(m)
}

// Resync tells all clients to read everything again: events were lost on the
// way here. What was kept is of no use any more.
func (h *Hub) Resync() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.recent = nil
	h.send(message{id: h.boot + "-" + strconv.FormatUint(h.last, 10), resync: true})
}

func (h *Hub) send(m message) {
	for s := range h.subs {
		s.offer(m)
	}
}

// offer queues a message. When the buffer is full everything in it gives way to
// one resync, which says all that it would have said.
func (s *Subscriber) offer(m message) {
	select {
	case s.c <- m:
		return
	default:
	}
	for drained := false; !drained; {
		select {
		case <-s.c:
		default:
			drained = true
		}
	}
	s.c <- message{id: m.id, resync: true} // never waits: only the hub sends, under its lock
}

// Subscribe adds a client that has seen everything up to the event after; empty
// when it begins.
func (h *Hub) Subscribe(after string) (*Subscriber, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrClosed
	}
	if len(h.subs) >= maxFollower {
		return nil, ErrFull
	}
	s := &Subscriber{hub: h, c: make(chan message, buffer), backlog: h.since(after), begin: h.id()}
	h.subs[s] = struct{}{}
	return s, nil
}

// since gives what a client missed, or one resync when that is not known.
func (h *Hub) since(after string) []message {
	if after == "" {
		return nil
	}
	boot, number, _ := strings.Cut(after, "-")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || boot != h.boot || n > h.last {
		return []message{{id: h.id(), resync: true}}
	}
	missed := h.last - n
	if missed > uint64(len(h.recent)) {
		return []message{{id: h.id(), resync: true}}
	}
	return append([]message(nil), h.recent[uint64(len(h.recent))-missed:]...)
}

func (h *Hub) id() string { return h.boot + "-" + strconv.FormatUint(h.last, 10) }

// Close ends the subscription. It may be called twice.
func (s *Subscriber) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if _, ok := s.hub.subs[s]; ok {
		delete(s.hub.subs, s)
		close(s.c)
	}
}

// Close ends every stream and refuses new ones.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subs {
		delete(h.subs, s)
		close(s.c)
	}
}

// Clients is how many are connected.
func (h *Hub) Clients() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs)
}
