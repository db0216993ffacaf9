package request

import (
	"crypto/tls"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, remote, forwarded, proto string
		tls                            bool
		address                        string
		secure                         bool
	}{
		{"direct", "192.0.2.1:1", "", "", false, "192.0.2.1", false},
		{"direct over TLS", "192.0.2.1:1", "", "", true, "192.0.2.1", true},
		{"a client that lies", "192.0.2.1:1", "127.0.0.1", "https", false, "192.0.2.1", false},
		{"behind a proxy", "10.0.0.1:1", "198.51.100.7", "https", false, "198.51.100.7", true},
		{"behind two proxies", "10.0.0.1:1", "198.51.100.7, 10.0.0.2", "https", false, "198.51.100.7", true},
		{"a client that lies to the proxy", "10.0.0.1:1", "127.0.0.1, 198.51.100.7", "", false, "198.51.100.7", false},
		{"nonsense from the proxy", "10.0.0.1:1", "198.51.100.7, ???", "", false, "10.0.0.1", false},
		{"mapped", "[::ffff:192.0.2.1]:1", "", "", false, "192.0.2.1", false},
		{"IPv6 proxy", "[fd00::1]:1", "2001:db8::5", "", false, "2001:db8::5", false},
		{"TLS to us, plain to the proxy", "10.0.0.1:1", "198.51.100.7", "http", true, "198.51.100.7", false},
		{"no address", "@", "", "", false, "invalid IP", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		i := Describe(r, proxies)
		if i.Address.String() != c.address || i.Secure != c.secure || len(i.ID) != 16 {
			t.Errorf("%s: %+v", c.name, i)
		}
	}
}

func TestAgentIsBounded(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("User-Agent", strings.Repeat("ä", 1000)+"\xff")
	if i := Describe(r, nil); len(i.Agent) > 256 || strings.ToValidUTF8(i.Agent, "?") != i.Agent {
		t.Errorf("%d bytes", len(i.Agent))
	}
}

// Whoever sends it: a client that is not a trusted proxy never chooses its address.
func FuzzForwarded(f *testing.F) {
	f.Add("192.0.2.1:1", "127.0.0.1")
	f.Add("10.0.0.1:1", "a, b,, 1.2.3.4 , ::1")
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, from, header string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = from
		r.Header["X-Forwarded-For"] = []string{header}
		got := Describe(r, proxies).Address
		if direct := remote(from); !trusted(direct, proxies) && got != direct {
			t.Errorf("%q became %s", from, got)
		}
	})
}
