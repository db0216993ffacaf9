package plan

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

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
