package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How often it is looked whether little goes on, how much may be allocated in
// between so that it counts as little, and how much garbage is worth a collection.
const (
	quietEvery   = 15 * time.Second
	quietAllocs  = 8 << 20
	quietGarbage = 8 << 20
)

// keepQuiet gives memory back while little goes on, until the context ends. What
// was needed for the last large thing, such as the password of a sign-in, would
// otherwise be held for as long as nothing happens: Go collects garbage only as
// more is made.
func keepQuiet(ctx context.Context) {
	var q quiet
	tick := time.NewTicker(quietEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if m := memory(); q.little(m) && q.worth(m) {
			debug.FreeOSMemory()
			q.freed(memory())
		}
	}
}

// usage is what of Go's memory was ever allocated and what is held by objects,
// with those that are garbage, in bytes.
type usage struct{ allocated, held uint64 }

func memory() usage {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return usage{allocated: s[0].Value.Uint64(), held: s[1].Value.Uint64()}
}

// quiet tells when memory is to be given back.
type quiet struct {
	last usage  // when it was looked last
	kept uint64 // what was held after memory was given back
}

// little tells whether little was allocated since the last look.
func (q *quiet) little(now usage) bool {
	before := q.last.allocated
	q.last, q.kept = now, min(q.kept, now.held)
	return now.allocated-before < quietAllocs
}

// worth tells whether there may be much garbage.
func (q *quiet) worth(now usage) bool { return now.held > q.kept+quietGarbage }

func (q *quiet) freed(now usage) { q.kept, q.last = now.held, now }
