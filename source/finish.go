package source

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/clew-sec/clew/alert"
)

func sortedNames(o Object) []string { return slices.Sorted(maps.Keys(o)) }

// Finish brings an alert that a source built into exactly the form in which it
// will be stored and read back, and holds it against the limits. Every source
// that builds alerts ends with it.
func Finish(a *alert.Alert, opt Options) (*alert.Alert, error) {
	if len(a.AdditionalData) == 0 {
		a.AdditionalData = nil
	}
	text, err := a.AppendJSON(nil)
	if err != nil {
		return nil, err
	}
	return alert.Decode(text, opt.Limits)
}

// HashID makes an alert id from what identifies a finding of a product without
// ids of its own: the two-letter prefix of the source and 128 bits of a hash of
// the parts.
func HashID(prefix string, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		// The length keeps ("ab","c") and ("a","bc") apart.
		h.Write([]byte{byte(len(p)), byte(len(p) >> 8), byte(len(p) >> 16), byte(len(p) >> 24)})
		h.Write([]byte(p))
	}
	return prefix + hex.EncodeToString(h.Sum(nil)[:16])
}

// IPText gives the address in text, without zone, mask or port, or "" where the
// text is no address of a machine (unspecified addresses are placeholders).
func IPText(text string) string {
	text = strings.TrimSpace(text)
	if p, err := netip.ParsePrefix(text); err == nil {
		text = p.Addr().String()
	} else if ap, err := netip.ParseAddrPort(text); err == nil {
		text = ap.Addr().String()
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil || a.IsUnspecified() {
		return ""
	}
	return a.Unmap().WithZone("").String()
}

// IP makes evidence of an address, or nil where text is none.
func IP(text string, roles ...alert.Role) *alert.IPEvidence {
	addr := IPText(text)
	if addr == "" {
		return nil
	}
	return &alert.IPEvidence{IPAddress: addr, EvidenceBase: alert.EvidenceBase{Roles: roles}}
}

// AddIP adds evidence of an address unless the text is none or the address is
// there already, in which case it only adds the roles.
func AddIP(a *alert.Alert, text string, roles ...alert.Role) {
	ev := IP(text, roles...)
	if ev == nil {
		return
	}
	for _, have := range a.Evidence {
		if ip, ok := have.(*alert.IPEvidence); ok && ip.IPAddress == ev.IPAddress {
			AddRoles(ip, roles...)
			return
		}
	}
	a.Evidence = append(a.Evidence, ev)
}

// AddRoles adds roles to evidence without repeating one.
func AddRoles(ev alert.Evidence, roles ...alert.Role) {
	base := ev.Base()
	for _, r := range roles {
		if !slices.Contains(base.Roles, r) {
			base.Roles = append(base.Roles, r)
		}
	}
}

// SplitPath cuts a file path of either system into folder and name.
func SplitPath(path string) (folder, name string) {
	i := strings.LastIndexAny(path, `\/`)
	if i < 0 {
		return "", path
	}
	if i == 0 {
		return path[:1], path[1:]
	}
	return path[:i], path[i+1:]
}

// SplitAccount cuts DOMAIN\name, name@domain or a plain name into what it says.
func SplitAccount(text string) (name, domain, upn string) {
	if d, n, ok := strings.Cut(text, `\`); ok {
		return n, d, ""
	}
	if n, _, ok := strings.Cut(text, "@"); ok {
		return n, "", text
	}
	return text, "", ""
}

// Techniques collects the ATT&CK ids of texts, without repeats.
func Techniques(texts ...string) []string {
	var out []string
	for _, t := range texts {
		for _, id := range alert.ParseTechniques(t) {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// TacticNames turns tactics in any spelling into their standard names, keeping
// what is not known and dropping "Unknown" and repeats.
func TacticNames(texts ...string) []string {
	var out []string
	for _, t := range texts {
		t = Meaningful(t)
		if t == "" || strings.EqualFold(t, "unknown") {
			continue
		}
		if known, ok := alert.ParseTactic(t); ok {
			t = string(known)
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
