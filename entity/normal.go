package entity

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// MaxValue is the longest value of an identifier in bytes. A longer one is cut
// and ends in the digest of the whole, so that two different long values stay
// different and a flood of long values can't fill the memory.
const MaxValue = 512

// maxLabel is the longest label in bytes.
const maxLabel = 200

// bounded applies MaxValue.
func bounded(s string) string {
	if len(s) <= MaxValue {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:MaxValue-65], "") + "#" + hex.EncodeToString(sum[:])
}

func label(s string) string {
	if len(s) <= maxLabel {
		return s
	}
	cut := maxLabel
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// folded is the normal form of a name whose system ignores case.
func folded(s string) string {
	if plain(s) {
		return s
	}
	return strings.ToLower(strings.TrimSpace(s))
}

// plain says that a text is surely folded already, as most names are: it is of
// printable ASCII without space and upper case. It looks at eight bytes at a time: a
// byte's highest bit in the sums below is set by what the text must not hold.
func plain(s string) bool {
	odd := uint64(0)
	for ; len(s) >= 8; s = s[8:] {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		low := x &^ (0x80 * eachByte)
		upper := (low + (0x80-'A')*eachByte) &^ (low + (0x80-'Z'-1)*eachByte)
		space := ^(low + (0x80-'!')*eachByte) | (low + 1*eachByte)
		odd |= x | upper | space
	}
	for i := range len(s) {
		if c := s[i]; c-'!' > '~'-'!' || c-'A' <= 'Z'-'A' {
			return false
		}
	}
	return odd&(0x80*eachByte) == 0
}

const eachByte = 0x0101010101010101

const nilGUID = "00000000-0000-0000-0000-000000000000"

// normalGUID folds a GUID and drops its braces; the nil GUID names nothing.
func normalGUID(s string) string {
	if s == "" {
		return ""
	}
	if len(s) == 36 && s[0] <= 'z' && s[35] <= 'z' && plain(s) && s != nilGUID {
		return s
	}
	s = strings.ToLower(strings.TrimFunc(s, func(r rune) bool { return r == '{' || r == '}' || unicode.IsSpace(r) }))
	if s == nilGUID {
		return ""
	}
	return s
}

// normalSID gives a Windows security identifier in upper case. Identifiers that
// every machine shares (local system, network service, built-in groups) name no
// one and give "".
func normalSID(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	switch {
	case !strings.HasPrefix(s, "S-1-"), len(s) > 184:
		return ""
	case strings.HasPrefix(s, "S-1-5-21-"), strings.HasPrefix(s, "S-1-12-1-"):
		return s
	}
	return ""
}

// cloudSIDObject gives the directory object id that a cloud security identifier
// (S-1-12-1-a-b-c-d) encodes as four little-endian numbers.
func cloudSIDObject(sid string) string {
	rest, ok := strings.CutPrefix(sid, "S-1-12-1-")
	if !ok {
		return ""
	}
	parts := strings.Split(rest, "-")
	if len(parts) != 4 {
		return ""
	}
	var b [16]byte
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			return ""
		}
		for k := range 4 {
			b[4*i+k] = byte(n >> (8 * k))
		}
	}
	h := hex.EncodeToString([]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]})
	return normalGUID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

// domainOfSID is the part of a security identifier that names its domain.
func domainOfSID(sid string) string {
	if i := strings.LastIndexByte(sid, '-'); i > 0 && strings.HasPrefix(sid, "S-1-5-21-") {
		return sid[:i]
	}
	return ""
}

