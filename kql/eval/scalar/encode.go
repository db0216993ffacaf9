package scalar

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/adler32"
	"hash/crc32"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/clew-sec/clew/kql/value"
)

var encodings = map[string]*Function{
	"base64_encode_tostring": textOf(func(s string) value.Value { return value.StringOf(base64.StdEncoding.EncodeToString([]byte(s))) }, value.String),
	"base64_decode_tostring": textOf(base64Text, value.String),
	"base64_decode_toarray":  textOf(base64Array, value.Dynamic),
	"base64_encode_fromarray": lenient(1, 1, value.String, func(a []value.Value) value.Value {
		return value.StringOf(base64.StdEncoding.EncodeToString(byteArray(a[0])))
	}),
	"base64_encode_fromguid": lenient(1, 1, value.String, base64FromGuid),
	"base64_decode_toguid":   textOf(base64ToGuid, value.Guid),
	"url_encode":             textOf(func(s string) value.Value { return value.StringOf(percentEncode(s, unreserved, true)) }, value.String),
	"url_encode_component":   textOf(func(s string) value.Value { return value.StringOf(percentEncode(s, unreserved, false)) }, value.String),
	"url_decode":             textOf(func(s string) value.Value { return value.StringOf(percentDecode(s, true)) }, value.String),
	"gzip_compress_to_base64_string": textOf(func(s string) value.Value {
		if len(s) < storedBelow {
			return gzipStored(s)
		}
		var b bytes.Buffer
		return compressed(&b, gzip.NewWriter(&b), s)
	}, value.String),
	"zlib_compress_to_base64_string": textOf(func(s string) value.Value {
		if len(s) < storedBelow {
			return zlibStored(s)
		}
		var b bytes.Buffer
		return compressed(&b, zlib.NewWriter(&b), s)
	}, value.String),
	"gzip_decompress_from_base64_string": textOf(func(s string) value.Value {
		return decompressed(s, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
	}, value.String),
	"zlib_decompress_from_base64_string": textOf(func(s string) value.Value {
		return decompressed(s, func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) })
	}, value.String),
	"punycode_to_string":          textOf(func(s string) value.Value { return value.StringOf(punyDecode(s)) }, value.String),
	"punycode_domain_to_string":   textOf(func(s string) value.Value { return value.StringOf(punyDomain(s, domainToText)) }, value.String),
	"punycode_domain_from_string": textOf(func(s string) value.Value { return value.StringOf(punyDomain(s, domainFromText)) }, value.String),
	"punycode_from_string":        textOf(func(s string) value.Value { return value.StringOf(punyEncode(s)) }, value.String),
}

func decodeBase64(s string) ([]byte, bool) {
	s = strings.TrimRight(strings.TrimSpace(s), "=")
	b, err := base64.RawStdEncoding.DecodeString(s)
	return b, err == nil
}

// base64Text is empty where the bytes are no text.
func base64Text(s string) value.Value {
	b, ok := decodeBase64(s)
	if !ok || !utf8.Valid(b) {
		return noText
	}
	return value.StringOf(string(b))
}

func base64Array(s string) value.Value {
	b, ok := decodeBase64(s)
	if !ok {
		return nothing
	}
	out := make([]value.JSON, len(b))
	for i, c := range b {
		out[i] = value.LongJSON(int64(c))
	}
	return list(out)
}

func byteArray(v value.Value) []byte {
	x, _ := array(v)
	b := make([]byte, len(x))
	for i, j := range x {
		b[i] = byte(int64(itemReal(j)))
	}
	return b
}

// guidOrder is the order of the bytes of a GUID: the first three groups are
// little endian.
var guidOrder = [16]int{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}

func base64FromGuid(a []value.Value) value.Value {
	g := value.ParseGuid(a[0].String())
	b, err := hex.DecodeString(strings.ReplaceAll(g.Text, "-", ""))
	if err != nil || len(b) != 16 {
		return noText
	}
	var out [16]byte
	for i, k := range guidOrder {
		out[i] = b[k]
	}
	return value.StringOf(base64.StdEncoding.EncodeToString(out[:]))
}

func base64ToGuid(s string) value.Value {
	b, ok := decodeBase64(s)
	if !ok || len(b) != 16 {
		return value.NullOf(value.Guid)
	}
	var out [16]byte
	for i, k := range guidOrder {
		out[k] = b[i]
	}
	return value.ParseGuid(hex.EncodeToString(out[:]))
}

const unreserved = "-_.!*()"

func percentEncode(s, keep string, plus bool) string {
	const hexDigits = "0123456789abcdef"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(keep, c) >= 0:
			b.WriteByte(c)
		case c == ' ' && plus:
			b.WriteByte('+')
		default:
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return b.String()
}

// percentDecode leaves escapes that are none as they are.
func percentDecode(s string, plus bool) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' && plus {
			c = ' '
		} else if c == '%' && i+2 < len(s) {
			var one [1]byte
			if _, err := hex.Decode(one[:], []byte(s[i+1:i+3])); err == nil {
				c = one[0]
				i += 2
			}
		}
		b = append(b, c)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// storedBelow is the length below which a text is stored as it is, in one block:
// compressing it gains next to nothing.
const storedBelow = 52

// storedBlock is the one and last block of a deflated text that is not
// compressed.
func storedBlock(b []byte, s string) []byte {
	b = binary.LittleEndian.AppendUint16(append(b, 1), uint16(len(s)))
	b = binary.LittleEndian.AppendUint16(b, ^uint16(len(s)))
	return append(b, s...)
}

func gzipStored(s string) value.Value {
	b := storedBlock([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}, s)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(s)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	return value.StringOf(base64.StdEncoding.EncodeToString(b))
}

func zlibStored(s string) value.Value {
	b := storedBlock([]byte{0x78, 0x01}, s)
	b = binary.BigEndian.AppendUint32(b, adler32.Checksum([]byte(s)))
	return value.StringOf(base64.StdEncoding.EncodeToString(b))
}

func compressed(b *bytes.Buffer, w io.WriteCloser, s string) value.Value {
	if _, err := io.WriteString(w, s); err != nil || w.Close() != nil {
		return noText
	}
	return value.StringOf(base64.StdEncoding.EncodeToString(b.Bytes()))
}

// decompressed stops at the limit of texts, so that no bomb unfolds.
func decompressed(s string, open func(io.Reader) (io.Reader, error)) value.Value {
	b, ok := decodeBase64(s)
	if !ok {
		return noText
	}
	r, err := open(bytes.NewReader(b))
	if err != nil {
		return noText
	}
	out, err := io.ReadAll(io.LimitReader(r, MaxText+1))
	if err != nil || len(out) > MaxText || !utf8.Valid(out) {
		return noText
	}
	return value.StringOf(string(out))
}
