package plan

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/valyala/fastjson"
)

// Converter puts a value into a column of the row that is being written, and
// reports whether it fitted and the column was free.
type Converter func(w *Writer, column int, v Value) bool

// textConverter changes a text on its way; ok is false when there is nothing to
// write. What it returns may be part of its argument or w.scratch.
type textConverter func(w *Writer, text []byte) (out []byte, ok bool)

// textConverters are the words that may stand after a bar and take no argument.
var textConverters = map[string]textConverter{
	"lower":    lower,
	"base":     func(_ *Writer, p []byte) ([]byte, bool) { return base(p), true },
	"folder":   func(_ *Writer, p []byte) ([]byte, bool) { return p[:len(p)-len(base(p))], true },
	"user":     func(w *Writer, p []byte) ([]byte, bool) { _, u := splitAccount(p); return lower(w, u) },
	"domain":   func(w *Writer, p []byte) ([]byte, bool) { d, _ := splitAccount(p); return lower(w, d) },
	"upn":      upn,
	"device":   device,
	"deviceid": deviceID,
	"iptype":   ipType,
	"address":  address,
	"port":     port,
	"first": func(_ *Writer, p []byte) ([]byte, bool) {
		f, _, _ := bytes.Cut(p, []byte(","))
		return bytes.TrimSpace(f), true
	},
	"host":     urlHost,
	"zeekuser": func(w *Writer, p []byte) ([]byte, bool) { u, _, _ := bytes.Cut(p, []byte("/")); return lower(w, u) },
}

// converterOf returns what a column's line asks for.
func converterOf(c telemetry.Column, how string) (Converter, error) {
	if how == "" {
		return plain(c.Type), nil
	}
	word, arg, _ := strings.Cut(how, " ")
	if f, ok := textConverters[word]; ok && arg == "" {
		return viaText(c.Type, f), nil
	}
	switch word {
	case "made":
		return putMade, nil
	case "pick":
		return pick(c.Type, arg)
	case "hash":
		prefix := []byte(arg + "=")
		return viaText(c.Type, func(w *Writer, p []byte) ([]byte, bool) { return hashOf(w, p, prefix) }), nil
	case "zone":
		prefix := []byte(arg + "=")
		return viaText(c.Type, func(_ *Writer, p []byte) ([]byte, bool) { return zoneField(p, prefix) }), nil
	case "named":
		return named(c.Type, arg), nil
	case "times":
		f, err := strconv.ParseFloat(arg, 64)
		return scaled(c.Type, f), err
	case "prefix":
		return viaText(c.Type, func(w *Writer, p []byte) ([]byte, bool) {
			w.scratch = append(append(w.scratch[:0], arg...), p...)
			return w.scratch, true
		}), nil
	case "item":
		n, err := strconv.Atoi(arg)
		return item(c.Type, n), err
	case "join":
		return joined(c.Type), nil
	}
	return nil, fmt.Errorf("no conversion %q", how)
}

// plain converts by the types alone.
func plain(t value.Type) Converter {
	switch t {
	case value.Dynamic:
		return putDynamic
	case value.String:
		return putString
	}
	return func(w *Writer, column int, v Value) bool {
		text, ok := w.text(v)
		return ok && w.putText(column, t, text)
	}
}

func viaText(t value.Type, f textConverter) Converter {
	return func(w *Writer, column int, v Value) bool {
		text, ok := w.text(v)
		if !ok {
			return false
		}
		if text, ok = f(w, text); !ok || len(text) == 0 {
			return false
		}
		return w.putText(column, t, text)
	}
}

func putString(w *Writer, column int, v Value) bool {
	if w.out.Has(column) {
		return false
	}
	text, ok := w.text(v)
	if !ok {
		w.scratch = AppendValue(w.scratch[:0], v)
		text = w.scratch
	}
	return w.putText(column, value.String, text)
}

func putDynamic(w *Writer, column int, v Value) bool {
	if w.out.Has(column) {
		return false
	}
	if text, ok := w.text(v); ok && looksLikeJSON(text) {
		return w.out.Set(column, value.JSONOf(w.out.Text(text)))
	}
	w.scratch = AppendValue(w.scratch[:0], v)
	return w.out.Set(column, value.JSONOf(w.out.Text(w.scratch)))
}

