package listen

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/clew-sec/clew/telemetry/duckdb"
	"github.com/clew-sec/clew/telemetry/ingest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func message(n int) string {
	return fmt.Sprintf("<34>1 2026-11-01T10:00:%02dZ host.example su 123 ID47 - message %d", n%60, n)
}

// TestFrames cuts streams at every place and finds the same messages.
func TestFrames(t *testing.T) {
	long := "<13>1 " + strings.Repeat("x\n", 500)
	stream := message(1) + "\n" + fmt.Sprintf("%d %s", len(long), long) + message(2) + "\r\n\n" + fmt.Sprintf("%d %s", len(message(3)), message(3)) + message(4) + "\x00"
	want := []string{message(1), long, message(2), message(3), message(4)}
	for _, step := range []int{1, 2, 7, 100, len(stream)} {
		var got []string
		var buf []byte
		for from := 0; from < len(stream); from += step {
			buf = append(buf, stream[from:min(from+step, len(stream))]...)
			for {
				m, rest, ok, err := next(buf)
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					break
				}
				got = append(got, string(m))
				buf = rest
			}
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("in steps of %d: %q", step, got)
		}
	}
	for _, bad := range []string{"99999999999 x", "12x4 y", strings.Repeat("a", maxMessage+1)} {
		if _, _, _, err := next([]byte(bad)); err == nil {
			t.Errorf("%.20q was taken", bad)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte("5 hello6 world!\nline\n"))
	f.Fuzz(func(t *testing.T, buf []byte) {
		for {
			m, rest, ok, err := next(buf)
			if err != nil || !ok {
				return
			}
			if len(rest) >= len(buf) || len(m) > len(buf) {
				t.Fatalf("%d bytes became %d and %d", len(buf), len(m), len(rest))
			}
			buf = rest
		}
	})
}

type bench struct {
	*Syslog
	commits chan ingest.Receipt
}

func start(t *testing.T, config *tls.Config) bench {
	t.Helper()
	store, err := duckdb.Open(t.Context(), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	service := &ingest.Service{Store: store, Now: time.Now}
	b := bench{commits: make(chan ingest.Receipt, 1000)}
	opt := Options{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Service: service, Workspace: "default", Every: 10 * time.Millisecond, Committed: func(r ingest.Receipt) { b.commits <- r }}
	if config != nil {
		opt.TLS, opt.Config = "127.0.0.1:0", config
	}
	if b.Syslog, err = Start(opt); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.Close()
		service.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// wait waits until n messages were stored.
func (b bench) wait(t *testing.T, n int) {
	t.Helper()
	limit := time.After(time.Minute)
	for got := 0; got < n; {
		select {
		case r := <-b.commits:
			got += r.Tables["Syslog"]
		case <-limit:
			t.Fatalf("%d messages were stored of %d", got, n)
		}
	}
}

func TestSyslog(t *testing.T) {
	config, roots := certificate(t)
	b := start(t, config)
	var text bytes.Buffer
	for i := range 200 {
		if i%2 == 0 {
			fmt.Fprintf(&text, "%d %s", len(message(i)), message(i))
		} else {
			text.WriteString(message(i) + "\n")
		}
	}
	tcp, err := net.Dial("tcp", b.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	send(t, tcp, text.Bytes())
	b.wait(t, 200) // while the connection stays open
	tcp.Close()

	secure, err := tls.Dial("tcp", b.Addr("tls").String(), &tls.Config{RootCAs: roots, ServerName: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	send(t, secure, text.Bytes())
	secure.Close()
	b.wait(t, 200)

	udp, err := net.Dial("udp", b.Addr("udp").String())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		send(t, udp, []byte(message(i)))
	}
	udp.Close()
	b.wait(t, 20)
}

// TestBadSender is cut off, and what it sent before is stored.
func TestBadSender(t *testing.T) {
	b := start(t, nil)
	c, err := net.Dial("tcp", b.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	send(t, c, []byte(message(1)+"\n99999999999999 x"))
	if _, err := io.ReadAll(c); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
	c.Close()
	b.wait(t, 1)
}

func TestTLSNeedsACertificate(t *testing.T) {
	if _, err := Start(Options{TLS: "127.0.0.1:0"}); err == nil {
		t.Error("TLS without a certificate was begun")
	}
}

func send(t *testing.T, c net.Conn, p []byte) {
	t.Helper()
	if _, err := c.Write(p); err != nil {
		t.Fatal(err)
	}
}

func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, roots
}
