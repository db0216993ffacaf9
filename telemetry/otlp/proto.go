package otlp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

var errDeep = errors.New("values are nested too deeply")

// field is one field of a message on the wire.
type field struct {
	number   protowire.Number
	bytes    []byte // of a message, a text or bytes
	number64 uint64
}

// fields calls f for each field of a message.
func fields(data []byte, f func(field) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		x := field{number: number}
		switch kind {
		case protowire.BytesType:
			x.bytes, n = protowire.ConsumeBytes(data)
		case protowire.VarintType:
			x.number64, n = protowire.ConsumeVarint(data)
		case protowire.Fixed64Type:
			x.number64, n = protowire.ConsumeFixed64(data)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(data)
			x.number64 = uint64(v)
		default:
			n = protowire.ConsumeFieldValue(number, kind, data)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

// fromProto reads ExportLogsServiceRequest. The numbers are those of the fields
// in OpenTelemetry's logs.proto, common.proto and resource.proto.
func fromProto(data []byte) ([]record, error) {
	var out []record
	err := fields(data, func(x field) error {
		if x.number != 1 {
			return nil
		}
		return resourceLogs(x.bytes, &out)
	})
	return out, err
}

func resourceLogs(data []byte, out *[]record) error {
	first := len(*out)
	attributes := map[string]any{}
	err := fields(data, func(x field) error {
		switch x.number {
		case 1:
			return fields(x.bytes, func(y field) error {
				if y.number != 1 {
					return nil
				}
				return pair(y.bytes, attributes, 0)
			})
		case 2:
			return fields(x.bytes, func(y field) error {
				if y.number != 2 {
					return nil
				}
				r, err := logRecord(y.bytes)
				if *out = append(*out, r); len(*out) > maxRecords {
					return fmt.Errorf("more than %d records", maxRecords)
				}
				return err
			})
		}
		return nil
	})
	host, service := resource(attributes)
	for i := first; i < len(*out); i++ {
		(*out)[i].host, (*out)[i].service = host, service
	}
	return err
}

func logRecord(data []byte) (r record, err error) {
	var observed uint64
	err = fields(data, func(x field) (err error) {
		switch x.number {
		case 1:
			r.time = x.number64
		case 2:
			r.severity = int(int32(x.number64))
		case 5:
			r.body, err = anything(x.bytes, 0)
		case 11:
			observed = x.number64
		}
		return err
	})
	if r.time == 0 {
		r.time = observed
	}
	return r, err
}

// pair reads a KeyValue.
func pair(data []byte, into map[string]any, depth int) error {
	var key string
	var v any
	err := fields(data, func(x field) (err error) {
		switch x.number {
		case 1:
			key = string(x.bytes)
		case 2:
			v, err = anything(x.bytes, depth+1)
		}
		return err
	})
	into[key] = v
	return err
}

// anything reads an AnyValue.
func anything(data []byte, depth int) (v any, err error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	err = fields(data, func(x field) error {
		switch x.number {
		case 1:
			v = string(x.bytes)
		case 2:
			v = x.number64 != 0
		case 3:
			v = int64(x.number64)
		case 4:
			v = math.Float64frombits(x.number64)
		case 5:
			list := []any{}
			err := fields(x.bytes, func(y field) error {
				if y.number != 1 {
					return nil
				}
				item, err := anything(y.bytes, depth+1)
				list = append(list, item)
				return err
			})
			v = list
			return err
		case 6:
			bag := map[string]any{}
			v = bag
			return fields(x.bytes, func(y field) error {
				if y.number != 1 {
					return nil
				}
				return pair(y.bytes, bag, depth+1)
			})
		case 7:
			v = base64.StdEncoding.EncodeToString(x.bytes)
		}
		return nil
	})
	return v, err
}

func answerProto(rejected int, why string) []byte {
	partial := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(rejected))
	partial = protowire.AppendString(protowire.AppendTag(partial, 2, protowire.BytesType), why)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), partial)
}
