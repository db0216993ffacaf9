package api

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/telemetry/otlp"
	"github.com/clew-sec/clew/workspace"
)

// otlpInput keeps the request.
type otlpInput struct {
	InWorkspace
	request *http.Request
}

// Resolve implements huma.Resolver.
func (i *otlpInput) Resolve(hc huma.Context) []error {
	i.request, _ = humago.Unwrap(hc)
	return nil
}

// otlpOutput is the answer in the form of the request.
type otlpOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// maxOTLP is how large a request of OTLP may be unpacked, in bytes.
const maxOTLP = 64 << 20

func (s *service) otlpOperation() {
	add(s, operation{
		id: "ingest-otlp", tag: "ingest", route: "POST /telemetry/otlp/v1/logs", summary: "Deliver logs of OpenTelemetry", need: auth.Ingest,
		errors: []int{413, 415, 507},
		doc: `OTLP over HTTP, protobuf or JSON, plain or gzip: give an exporter the endpoint …/api/v1/telemetry/otlp and an API token in the header Authorization.

A body that is itself an event is recognised like any other; another becomes a row of Syslog. A request is stored whole or not at all. What can't be read as an event is counted in partialSuccess and kept in the table RejectedEvents.`,
		adjust: func(op *huma.Operation) {
			text := &huma.Schema{Type: huma.TypeString, Format: "binary"}
			op.RequestBody = &huma.RequestBody{Required: true, Description: "ExportLogsServiceRequest.", Content: map[string]*huma.MediaType{
				"application/x-protobuf": {Schema: text}, "application/json": {Example: map[string]any{"resourceLogs": []any{}}},
			}}
		},
	}, s.ingestOTLP)
}

func (s *service) ingestOTLP(ctx context.Context, in *otlpInput) (*otlpOutput, error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	if s.Telemetry == nil {
		return nil, errNoTelemetry
	}
	select {
	case s.ingests <- struct{}{}:
		defer func() { <-s.ingests }()
	default:
		return nil, fmt.Errorf("%d ingest requests are under way: %w", cap(s.ingests), workspace.ErrBusy)
	}
	data, err := otlpBody(in.request)
	if err != nil {
		return nil, err
	}
	kind, _, _ := strings.Cut(in.request.Header.Get("Content-Type"), ";")
	isJSON := strings.TrimSpace(kind) == "application/json"
	records, err := otlp.Records(data, isJSON)
	if err != nil {
		return nil, problemOf(400, "unreadable", err.Error()+".", "Send ExportLogsServiceRequest as protobuf or JSON.")
	}
	r, err := s.Telemetry.DeliverRecords(ctx, in.Workspace, request.From(ctx).Address.String(), records)
	if err != nil {
		return nil, err
	}
	s.CountedEvents("otlp", r)
	out := &otlpOutput{ContentType: "application/x-protobuf", Body: otlp.Answer(r.Rejected, isJSON)}
	if isJSON {
		out.ContentType = "application/json"
	}
	return out, nil
}

// otlpBody reads the body, unpacked.
func otlpBody(r *http.Request) ([]byte, error) {
	from := io.Reader(r.Body)
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, problemOf(400, "unreadable", "Content-Encoding says gzip, but the body is not.", "Send what the header says.")
		}
		from = z
	default:
		return nil, problemOf(415, "encoding", "The content encoding is not understood.", "Send the body plain or with gzip.")
	}
	data, err := io.ReadAll(io.LimitReader(from, maxOTLP+1))
	switch {
	case err != nil:
		return nil, errors.Join(errBrokenOff, err)
	case len(data) > maxOTLP:
		return nil, errTooMuch
	}
	return data, nil
}