// normalHost folds a host or domain name, drops the trailing dot and brings an
// internationalised name into its ASCII form.
func normalHost(s string) string {
	if s == "" || plain(s) && s[len(s)-1] != '.' {
		return s
	}
	s = strings.TrimRightFunc(folded(s), func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
	if isASCII(s) {
		return s
	}
	if a, err := idna.Lookup.ToASCII(s); err == nil {
		return strings.TrimRight(a, ".") // letters that stand for a dot have become one
	}
	return s
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// normalAddress folds a mail address or user principal name. What comes before
// a guest marker is brought back to the address it stands for.
func normalAddress(s string) string {
	s = folded(s)
	if local, _, ok := strings.Cut(s, "#ext#@"); ok {
		if i := strings.LastIndexByte(local, '_'); i > 0 {
			s = local[:i] + "@" + local[i+1:]
		}
	}
	local, given, _ := strings.Cut(s, "@")
	host := normalHost(given)
	if local == "" || host == "" || strings.Contains(host, "@") || !plain(host) && strings.ContainsFunc(host, unicode.IsSpace) {
		return ""
	}
	if host == given {
		return s
	}
	return local + "@" + host
}

// normalIP gives the canonical text of an address. Addresses that name no one
// (unspecified, loopback, link-local, multicast, broadcast) give "". private
// tells addresses that mean something only inside one network.
func normalIP(s string) (text string, private bool) {
	s = strings.TrimSpace(s)
	if len(s) > 64 {
		return "", false
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		p, err := netip.ParseAddrPort(s)
		if err != nil {
			return "", false
		}
		a = p.Addr()
	}
	a = a.Unmap().WithZone("")
	if a.IsUnspecified() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return "", false
	}
	return textOf(a, s), a.IsPrivate() || sharedSpace.Contains(a)
}

// textOf is the canonical text of an address, the text it was read from where that
// is the same.
func textOf(a netip.Addr, read string) string {
	var b [64]byte
	if text := a.AppendTo(b[:0]); string(text) != read {
		return string(text)
	}
	return read
}

// sharedSpace is the address space of carrier-grade NAT (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// normalHash folds a digest of the given number of hexadecimal digits. Digests
// of the empty file name nothing.
func normalHash(s string, digits int) string {
	if s == "" {
		return ""
	}
	if len(s) != digits || !lowerHex(s) {
		if s = folded(s); len(s) != digits || !lowerHex(s) {
			return ""
		}
	}
	if emptyDigests[s] {
		return ""
	}
	return s
}

func lowerHex(s string) bool {
	other := byte(0)
	for i := range len(s) {
		other |= notHex[s[i]]
	}
	return other == 0
}

// notHex is 0 for the lower-case digits of hexadecimal numbers.
var notHex = func() (out [256]byte) {
	for c := range out {
		out[c] = 1
	}
	for _, c := range "0123456789abcdef" {
		out[c] = 0
	}
	return out
}()

var emptyDigests = map[string]bool{
	"d41d8cd98f00b204e9800998ecf8427e":                                 true,
	"da39a3ee5e6b4b0d3255bfef95601890afd80709":                         true,
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855": true,
	"00000000000000000000000000000000":                                 true,
	"0000000000000000000000000000000000000000":                         true,
	"0000000000000000000000000000000000000000000000000000000000000000": true,
}

// normalPath folds a path of a Windows system; a path with slashes keeps its case.
func normalPath(folder, name string) string {
	folder, name = strings.TrimSpace(folder), strings.TrimSpace(name)
	if folder == "" {
		return ""
	}
	windows := strings.Contains(folder, `\`) || len(folder) > 1 && folder[1] == ':'
	sep := "/"
	if windows {
		sep, folder, name = `\`, strings.ToLower(folder), strings.ToLower(name)
	}
	folder = strings.TrimRight(folder, sep)
	if name == "" || strings.HasSuffix(folder, sep+name) {
		return folder
	}
	return folder + sep + name
}

// normalURL gives scheme, host, port and path in normal form without fragment,
// and the host. Text that is no address of a page gives its folded self.
func normalURL(s string) (text, host string) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", ""
	}
	full := s
	if !strings.Contains(s, "://") {
		full = "//" + s
	}
	if len(full) > 8192 {
		return bounded(s), ""
	}
	u, err := url.Parse(full)
	if err != nil || u.Host == "" {
		return bounded(s), ""
	}
	host = normalHost(u.Hostname())
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	if path == "" && u.RawQuery == "" {
		return host, host
	}
	text = host + path
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		text = host + ":" + port + path
	}
	if u.RawQuery != "" {
		text += "?" + u.RawQuery
	}
	return bounded(text), host
}
