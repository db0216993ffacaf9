package otlp

import (
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

const logs = `{"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"web 1"}},{"key":"service.name","value":{"stringValue":"nginx"}}]},
"scopeLogs":[{"logRecords":[
 {"timeUnixNano":"1793527200000000000","severityNumber":17,"body":{"stringValue":"it broke\nbadly"}},
 {"body":{"stringValue":"{\"Channel\":\"Security\"}"}},
 {"observedTimeUnixNano":1793527200000000000,"body":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"9007199254740993"}},{"key":"b","value":{"arrayValue":{"values":[{"boolValue":true},{"doubleValue":0.5}]}}}]}}},
 {}]}]}]}`

var want = []string{
	"<11>1 2026-11-01T10:00:00Z web_1 nginx - - - it broke badly", `{"Channel":"Security"}`, `{"a":9007199254740993,"b":[true,0.5]}`, "<13>1 - web_1 nginx - - - ",
}

func check(t *testing.T, data []byte, isJSON bool) {
	t.Helper()
	got, err := Records(data, isJSON)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range want {
		if string(got[i]) != want[i] {
			t.Errorf("record %d is %q, want %q", i, got[i], want[i])
		}
	}
}

func TestJSON(t *testing.T) { check(t, []byte(logs), true) }

// message writes fields: a number and a text, bytes of a message or a number.
func message(parts ...any) []byte {
	var b []byte
	for i := 0; i < len(parts); i += 2 {
		n := protowire.Number(parts[i].(int))
		switch v := parts[i+1].(type) {
		case string:
			b = protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), v)
		case []byte:
			b = protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
		case int:
			b = protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), uint64(v))
		case uint64:
			b = protowire.AppendFixed64(protowire.AppendTag(b, n, protowire.Fixed64Type), v)
		}
	}
	return b
}

func TestProto(t *testing.T) {
	host := message(1, "host.name", 2, message(1, "web 1"))
	service := message(1, "service.name", 2, message(1, "nginx"))
	const at uint64 = 1793527200000000000
	bag := message(1, message(1, "a", 2, message(3, 9007199254740993)), 1, message(1, "b", 2, message(5, message(1, message(2, 1), 1, message(4, uint64(0x3fe0000000000000))))))
	records := message(2, message(1, at, 2, 17, 5, message(1, "it broke\nbadly")), 2, message(5, message(1, `{"Channel":"Security"}`)), 2, message(11, at, 5, message(6, bag)), 2, []byte{})
	// The records stand before the resource here, as they may.
	check(t, message(1, message(2, records, 1, message(1, host, 1, service))), false)
}

func TestBad(t *testing.T) {
	deep := []byte{}
	for range 200 {
		deep = message(5, message(1, deep))
	}
	for _, c := range []struct {
		data   []byte
		isJSON bool
	}{{[]byte("{"), true}, {[]byte("{}"), true}, {[]byte("[]"), true}, {[]byte("hello"), false}, {message(1, message(2, message(2, message(5, deep)))), false}} {
		if _, err := Records(c.data, c.isJSON); !errors.Is(err, ErrBad) {
			t.Errorf("%.20q: %v", c.data, err)
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte(logs), true)
	f.Add(message(1, message(2, message(2, message(5, message(1, "x"))))), false)
	f.Fuzz(func(t *testing.T, data []byte, isJSON bool) {
		got, err := Records(data, isJSON)
		if err != nil && got != nil {
			t.Fatal("records beside an error")
		}
		for _, r := range got {
			if len(r) == 0 {
				t.Fatal("a record without a byte")
			}
		}
	})
}
