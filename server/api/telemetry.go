package api

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/telemetry/mapping"
	"github.com/clew-sec/clew/workspace"
)

// Telemetry takes events in; *ingest.Service is one.
type Telemetry interface {
	Deliver(ctx context.Context, workspace string, body io.Reader, d ingest.Delivery) (ingest.Receipt, error)
	DeliverRecords(ctx context.Context, workspace, origin string, records [][]byte) (ingest.Receipt, error)
}

// EventReceipt is the balance of a delivery of events, in records:
// received = stored + rejected.
type EventReceipt ingest.Receipt

// telemetryInput keeps the body as a stream: it is never held in memory whole.
type telemetryInput struct {
	InWorkspace
	Format string `path:"format" pattern:"^[a-z0-9][a-z0-9-]*$" maxLength:"64" doc:"The format of the events; auto recognises it record by record." example:"auto"`
	Origin string `query:"origin" maxLength:"256" doc:"Where the events come from, kept with those that are rejected; the sender's address when left out."`

	request  *http.Request
	response http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (i *telemetryInput) Resolve(hc huma.Context) []error {
	i.request, i.response = humago.Unwrap(hc)
	return nil
}

func (s *service) telemetryOperations() {
	add(s, operation{
		id: "ingest-telemetry", tag: "ingest", route: "POST /telemetry/{format}", summary: "Deliver events for hunting", need: auth.Ingest,
		status: 202, errors: []int{413, 415, 507},
		doc: `The body is events of Windows and Sysmon, Linux, network sensors, clouds, identity providers and others, as JSON, an array, one per line, XML of Windows, or lines of syslog; plain, gzip or zip.

202 comes only after everything that it counts was committed. A record that can't be read as an event is rejected alone and kept with the reason in the table RejectedEvents. At most 1,000 rejects are listed; the counts are whole.

Up to 10,000 rows are committed at once. When a larger delivery fails on the way, the receipt in the problem says how many records from the beginning were stored: send only the rest again, since events have no id by which a repeat could be told.`,
		adjust: func(op *huma.Operation) {
			text := &huma.Schema{Type: huma.TypeString, Format: "binary"}
			op.RequestBody = &huma.RequestBody{Required: true, Description: "Events.", Content: map[string]*huma.MediaType{
				"application/json":     {Example: map[string]any{"Channel": "Security", "EventID": 4688, "Computer": "host.example"}},
				"application/x-ndjson": {Schema: text}, "text/plain": {Schema: text}, "application/octet-stream": {Schema: text},
			}}
		},
	}, s.ingestTelemetry)
	s.otlpOperation()
}

func (s *service) ingestTelemetry(ctx context.Context, in *telemetryInput) (*Output[EventReceipt], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	if s.Telemetry == nil {
		return nil, errNoTelemetry
	}
	format := in.Format
	if format == "auto" {
		format = ""
	} else if _, ok := mapping.Lookup(format); !ok {
		return nil, problemOf(404, "no-format", "There is no event format of this name.", "Use auto, or one of the names in docs/telemetry.md.")
	}
	body := &ingestInput{InWorkspace: in.InWorkspace, Origin: in.Origin, request: in.request, response: in.response}
	return s.takeEvents(ctx, body, func(d *delivery) (ingest.Receipt, error) {
		r, err := s.Telemetry.Deliver(ctx, in.Workspace, d.body, ingest.Delivery{Format: format, Origin: body.origin(ctx), File: d.opt})
		s.CountedEvents(in.Format, r)
		return r, err
	})
}

// takeEvents opens the body of a delivery of events, counts it among those under
// way, and answers for what became of it.
func (s *service) takeEvents(ctx context.Context, in *ingestInput, deliver func(*delivery) (ingest.Receipt, error)) (*Output[EventReceipt], error) {
	d, err := s.delivery(ctx, in, nil)
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
	r, err := deliver(d)
	return s.eventsReceived(ctx, r, firstOf(err, d.body.err))
}

// eventsReceived answers with the balance. A failure after something was stored
// says what was.
func (s *service) eventsReceived(ctx context.Context, r ingest.Receipt, err error) (*Output[EventReceipt], error) {
	if err == nil && r.Received == 0 {
		err = problemOf(400, "no-records", "The body holds no event.", "Send events as JSON, one per line, or as lines of text.")
	}
	if err == nil {
		return &Output[EventReceipt]{Body: EventReceipt(r)}, nil
	}
	p := s.problem(ctx, err)
	if r.Received > 0 {
		s.Log.InfoContext(ctx, "delivery of events ended early", "request", p.RequestID, "received", r.Received, "error", err)
		got := EventReceipt(r)
		p.Events = &got
	}
	return nil, p
}
