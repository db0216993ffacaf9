package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/store"
)

// Batch is what a sender hands over.
type Batch struct {
	// Source is the format that the sender named, or empty. It is what a record
	// that no source could read is counted under.
	Source string
	// Origin says where the records come from, for dead letters: a file name
	// or an address.
	Origin string
	// Results yields the records in order, as reader.Alerts does. An error that
	// is a *reader.RecordError becomes a dead letter and reading goes on; any
	// other ends the batch, what came before it stays accepted.
	Results iter.Seq2[reader.Result, error]
	// ReceivedAt gives the time at which an alert came in, for history that is
	// loaded after the fact. Nil, or the zero time, means now.
	ReceivedAt func(*alert.Alert) time.Time
}

// Status of a record in a receipt.
const (
	StatusNew       = "new"
	StatusUpdated   = "updated"
	StatusUnchanged = "unchanged"
	StatusRejected  = "rejected"
	StatusSkipped   = "skipped" // valid, but carries no alert
)

// Receipt is the balance of a batch:
// Received = New + Updated + Unchanged + Rejected, and Skipped beside it. Those
// of New that were folded into an occurrence group are kept like all others.
type Receipt struct {
	Received  int            `json:"received"`
	New       int            `json:"new"`
	Updated   int            `json:"updated"`
	Unchanged int            `json:"unchanged"`
	Rejected  int            `json:"rejected"`
	Skipped   int            `json:"skipped"`
	Folded    int            `json:"folded"` // those of New that repeat an earlier alert
	Records   []RecordResult `json:"records"`
	// Truncated says that Records holds only the first 1,000 results;
	// the counts are whole, and every reject is in the dead letters.
	Truncated bool `json:"truncated"`
}

// RecordResult says what became of one record. A record with several alerts
// (an incident with its alerts expanded) has several results.
type RecordResult struct {
	Record   int                  `json:"record"` // 1-based
	AlertID  string               `json:"alertId,omitempty"`
	Incident correlate.IncidentID `json:"incidentId,omitempty"`
	Status   string               `json:"status"`
	Folded   bool                 `json:"folded,omitempty"` // it repeats an earlier alert
	Field    string               `json:"field,omitempty"`  // JSON pointer
	Reason   string               `json:"reason,omitempty"`
}

const (
	maxResults  = 1000
	maxRawKept  = 64 << 10
	maxInFlight = 2
)

// prepared is an alert that was parsed and encoded, ready for the owner.
type prepared struct {
	alert    *alert.Alert
	normal   []byte
	raw      []byte
	source   string
	origin   string
	record   int
	received time.Time
}

// Ingest accepts a batch. When it returns, everything counted in the receipt is
// committed, rejects included. The error, if any, tells why the rest was not
// taken; the receipt holds what was.
func (w *Workspace) Ingest(ctx context.Context, b Batch) (Receipt, error) {
	in := &intake{w: w, ctx: ctx, batch: b}
	in.fresh()
	var broken error
	for res, err := range b.Results {
		if err != nil && !in.unreadable(err) {
			broken = err
			break
		}
		if err == nil {
			in.read(res)
		}
		if in.full() && in.flush() != nil {
			break
		}
	}
	if err := in.finish(); err != nil {
		return in.receipt, err
	}
	return in.receipt, broken
}

// intake is the work of one Ingest call. Requests are sent ahead while the
// owner commits the one before, so parsing and writing overlap.
type intake struct {
	w       *Workspace
	ctx     context.Context
	batch   Batch
	cur     *request
	pending []*request
	receipt Receipt
	err     error
}

func (in *intake) fresh() {
	in.cur = &request{intake: map[string]store.Intake{}}
}

const maxBatchBytes = 8 << 20

func (in *intake) full() bool {
	return len(in.cur.alerts)+len(in.cur.rejects) >= in.w.opt.MaxBatch || in.cur.bytes >= maxBatchBytes
}

func (in *intake) read(res reader.Result) {
	number := res.Record.Number
	if res.Skipped != "" {
		in.receipt.Skipped++
		in.list(RecordResult{Record: number, Status: StatusSkipped, Reason: res.Skipped})
	}
	for _, a := range res.Alerts {
		in.prepare(res, a)
	}
}

