package sqlstore

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/clew-sec/clew/alert"
)

// clean makes text that both databases keep as it is: valid UTF-8 without NUL.
// Each wrong byte becomes one U+FFFD, as encoding to JSON does it.
func clean(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r == 0 {
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}

// folded is text as searches compare it.
func folded(s string) string { return strings.ToLower(clean(s)) }

// hash is a short key for text of any length. Foreigners choose the text, so it
// must be hard to find two with the same one.
func hash(parts ...string) []byte {
	h := sha256.New()
	var size [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write([]byte(p))
	}
	return h.Sum(nil)[:16]
}

// hashes gives the hashes of texts, each once.
func hashes(texts []string) [][]byte {
	texts = cleaned(texts)
	out := make([][]byte, len(texts))
	for i, t := range texts {
		out[i] = hash(t)
	}
	return out
}

// micros is a time as it is kept.
func micros(t time.Time) int64 { return t.UnixMicro() }

// noTime is the zero time as it is kept.
const noTime = -62135596800000000

func moment(us int64) time.Time { return time.UnixMicro(us).UTC() }

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// unit separates the items of a list within one text; it can't stand inside one.
const unit = "\x1f"

// list keeps a list of words in one text, so that "unit + word + unit" finds one.
func list(words []string) string {
	if len(words) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(unit)
	for _, w := range words {
		b.WriteString(item(w))
		b.WriteString(unit)
	}
	return b.String()
}

func item(w string) string {
	w = clean(w)
	if strings.Contains(w, unit) {
		w = strings.ReplaceAll(w, unit, "\uFFFD")
	}
	return w
}

func unlist(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s[len(unit):len(s)-len(unit)], unit)
}

var jsonOptions = json.JoinOptions(jsontext.AllowInvalidUTF8(true), json.Deterministic(true))

func encode(v any) ([]byte, error) {
	out, err := json.Marshal(v, jsonOptions)
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", v, err)
	}
	return out, nil
}

func decode(data []byte, v any) error {
	if err := json.Unmarshal(data, v, jsonOptions); err != nil {
		return fmt.Errorf("decoding a stored %T: %w", v, err)
	}
	return nil
}

// The ranks of verdicts, from harmless to bad.
var verdicts = []string{"", string(alert.VerdictNoThreatsFound), string(alert.VerdictUnknown), string(alert.VerdictSuspicious), string(alert.VerdictMalicious)}

// verdictRank ranks a verdict; one that the model does not name is as bad as unknown.
func verdictRank(v string) int64 {
	for i, known := range verdicts {
		if v == known {
			return int64(i)
		}
	}
	return 2
}

func verdictOf(rank int64) string {
	if rank < 0 || rank >= int64(len(verdicts)) {
		return string(alert.VerdictUnknown)
	}
	return verdicts[rank]
}

var allRoles = alert.Members[alert.Role]()

// roleBits keeps a set of roles; those that the model does not name are left out.
func roleBits(roles []string) int64 {
	var bits int64
	for _, r := range roles {
		for i, known := range allRoles {
			if r == string(known) {
				bits |= 1 << i
			}
		}
	}
	return bits
}

func rolesOf(bits int64) []string {
	var out []string
	for i, known := range allRoles {
		if bits&(1<<i) != 0 {
			out = append(out, string(known))
		}
	}
	return out
}

// severityRank orders severities: high 4 to informational 1, anything else 0.
func severityRank(s string) int {
	switch alert.Severity(s) {
	case alert.SeverityHigh:
		return 4
	case alert.SeverityMedium:
		return 3
	case alert.SeverityLow:
		return 2
	case alert.SeverityInformational:
		return 1
	}
	return 0
}
