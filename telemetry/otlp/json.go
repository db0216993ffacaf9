package otlp

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// request is ExportLogsServiceRequest in OTLP's JSON.
type request struct {
	ResourceLogs []struct {
		Resource struct {
			Attributes []keyValue `json:"attributes"`
		} `json:"resource"`
		ScopeLogs []struct {
			LogRecords []struct {
				Time     json.RawMessage `json:"timeUnixNano"`
				Observed json.RawMessage `json:"observedTimeUnixNano"`
				Severity int             `json:"severityNumber"`
				Body     *anyValue       `json:"body"`
			} `json:"logRecords"`
		} `json:"scopeLogs"`
	} `json:"resourceLogs"`
}

type keyValue struct {
	Key   string   `json:"key"`
	Value anyValue `json:"value"`
}

type anyValue struct {
	String *string         `json:"stringValue"`
	Bool   *bool           `json:"boolValue"`
	Int    json.RawMessage `json:"intValue"` // a number or a text
	Double *float64        `json:"doubleValue"`
	Bytes  *string         `json:"bytesValue"`
	Array  *struct {
		Values []anyValue `json:"values"`
	} `json:"arrayValue"`
	Map *struct {
		Values []keyValue `json:"values"`
	} `json:"kvlistValue"`
}

func fromJSON(data []byte) ([]record, error) {
	var q request
	if err := json.Unmarshal(data, &q); err != nil {
		return nil, err
	}
	if q.ResourceLogs == nil {
		return nil, errors.New("resourceLogs is missing")
	}
	var out []record
	for _, rl := range q.ResourceLogs {
		host, service := resource(pairs(rl.Resource.Attributes, 0))
		for _, sl := range rl.ScopeLogs {
			for _, l := range sl.LogRecords {
				r := record{time: nanos(l.Time), severity: l.Severity, host: host, service: service}
				if r.time == 0 {
					r.time = nanos(l.Observed)
				}
				if l.Body != nil {
					r.body = l.Body.value(0)
				}
				if out = append(out, r); len(out) > maxRecords {
					return nil, fmt.Errorf("more than %d records", maxRecords)
				}
			}
		}
	}
	return out, nil
}

// nanos is a 64-bit number, which JSON of OTLP writes as text.
func nanos(raw json.RawMessage) uint64 {
	text := string(raw)
	if s, err := strconv.Unquote(text); err == nil {
		text = s
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func pairs(list []keyValue, depth int) map[string]any {
	out := make(map[string]any, len(list))
	for i := range list {
		out[list[i].Key] = list[i].Value.value(depth + 1)
	}
	return out
}

func (v *anyValue) value(depth int) any {
	switch {
	case depth > maxDepth:
		return nil
	case v.String != nil:
		return *v.String
	case v.Bool != nil:
		return *v.Bool
	case v.Double != nil:
		return *v.Double
	case v.Bytes != nil:
		return *v.Bytes
	case len(v.Int) > 0:
		text := string(v.Int)
		if s, err := strconv.Unquote(text); err == nil {
			text = s
		}
		return json.Number(text)
	case v.Array != nil:
		out := make([]any, 0, len(v.Array.Values))
		for i := range v.Array.Values {
			out = append(out, v.Array.Values[i].value(depth+1))
		}
		return out
	case v.Map != nil:
		return pairs(v.Map.Values, depth)
	}
	return nil
}