// putMade writes JSON that was made by this program and needs no check.
func putMade(w *Writer, column int, v Value) bool {
	return !w.out.Has(column) && w.out.Set(column, value.JSONOf(w.out.Text(v.Text)))
}

// putText writes a text into a column of any type.
func (w *Writer) putText(column int, t value.Type, text []byte) bool {
	if w.out.Has(column) {
		return false
	}
	switch t {
	case value.String:
		if !utf8.Valid(text) {
			text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
		}
		return w.out.Set(column, value.StringOf(w.out.Text(text)))
	case value.Dynamic:
		return putDynamic(w, column, TextOf(text))
	}
	v, ok := parse(t, text)
	if ok && t == value.Guid {
		v.Text = w.out.Text([]byte(v.Text))
	}
	return ok && w.out.Set(column, v)
}

func constantOf(t value.Type, text string) (value.Value, bool) {
	switch t {
	case value.String:
		return value.StringOf(text), true
	case value.Dynamic:
		return value.JSONOf(text), looksLikeJSON([]byte(text))
	}
	return parse(t, []byte(text))
}

// pick translates words: "A=B C=D *=E", where * is all others.
func pick(t value.Type, arg string) (Converter, error) {
	words := map[string]string{}
	for _, pair := range strings.Split(arg, ", ") {
		from, to, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("pick wants A=B, not %q", pair)
		}
		if _, ok := constantOf(t, to); !ok {
			return nil, fmt.Errorf("%q is no %s", to, t)
		}
		words[from] = to
	}
	return func(w *Writer, column int, v Value) bool {
		text, ok := w.text(v)
		if !ok || w.out.Has(column) {
			return false
		}
		to, ok := words[string(text)]
		if !ok {
			if to, ok = words["*"]; !ok {
				return false
			}
		}
		c, ok := constantOf(t, to)
		return ok && w.out.Set(column, c)
	}, nil
}

// named picks the value out of [{"Name": arg, "Value": …}], as Microsoft's logs
// write attributes.
func named(t value.Type, arg string) Converter {
	assign := plain(t)
	return func(w *Writer, column int, v Value) bool {
		if v.JSON == nil || v.JSON.Type() != fastjson.TypeArray {
			return false
		}
		for _, e := range v.JSON.GetArray() {
			for _, keys := range [][2]string{{"Name", "Value"}, {"name", "value"}, {"key", "value"}, {"Key", "Value"}} {
				if string(e.GetStringBytes(keys[0])) != arg {
					continue
				}
				if x := e.Get(keys[1]); x != nil && assign(w, column, Value{JSON: x}) {
					return false // the list itself is not used up
				}
			}
		}
		return false
	}
}

// scaled multiplies a number, such as seconds that become milliseconds.
func scaled(t value.Type, by float64) Converter {
	return func(w *Writer, column int, v Value) bool {
		text, ok := w.text(v)
		if !ok || w.out.Has(column) {
			return false
		}
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil || math.IsNaN(f*by) || math.Abs(f*by) >= 1<<53 {
			return false
		}
		if t == value.Real {
			return w.out.Set(column, value.RealOf(f*by))
		}
		return w.putText(column, t, strconv.AppendInt(nil, int64(math.Round(f*by)), 10))
	}
}

// item takes one element of an array.
func item(t value.Type, n int) Converter {
	assign := plain(t)
	return func(w *Writer, column int, v Value) bool {
		if v.JSON == nil || v.JSON.Type() != fastjson.TypeArray {
			return false
		}
		list := v.JSON.GetArray()
		// The other elements are not used by this.
		return n < len(list) && assign(w, column, Value{JSON: list[n]}) && len(list) == 1
	}
}

// joined writes an array of texts separated by commas.
func joined(t value.Type) Converter {
	return func(w *Writer, column int, v Value) bool {
		if v.JSON == nil || v.JSON.Type() != fastjson.TypeArray {
			return plain(t)(w, column, v)
		}
		var out []byte
		for _, e := range v.JSON.GetArray() {
			text, ok := Value{JSON: e}.Bytes()
			if !ok {
				return false
			}
			if len(out) > 0 {
				out = append(out, ", "...)
			}
			out = append(out, text...)
		}
		return w.putText(column, t, out)
	}
}
