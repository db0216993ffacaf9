package plan

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
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

// parse reads a text as a scalar that is neither string nor dynamic.
func parse(t value.Type, text []byte) (value.Value, bool) {
	switch t {
	case value.Int, value.Long:
		n, ok := parseInteger(text)
		return value.Value{Type: t, Num: n}, ok && (t == value.Long || n >= math.MinInt32 && n <= math.MaxInt32)
	case value.Real:
		f, err := strconv.ParseFloat(string(bytes.TrimSpace(text)), 64)
		return value.RealOf(f), err == nil
	case value.Bool:
		b, ok := parseBool(text)
		return value.BoolOf(b), ok
	case value.DateTime:
		n, ok := ParseTime(text)
		return value.DateTimeOf(n), ok
	case value.Guid:
		s := strings.ToLower(string(bytes.Trim(text, "{}")))
		return value.Value{Type: value.Guid, Text: s}, isGUID(s)
	}
	return value.Value{}, false
}

// ParseInteger reads a whole number, decimal or with 0x before it.
func ParseInteger(text []byte) (int64, bool) { return parseInteger(text) }

// AppendInteger appends a number in decimal.
func AppendInteger(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

// parseInteger reads decimal and 0x numbers, and reals without a fraction.
func parseInteger(text []byte) (int64, bool) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || len(text) > 40 {
		return 0, false
	}
	if n, ok := digits(text); ok && len(text) <= 18 {
		return int64(n), true
	}
	s := string(text)
	if hexa, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		n, err := strconv.ParseUint(hexa, 16, 64)
		return int64(n), err == nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

func parseBool(text []byte) (b, ok bool) {
	switch strings.ToLower(string(bytes.TrimSpace(text))) {
	case "true", "t", "yes", "1", "%%1842":
		return true, true
	case "false", "f", "no", "0", "%%1843":
		return false, true
	}
	return false, false
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (c == '-') || !hyphen && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// lower writes ASCII and, where there is more, Unicode letters small.
func lower(w *Writer, p []byte) ([]byte, bool) {
	w.scratch = w.scratch[:0]
	for _, c := range p {
		if c >= utf8.RuneSelf {
			w.scratch = append(w.scratch[:0], bytes.ToLower(p)...)
			return w.scratch, true
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		w.scratch = append(w.scratch, c)
	}
	return w.scratch, true
}

// base returns the last part of a path of either kind of system.
func base(p []byte) []byte {
	if i := bytes.LastIndexAny(p, `\/`); i >= 0 {
		return p[i+1:]
	}
	return p
}

// splitAccount takes DOMAIN\user apart, and user@domain.
func splitAccount(p []byte) (domain, user []byte) {
	if d, u, ok := bytes.Cut(p, []byte(`\`)); ok {
		return d, u
	}
	if i := bytes.LastIndexByte(p, '@'); i > 0 {
		return p[i+1:], p[:i]
	}
	return nil, p
}

func upn(_ *Writer, p []byte) ([]byte, bool) {
	return p, bytes.IndexByte(p, '@') > 0 && bytes.IndexByte(p, ' ') < 0
}

func device(w *Writer, p []byte) ([]byte, bool) {
	p = bytes.TrimRight(bytes.TrimSpace(p), ".$")
	return lower(w, p)
}

// deviceID derives the id of a device from its name, so that the same device has
// the same id whatever source told of it.
func deviceID(w *Writer, p []byte) ([]byte, bool) {
	name, _ := device(w, p)
	if id, ok := w.devices[string(name)]; ok {
		w.scratch = append(w.scratch[:0], id...)
		return w.scratch, true
	}
	sum := sha1.Sum(name)
	id := hex.EncodeToString(sum[:])
	if len(w.devices) > 10_000 {
		clear(w.devices)
	}
	w.devices[string(name)] = id
	return append(w.scratch[:0], id...), true
}

var teredo = netip.MustParsePrefix("2001::/32")

// ipType says what kind of address it is, in the words of the device tables.
func ipType(_ *Writer, p []byte) ([]byte, bool) {
	a, err := netip.ParseAddr(string(p))
	if err != nil {
		return nil, false
	}
	a4 := a.Unmap()
	switch {
	case a4.IsLoopback():
		return []byte("Loopback"), true
	case a.Is4In6():
		return []byte("FourToSixMapping"), true
	case teredo.Contains(a):
		return []byte("Teredo"), true
	case a4 == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return []byte("Broadcast"), true
	case a4.IsMulticast():
		return []byte("Multicast"), true
	case a4.IsPrivate(), a4.IsLinkLocalUnicast():
		return []byte("Private"), true
	case a4.IsUnspecified(), a4.Is4() && a4.As4()[0] >= 240:
		return []byte("Reserved"), true
	}
	return []byte("Public"), true
}

// address writes an address in its usual form: IPv4 as such when it is mapped
// into IPv6, no brackets, port, mask and zone.
func address(w *Writer, p []byte) ([]byte, bool) {
	s := strings.Trim(string(bytes.TrimSpace(p)), "[]")
	a, err := netip.ParseAddr(s)
	if err != nil {
		s, _, _ = strings.Cut(s, "/")
		if a, err = netip.ParseAddr(s); err != nil {
			ap, err := netip.ParseAddrPort(string(bytes.TrimSpace(p)))
			if err != nil {
				return nil, false
			}
			a = ap.Addr()
		}
	}
	w.scratch = a.Unmap().WithZone("").AppendTo(w.scratch[:0])
	return w.scratch, true
}

func port(_ *Writer, p []byte) ([]byte, bool) {
	ap, err := netip.ParseAddrPort(string(p))
	if err != nil {
		return nil, false
	}
	return strconv.AppendUint(nil, uint64(ap.Port()), 10), true
}

func urlHost(_ *Writer, p []byte) ([]byte, bool) {
	if _, rest, ok := bytes.Cut(p, []byte("://")); ok {
		p = rest
	}
	if i := bytes.IndexAny(p, "/?#"); i >= 0 {
		p = p[:i]
	}
	if i := bytes.LastIndexByte(p, '@'); i >= 0 {
		p = p[i+1:]
	}
	return p, true
}

// hashOf picks one of "SHA1=…,MD5=…".
func hashOf(w *Writer, p, prefix []byte) ([]byte, bool) {
	for part := range bytes.SplitSeq(p, []byte(",")) {
		if h, ok := bytes.CutPrefix(bytes.TrimSpace(part), prefix); ok && len(bytes.Trim(h, "0")) > 0 {
			return lower(w, h)
		}
	}
	return nil, false
}

// zoneField picks a line of the stream in which Windows notes where a file was
// downloaded from.
func zoneField(p, prefix []byte) ([]byte, bool) {
	for line := range bytes.FieldsSeq(p) {
		if rest, ok := bytes.CutPrefix(line, prefix); ok {
			return rest, true
		}
	}
	return nil, false
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
