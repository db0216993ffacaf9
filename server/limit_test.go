package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clew-sec/clew/server/api"
)

// slowConn is a connection whose deadlines the test can see.
type slowConn struct {
	*httptest.ResponseRecorder
	reads, writes []time.Time
}

func (c *slowConn) SetReadDeadline(t time.Time) error  { c.reads = append(c.reads, t); return nil }
func (c *slowConn) SetWriteDeadline(t time.Time) error { c.writes = append(c.writes, t); return nil }

// trickle gives one byte every ten seconds, for ever.
type trickle struct{}

func (trickle) Read(p []byte) (int, error) {
	time.Sleep(10 * time.Second)
	p[0] = ' '
	return 1, nil
}

func (trickle) Close() error { return nil }

func TestBodiesHaveDeadlines(t *testing.T) {
	for path, within := range map[string]time.Duration{api.Base + "/session": readWithin, api.Base + "/ingest/auto": ingestWithin} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			conn := &slowConn{ResponseRecorder: httptest.NewRecorder()}
			r := httptest.NewRequest("POST", path, trickle{})
			b := limitBody(r, http.NewResponseController(conn))
			for range 200 {
				_, _ = r.Body.Read(make([]byte, 1))
			}
			b.finish()
			for i, until := range conn.reads[:200] {
				at := began.Add(time.Duration(i) * 10 * time.Second)
				if until.After(began.Add(within)) || until.Sub(at) > readWithin {
					t.Fatalf("read %d, begun after %s, may last until %s", i, at.Sub(began), until.Sub(began))
				}
			}
			if last := conn.reads[200]; time.Until(last) != drainWithin {
				t.Errorf("the rest is thrown away until %s", last)
			}
		})
	}
}

func TestDeadlineEndsWithTheBody(t *testing.T) {
	conn := &slowConn{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequest("POST", "/", strings.NewReader("x"))
	b := limitBody(r, http.NewResponseController(conn))
	if _, err := io.ReadAll(r.Body); err != nil {
		t.Fatal(err)
	}
	b.finish()
	if last := conn.reads[len(conn.reads)-1]; !last.IsZero() {
		t.Errorf("a deadline stays: %s", last)
	}
}

func TestWritesHaveDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := &slowConn{ResponseRecorder: httptest.NewRecorder()}
		a := &answer{ResponseWriter: conn, control: http.NewResponseController(conn)}
		for range 100 {
			if _, err := a.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			if left := time.Until(conn.writes[len(conn.writes)-1]); left < writeWithin-deadlineStep || left > writeWithin {
				t.Fatalf("a write may last %s", left)
			}
			time.Sleep(time.Second)
		}
		if a.code() != 200 || a.bytes != 100 || len(conn.writes) > 25 {
			t.Errorf("status %d, %d bytes, %d deadlines", a.code(), a.bytes, len(conn.writes))
		}
	})
}

// Headers that are too large end the request before anything looks at it.
func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	s := open(t)
	c, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\nX-Big: %s\r\n\r\n", strings.Repeat("x", 128<<10))
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%d", res.StatusCode)
	}
}

// Shutdown ends the streams, so it does not wait for them.
func TestShutdownDoesNotWaitForStreams(t *testing.T) {
	t.Parallel()
	s := open(t)
	admin := s.administrator()
	h := s.server.HTTP("")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- h.Serve(l) }()
	req, _ := http.NewRequest("GET", "http://"+l.Addr().String()+"/api/v1/events", nil)
	req.AddCookie(admin)
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		t.Errorf("shutting down: %v", err)
	}
	if err := <-served; err != http.ErrServerClosed {
		t.Error(err)
	}
	if _, err := io.ReadAll(res.Body); err != nil {
		t.Errorf("the stream was cut: %v", err)
	}
}
