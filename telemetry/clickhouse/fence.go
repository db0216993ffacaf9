package clickhouse

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/telemetry"
)

// A statement of a hunting query reads tables of workspaces and constants. What
// reaches beyond them (files, other servers, the server's own tables and
// settings) is refused before it is sent, whatever the server's user may do.

// outside are the functions that reach beyond the tables, in lower case; with an
// asterisk all whose names begin so.
var outside = names(`
	azureblobstorage* cluster* cosn deltalake* dictionary executable* file* filesystem* fuzzjson fuzzquery gcs hdfs* hudi* iceberg*
	input jdbc loop merge mergetree* mongodb mysql odbc oss paimon* postgresql prometheus* redis remote* s3* sqlite timeseries* url urlcluster
	view* ytsaurus generaterandom arrowstream arrowflight
	dictget* dicthas dictisin joinget* catboostevaluate getsetting* getserversetting getmacro getclienthttpheader getserverport
	getmergetreesetting getoskernelversion hostname fqdn fullhostname serveruuid currentuser current_user user currentprofiles currentroles
	enabledprofiles enabledroles defaultprofiles defaultroles sleep sleepeachrow ai* addresstoline addresstosymbol showcertificate
	initializeaggregation zookeepersessionuptime isconnectionidvalid tcpport uptime version buildid
`)

// ownDatabases are those in which the server keeps what it knows.
var ownDatabases = names("system information_schema")

func names(list string) map[string]bool {
	out := map[string]bool{}
	for _, n := range strings.Fields(list) {
		out[n] = true
	}
	return out
}

// fence refuses a statement that reaches beyond the tables.
func fence(sql string) error {
	var before, last string // the tokens before the current one
	for rest := sql; ; {
		var token string
		if token, rest = nextToken(rest); token == "" {
			return nil
		}
		switch {
		case token == strange:
			return fmt.Errorf("%w: a quotation that queries do not have", telemetry.ErrQuery)
		case token == "(" && reaches(last):
			return fmt.Errorf("%w: the function %s is not for queries", telemetry.ErrQuery, last)
		case token == "." && before != "." && ownDatabases[last]:
			return fmt.Errorf("%w: the database %s is not for queries", telemetry.ErrQuery, last)
		}
		before, last = last, token
	}
}

func reaches(function string) bool {
	if outside[function] {
		return true
	}
	for i := 2; i <= len(function); i++ {
		if outside[function[:i]+"*"] {
			return true
		}
	}
	return false
}

// nextToken cuts the next word or sign off a statement; a word, quoted or not, in
// lower case. Literals are a token of their own sign, as is a quoted word without a
// letter, and comments none. It is empty at the end.
func nextToken(s string) (token, rest string) {
	s = skipped(s)
	if s == "" {
		return "", ""
	}
	switch s[0] {
	case '\'':
		_, rest = quoted(s)
		return "'", rest
	case '`', '"':
		if token, rest = quoted(s); token == "" {
			token = s[:1]
		}
		return strings.ToLower(token), rest
	}
	n := 0
	for n < len(s) && inWord(s[n]) {
		n++
	}
	if n == 0 {
		return s[:1], s[1:]
	}
	if strings.ContainsAny(s[:n], "$“”‘’") {
		return strange, s[n:]
	}
	return strings.ToLower(s[:n]), s[n:]
}

// strange is a word with a sign by which the server quotes in ways that Clew never
// writes, and behind which anything could hide: $tag$…$tag$, “…” and ‘…’.
const strange = "\x00"

// skipped is what comes after space and comments.
func skipped(s string) string {
	for {
		s = strings.TrimLeft(s, " \t\r\n\v\f")
		switch {
		case strings.HasPrefix(s, "--"), strings.HasPrefix(s, "#"):
			_, s, _ = strings.Cut(s, "\n")
		case strings.HasPrefix(s, "/*"):
			_, s, _ = strings.Cut(s[2:], "*/")
		default:
			return s
		}
	}
}

func inWord(b byte) bool {
	return b == '_' || b == '$' || b >= 0x80 || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// quoted reads what stands in quotes, which a backslash or the quote again
// escapes. Of the other escapes, one can write a letter: \x and its number.
func quoted(s string) (inside, rest string) {
	quote := s[0]
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x':
			if n, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
			i++
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return b.String(), s[i+1:]
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}
