// Package request tells what the server knows of the request at hand: its id,
// which is in every log line and every error answer, and where it came from.
//
// The address and the scheme are those of the connection, unless the connection
// comes from a proxy that the operator named: only then are the forwarding
// headers believed, because anyone can write them.
package request

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Info is what is known of a request.
type Info struct {
	ID      string     // 16 hex digits, made here, never taken from the sender
	Address netip.Addr // of the client; the zero value when unknown
	Agent   string     // User-Agent, at most 256 bytes; foreign text
	Secure  bool       // the client speaks TLS, to us or to the trusted proxy
}

type key struct{}

// From gives the information of the request that ctx belongs to, the zero value
// outside a request.
func From(ctx context.Context) Info {
	i, _ := ctx.Value(key{}).(Info)
	return i
}

// With puts information into a context.
func With(ctx context.Context, i Info) context.Context {
	return context.WithValue(ctx, key{}, i)
}

// Describe reads the information of r. Proxies are the networks whose
// X-Forwarded-For and X-Forwarded-Proto are believed.
func Describe(r *http.Request, proxies []netip.Prefix) Info {
	i := Info{ID: newID(), Agent: clip(r.UserAgent(), 256), Secure: r.TLS != nil}
	i.Address = remote(r.RemoteAddr)
	if !trusted(i.Address, proxies) {
		return i
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		i.Secure = strings.EqualFold(proto, "https")
	}
	i.Address = forwarded(r.Header.Values("X-Forwarded-For"), i.Address, proxies)
	return i
}

// forwarded walks the chain from the nearest hop outwards and stops at the first
// that is not a trusted proxy: everything further left is the client's own claim.
func forwarded(headers []string, nearest netip.Addr, proxies []netip.Prefix) netip.Addr {
	hops := strings.Split(strings.Join(headers, ","), ",")
	at := nearest
	for n := len(hops) - 1; n >= 0 && trusted(at, proxies); n-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[n]))
		if err != nil {
			break
		}
		at = a.Unmap()
	}
	return at
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func remote(hostport string) netip.Addr {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
