package auth

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits on guessing passwords and invitations.
const (
	addressBurst = 10
	addressEvery = 10 * time.Second // one more attempt
	userBurst    = 20
	userEvery    = 30 * time.Second
	maxGated     = 10_000 // addresses, and names, that are remembered
)

// gate slows down guessing, per address and per name. A name under attack can
// still sign in from an address at which it signed in before, so that nobody
// can lock an administrator out.
type gate struct {
	mu        sync.Mutex
	addresses bounded[*rate.Limiter]
	users     bounded[*rate.Limiter]
	familiar  bounded[struct{}]
}

func newGate() *gate {
	return &gate{addresses: newBounded[*rate.Limiter](), users: newBounded[*rate.Limiter](), familiar: newBounded[struct{}]()}
}

// block is the unit in which addresses are counted: one IPv4 address, or the
// /64 that an IPv6 subscriber owns whole.
func block(a netip.Addr) string {
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return a.String()
}

// attempt takes one attempt; it answers with a *LimitError when there is none left.
func (g *gate) attempt(now time.Time, from netip.Addr, user string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := take(&g.addresses, now, block(from), addressEvery, addressBurst); err != nil {
		return err
	}
	if user == "" {
		return nil
	}
	if _, ok := g.familiar.get(user + "\x00" + block(from)); ok {
		return nil
	}
	return take(&g.users, now, user, userEvery, userBurst)
}

// succeeded remembers that the user signed in from there, and forgives the
// attempts that it took.
func (g *gate) succeeded(from netip.Addr, user string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.familiar.put(user+"\x00"+block(from), struct{}{})
	g.addresses.drop(block(from))
}

func take(b *bounded[*rate.Limiter], now time.Time, key string, every time.Duration, burst int) error {
	l, ok := b.get(key)
	if !ok {
		l = rate.NewLimiter(rate.Every(every), burst)
		b.put(key, l)
	}
	r := l.ReserveN(now, 1)
	if after := r.DelayFrom(now); after > 0 {
		r.CancelAt(now)
		return &LimitError{After: after}
	}
	return nil
}

// bounded is a map that forgets what was not used for longest.
type bounded[V any] struct {
	items map[string]*list.Element
	order *list.List // latest first
}

type boundedItem[V any] struct {
	key   string
	value V
}

func newBounded[V any]() bounded[V] {
	return bounded[V]{items: map[string]*list.Element{}, order: list.New()}
}

func (b *bounded[V]) get(key string) (v V, ok bool) {
	e, ok := b.items[key]
	if !ok {
		return v, false
	}
	b.order.MoveToFront(e)
	return e.Value.(boundedItem[V]).value, true
}

func (b *bounded[V]) put(key string, v V) {
	b.drop(key)
	b.items[key] = b.order.PushFront(boundedItem[V]{key, v})
	if len(b.items) > maxGated {
		b.drop(b.order.Back().Value.(boundedItem[V]).key)
	}
}

func (b *bounded[V]) drop(key string) {
	if e, ok := b.items[key]; ok {
		b.order.Remove(e)
		delete(b.items, key)
	}
}
