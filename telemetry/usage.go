package telemetry

import "time"

// Usage is what queries have cost their engine. A field is 0 where the engine
// does not tell.
type Usage struct {
	Processor time.Duration // of all threads together
	Scanned   int64         // rows that were read from tables
	Memory    int64         // bytes that the engine held at most while the query ran, for all queries together
}

// Add counts another query that ran after those so far.
func (u *Usage) Add(v Usage) {
	u.Processor += v.Processor
	u.Scanned += v.Scanned
	u.Memory = max(u.Memory, v.Memory)
}

// Costed is a result that tells what it has cost, once it is closed. Rows may be
// one.
type Costed interface{ Usage() Usage }
