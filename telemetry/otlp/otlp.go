// Package otlp reads logs of OpenTelemetry (OTLP over HTTP, protobuf or JSON) as
// records for the mappings of events.
//
// A body that is itself an event (a text of JSON, XML or syslog, or a map) is the
// record, as the collector picked it up. Anything else becomes a line of syslog
// with the host and the service of its resource.
package otlp

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Limits of a request.
const (
	maxDepth   = 64
	maxRecords = 1_000_000
)

// ErrBad: the bytes are no logs of OTLP.
var ErrBad = errors.New("these are no logs of OTLP")

// record is one log record with what its resource says.
type record struct {
	time     uint64 // nanoseconds since 1970; 0: unknown
	severity int
	host     string
	service  string
	body     any // string, float64 or int64, bool, []any, map[string]any, nil
}

// Records gives the records of a request, in order. JSON is told from protobuf by
// the flag.
func Records(data []byte, isJSON bool) ([][]byte, error) {
	var list []record
	var err error
	if isJSON {
		list, err = fromJSON(data)
	} else {
		list, err = fromProto(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBad, err)
	}
	out := make([][]byte, 0, len(list))
	for _, r := range list {
		out = append(out, r.bytes())
	}
	return out, nil
}

// bytes is the record as the mappings read it.
func (r record) bytes() []byte {
	switch b := r.body.(type) {
	case map[string]any, []any:
		if text, err := json.Marshal(b); err == nil {
			return text
		}
	case string:
		text := strings.TrimSpace(b)
		if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "<") {
			return []byte(text)
		}
		return r.line(text)
	case nil:
		return r.line("")
	}
	return r.line(fmt.Sprint(r.body))
}

// line is a message as a line of syslog (RFC 5424), of the facility "user".
func (r record) line(text string) []byte {
	at := "-"
	if r.time > 0 && r.time < 1<<63 {
		at = time.Unix(0, int64(r.time)).UTC().Format(time.RFC3339Nano)
	}
	return fmt.Appendf(nil, "<%d>1 %s %s %s - - - %s", 8+level(r.severity), at, word(r.host), word(r.service), strings.ReplaceAll(text, "\n", " "))
}

// level is the severity of syslog for one of OTLP, of which each word has four.
func level(severity int) int {
	switch {
	case severity >= 21:
		return 2
	case severity >= 17:
		return 3
	case severity >= 13:
		return 4
	case severity >= 9:
		return 6
	case severity >= 1:
		return 7
	}
	return 5
}

// word is a name without what would end it.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), 255)]
}

// resource is what the attributes of a resource say.
func resource(attributes map[string]any) (host, service string) {
	host, _ = attributes["host.name"].(string)
	service, _ = attributes["service.name"].(string)
	return host, service
}

// Answer is ExportLogsServiceResponse, which tells how many records were
// rejected.
func Answer(rejected int, isJSON bool) []byte {
	const why = "not recognised as events; they are in the table RejectedEvents"
	switch {
	case isJSON && rejected == 0:
		return []byte("{}")
	case isJSON:
		return fmt.Appendf(nil, `{"partialSuccess":{"rejectedLogRecords":"%d","errorMessage":%q}}`, rejected, why)
	case rejected == 0:
		return nil
	}
	return answerProto(rejected, why)
}
