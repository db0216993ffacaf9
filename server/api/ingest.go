package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/source"
	"github.com/clew-sec/clew/source/reader"
	"github.com/clew-sec/clew/workspace"
)

// errTooMuch: the body is larger than the limits, before or after unpacking.
var errTooMuch = errors.New("request body too large")

// errBrokenOff: the sender stopped in the middle, or was too slow.
var errBrokenOff = errors.New("request body broken off")

// Receipt is the balance of an ingest request:
// received = new + updated + unchanged + rejected, skipped beside it.
type Receipt = workspace.Receipt

// ingestInput keeps the body as a stream: it is never held in memory whole.
type ingestInput struct {
	InWorkspace
	Source string `path:"source" pattern:"^[a-z0-9][a-z0-9-]*$" maxLength:"64" doc:"The format of the records; auto recognises it record by record." example:"auto"`
	Origin string `query:"origin" maxLength:"256" doc:"Where the records come from, kept with those that are rejected; the sender's address when left out."`

	request  *http.Request
	response http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (i *ingestInput) Resolve(hc huma.Context) []error {
	i.request, i.response = humago.Unwrap(hc)
	return nil
}

func (s *service) ingestOperations() {
	add(s, operation{
		id: "ingest", tag: "ingest", route: "POST /ingest/{source}", summary: "Deliver alerts", need: auth.Ingest,
		status: 202, errors: []int{400, 409, 413, 415, 507},
		doc: `The body is a JSON object, an array of objects, an object with a list in "value", or one object per line; plain, gzip (by Content-Encoding or by its first bytes) or zip.

202 comes only after everything that it counts was committed. A record that can't be read or understood is rejected alone and kept with the reason (GET /rejects). At most 1,000 results are listed; the counts are whole.

Sending the same alert again (same source and provider id) updates it, so a request without an answer can simply be repeated.`,
		adjust: func(op *huma.Operation) {
			text := &huma.Schema{Type: huma.TypeString, Format: "binary"}
			op.RequestBody = &huma.RequestBody{Required: true, Description: "Alerts.", Content: map[string]*huma.MediaType{
				"application/json":         {Example: map[string]any{"title": "Suspicious sign-in", "severity": "high"}},
				"application/x-ndjson":     {Schema: text},
				"application/octet-stream": {Schema: text},
			}}
		},
	}, s.ingest)
}

func (s *service) ingest(ctx context.Context, in *ingestInput) (*Output[Receipt], error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	sources, err := s.sources(in.Source)
	if err != nil {
		return nil, err
	}
	d, err := s.delivery(ctx, in, sources)
	if err != nil {
		return nil, err
	}
	under := s.ingests
	if d.small {
		under = s.smallIngests
	}
	select {
	case under <- struct{}{}:
		defer func() { <-under }()
	default:
		return nil, fmt.Errorf("%d ingest requests are under way: %w", cap(under), workspace.ErrBusy)
	}
	receipt, err := w.Ingest(ctx, workspace.Batch{Source: named(sources), Origin: in.origin(ctx), Results: d.results})
	s.Counted(in.Source, receipt)
	return s.received(ctx, receipt, firstOf(err, d.problem()))
}

// received answers with the balance. A failure after something was accepted
// says what was.
func (s *service) received(ctx context.Context, r Receipt, err error) (*Output[Receipt], error) {
	if err == nil {
		return &Output[Receipt]{Body: r}, nil
	}
	p := s.problem(ctx, err)
	if r.Received > 0 {
		s.Log.InfoContext(ctx, "ingest ended early", "request", p.RequestID, "received", r.Received, "error", err)
		p.Receipt = &r
	}
	return nil, p
}

// delivery is the body of one request on its way to records.
type delivery struct {
	ctx  context.Context
	body *bounded
	conv reader.Conversion
	opt  reader.Options
	// small says that the body can't become much: many of the kind may wait for
	// the same commit without holding more than one large body does.
	small bool

	read int   // records that could be cut out
	bad  error // the first error
	end  error // what ended the body early
}

// smallBody is the size in bytes up to which a body counts as small, and
// smallPerLarge how many small ones may be under way for each large one.
const (
	smallBody     = 128 << 10
	smallPerLarge = 16
)

// delivery opens the body. It is never held in memory whole; packed bodies are
// limited before and after unpacking.
func (s *service) delivery(ctx context.Context, in *ingestInput, sources []source.Source) (*delivery, error) {
	buffered := bufio.NewReaderSize(in.request.Body, 32<<10)
	head, _ := buffered.Peek(4)
	packed := bytes.HasPrefix(head, []byte("\x1f\x8b")) || bytes.HasPrefix(head, []byte("PK\x03\x04"))
	encoding := strings.ToLower(in.request.Header.Get("Content-Encoding"))
	switch {
	case !slices.Contains([]string{"", "identity", "gzip", "x-gzip"}, encoding):
		return nil, problemOf(415, "encoding", "The content encoding is not understood.", "Send the body plain or with gzip.")
	case strings.HasSuffix(encoding, "gzip") && !packed && len(head) > 0:
		return nil, problemOf(400, "unreadable", "Content-Encoding says gzip, but the body is not.", "Send what the header says.")
	}
	limit := s.MaxRaw
	if packed {
		limit = s.MaxCompressed
	}
	if in.request.ContentLength > limit {
		return nil, fmt.Errorf("%d bytes are announced: %w", in.request.ContentLength, errTooMuch)
	}
	return &delivery{
		ctx: ctx, small: !packed && in.request.ContentLength >= 0 && in.request.ContentLength <= smallBody,
		body: &bounded{from: buffered, left: limit}, conv: reader.Conversion{Sources: sources},
		opt: reader.Options{Name: "the body", MaxTotal: s.MaxRaw, MaxSpool: s.MaxCompressed, MaxFiles: 1000},
	}, nil
}

// results yields the records for the workspace. What ends the body early is not
// a bad record: it is kept for the answer.
func (d *delivery) results(yield func(reader.Result, error) bool) {
	for res, err := range reader.Alerts(d.ctx, d.body, d.conv, d.opt) {
		switch {
		case err == nil || !uncut(err):
			d.read++
		case d.body.err != nil || errors.Is(err, reader.ErrBomb):
			d.end = firstOf(d.body.err, errTooMuch)
			return
		default:
			d.bad = firstOf(d.bad, err)
		}
		if !yield(res, err) {
			return
		}
	}
}

// uncut tells whether an error is about the body's form rather than about a
// record that stood in it.
func uncut(err error) bool {
	for _, form := range []error{reader.ErrBroken, reader.ErrCutOff, reader.ErrBomb, reader.ErrArchive, reader.ErrNotText, errTooMuch, errBrokenOff} {
		if errors.Is(err, form) {
			return true
		}
	}
	var re *reader.RecordError
	return errors.As(err, &re) && re.Fatal
}

// problem is what is wrong with the body as a whole, nil when records came out of it.
func (d *delivery) problem() error {
	var re *reader.RecordError
	switch {
	case d.end != nil:
		return d.end
	case d.read > 0:
		return nil
	case errors.As(d.bad, &re):
		return problemOf(400, "unreadable", "Nothing in the body could be read: "+re.Err.Error()+".",
			"Send a JSON object, an array of objects, or one object per line; plain, gzip or zip.")
	case d.bad != nil:
		return d.bad
	}
	return problemOf(400, "no-records", "The body holds no record.", "Send a JSON object, an array of objects, or one object per line.")
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// sources gives those that a request lets read its records.
func (s *service) sources(name string) ([]source.Source, error) {
	if name == "auto" {
		return s.Sources, nil
	}
	for _, known := range s.Sources {
		if known.Name() == name {
			return []source.Source{known}, nil
		}
	}
	return nil, problemOf(404, "no-source", "There is no source of this name.", "Use auto, or one of the names that GET /api/v1/sources lists as known.")
}

// named is the format that the sender named, or empty.
func named(sources []source.Source) string {
	if len(sources) == 1 {
		return sources[0].Name()
	}
	return ""
}

func (i *ingestInput) origin(ctx context.Context) string {
	if i.Origin != "" {
		return i.Origin
	}
	return request.From(ctx).Address.String()
}

// bounded refuses to read more than its limit and keeps its first error, because
// the record reader wraps errors in its own.
type bounded struct {
	from io.Reader
	left int64
	err  error
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		b.err = errTooMuch
		return 0, b.err
	}
	if err != nil && err != io.EOF {
		b.err = errors.Join(errBrokenOff, err)
		return n, b.err
	}
	return n, err
}