func (in *intake) prepare(res reader.Result, a *alert.Alert) {
	source := res.Source.Name()
	normal, err := a.MarshalJSON()
	if err != nil {
		in.reject(refusal{record: res.Record.Number, source: source, raw: res.Record.Raw, err: err})
		return
	}
	p := prepared{alert: a, normal: normal, source: source, origin: in.batch.Origin, record: res.Record.Number, received: in.received(a)}
	if len(res.Alerts) == 1 && !bytes.Equal(res.Record.Raw, normal) {
		p.raw = slices.Clone(res.Record.Raw)
	}
	in.cur.bytes += len(p.normal) + len(p.raw)
	in.cur.alerts = append(in.cur.alerts, p)
}

func (in *intake) received(a *alert.Alert) time.Time {
	if in.batch.ReceivedAt != nil {
		if at := in.batch.ReceivedAt(a); !at.IsZero() {
			return at.UTC().Truncate(time.Microsecond)
		}
	}
	return in.w.now()
}

// unreadable keeps a record that could not be read; false ends the batch.
func (in *intake) unreadable(err error) bool {
	var re *reader.RecordError
	if !errors.As(err, &re) {
		return false
	}
	in.reject(refusal{record: re.Record, source: in.batch.Source, raw: re.Raw, size: re.Size, err: err})
	return true
}

// refusal is a record that is not accepted.
type refusal struct {
	record int
	source string
	raw    []byte
	size   int64 // of the whole record, when raw is its beginning only
	err    error
}

func (in *intake) reject(r refusal) {
	field, reason := describe(r.err)
	if r.source == "" {
		r.source = "unknown"
	}
	kept := r.raw[:min(len(r.raw), maxRawKept)]
	in.cur.rejects = append(in.cur.rejects, store.Reject{
		At: in.w.now(), Source: r.source, Origin: in.batch.Origin, Record: r.record,
		Field: field, Reason: reason, Raw: slices.Clone(kept), RawBytes: max(r.size, int64(len(r.raw))),
	})
	in.cur.bytes += len(kept)
}

// describe takes the field and the reason out of a parser's error.
func describe(err error) (field, reason string) {
	var fe *alert.FieldError
	if errors.As(err, &fe) {
		field = fe.Path
	}
	return field, err.Error()
}

// flush sends the current request ahead and collects the oldest when too many
// are under way.
func (in *intake) flush() error {
	if in.err != nil {
		return in.err
	}
	if len(in.cur.alerts)+len(in.cur.rejects) > 0 {
		if err := in.w.enqueue(in.ctx, in.cur); err != nil {
			in.err = fmt.Errorf("waiting for the writer: %w", err)
			return in.err
		}
		in.pending = append(in.pending, in.cur)
	}
	in.fresh()
	for len(in.pending) > maxInFlight {
		in.collect()
	}
	return in.err
}

func (in *intake) collect() {
	r := in.pending[0]
	in.pending = in.pending[1:]
	if err := in.w.await(in.ctx, r); err != nil {
		in.err = errors.Join(in.err, err)
		return
	}
	in.count(r)
}

func (in *intake) count(r *request) {
	for _, source := range slices.Sorted(maps.Keys(r.intake)) {
		c := r.intake[source]
		in.receipt.Received += int(c.Received)
		in.receipt.New += int(c.New)
		in.receipt.Updated += int(c.Updated)
		in.receipt.Unchanged += int(c.Unchanged)
		in.receipt.Rejected += int(c.Rejected)
		in.receipt.Folded += int(c.Folded)
	}
	for _, res := range r.results {
		in.list(res)
	}
}

func (in *intake) list(r RecordResult) {
	if len(in.receipt.Records) >= maxResults {
		in.receipt.Truncated = true
		return
	}
	in.receipt.Records = append(in.receipt.Records, r)
}

func (in *intake) finish() error {
	if in.err == nil {
		_ = in.flush()
	}
	for len(in.pending) > 0 {
		in.collect()
	}
	slices.SortStableFunc(in.receipt.Records, func(a, b RecordResult) int { return a.Record - b.Record })
	return in.err
}

func (w *Workspace) now() time.Time { return w.opt.Now().UTC().Truncate(time.Microsecond) }
