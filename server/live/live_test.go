package live

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/workspace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func event(n int) workspace.Event {
	return workspace.Event{Seq: int64(n), At: time.Unix(int64(n), 0).UTC(), Incidents: []correlate.IncidentID{correlate.IncidentID(n)}, Alerts: 1}
}

func subscribe(t *testing.T, h *Hub, after string) *Subscriber {
	t.Helper()
	s, err := h.Subscribe(after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestEventsArriveInOrder(t *testing.T) {
	h := NewHub("w")
	a, b := subscribe(t, h, ""), subscribe(t, h, "")
	for i := range 10 {
		h.Publish(event(i))
	}
	for _, s := range []*Subscriber{a, b} {
		for i := range 10 {
			if m := <-s.c; m.event.Seq != int64(i) || m.resync {
				t.Fatalf("at %d: %+v", i, m)
			}
		}
	}
}

func TestResume(t *testing.T) {
	h := NewHub("w")
	first := subscribe(t, h, "")
	for i := range 10 {
		h.Publish(event(i))
	}
	var ids []string
	for range 10 {
		ids = append(ids, (<-first.c).id)
	}
	for i, id := range ids {
		s := subscribe(t, h, id)
		if len(s.backlog) != 9-i || (i < 9 && s.backlog[0].event.Seq != int64(i+1)) {
			t.Errorf("after event %d: %d missed", i, len(s.backlog))
		}
	}
	for name, after := range map[string]string{
		"another process": "00000000-3", "the future": h.boot + "-11", "nonsense": "x", "huge": h.boot + "-99999999999999999999999",
		"script": "<script>",
	} {
		if s := subscribe(t, h, after); len(s.backlog) != 1 || !s.backlog[0].resync {
			t.Errorf("%s: %+v", name, s.backlog)
		}
	}
	if s := subscribe(t, h, ""); len(s.backlog) != 0 {
		t.Errorf("a new client got %d old events", len(s.backlog))
	}
}

func TestResumeAfterTooMuch(t *testing.T) {
	h := NewHub("w")
	start := h.id()
	for i := range 5 * keep {
		h.Publish(event(i))
		if len(h.recent) > keep {
			t.Fatalf("%d events are kept", len(h.recent))
		}
	}
	if s := subscribe(t, h, start); len(s.backlog) != 1 || !s.backlog[0].resync {
		t.Errorf("%d events for a client that was away too long", len(s.backlog))
	}
	before := h.id()
	h.Resync()
	if s := subscribe(t, h, before); len(s.backlog) != 1 || !s.backlog[0].resync {
		t.Errorf("a client that missed a resync: %+v", s.backlog)
	}
	if s := subscribe(t, h, h.id()); len(s.backlog) != 0 {
		t.Errorf("a client that knows of the resync: %+v", s.backlog)
	}
}

func TestSlowClientIsToldToReadAgain(t *testing.T) {
	h := NewHub("w")
	s := subscribe(t, h, "")
	for i := range 3 * buffer {
		h.Publish(event(i))
	}
	var got []message
	for len(s.c) > 0 {
		got = append(got, <-s.c)
	}
	if len(got) > buffer || !got[0].resync {
		t.Fatalf("%d messages, the first %+v", len(got), got[0])
	}
	if last := got[len(got)-1]; last.event.Seq != 3*buffer-1 {
		t.Errorf("ends with %+v", last)
	}
}

func TestClientsAreBounded(t *testing.T) {
	h := NewHub("w")
	for range maxFollower {
		subscribe(t, h, "")
	}
	if _, err := h.Subscribe(""); !errors.Is(err, ErrFull) || h.Clients() != maxFollower {
		t.Error(err, h.Clients())
	}
	h.Close()
	if _, err := h.Subscribe(""); !errors.Is(err, ErrClosed) || h.Clients() != 0 {
		t.Error(err, h.Clients())
	}
}

func TestHubUnderRace(t *testing.T) {
	h := NewHub("w")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				if s, err := h.Subscribe(""); err == nil {
					s.Close()
					s.Close()
				}
			}
		})
		wait.Go(func() {
			for i := range 200 {
				h.Publish(event(i))
			}
			h.Resync()
		})
	}
	wait.Go(h.Close)
	wait.Wait()
}

// pipe is a response whose reader is the test.
type pipe struct {
	header http.Header
	w      *io.PipeWriter
}

func (p *pipe) Header() http.Header         { return p.header }
func (p *pipe) WriteHeader(int)             {}
func (p *pipe) Write(b []byte) (int, error) { return p.w.Write(b) }
func (p *pipe) Flush()                      {}

func stream(t *testing.T, ctx context.Context, s *Subscriber) (*bufio.Reader, chan struct{}) {
	t.Helper()
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = w.Close() }()
		Stream(ctx, &pipe{header: http.Header{}, w: w}, s)
	}()
	return bufio.NewReader(r), done
}

// next reads one event or comment.
func next(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("after %q: %v", b.String(), err)
		}
		if line == "\n" {
			return b.String()
		}
		b.WriteString(line)
	}
}

func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub("w")
		h.boot = "b"
		h.Publish(event(1))
		h.Publish(event(2))
		s := subscribe(t, h, "b-1")
		ctx, cancel := context.WithCancel(context.Background())
		r, done := stream(t, ctx, s)
		want := "id: b-2\nevent: change\ndata: {\"seq\":2,\"at\":\"1970-01-01T00:00:02Z\",\"incidents\":[2],\"alerts\":1}\n"
		if got := next(t, r); got != want {
			t.Errorf("missed event:\n%s", got)
		}
		if got := next(t, r); got != "retry: 2000\nid: b-2\nevent: hello\ndata: {\"workspace\":\"w\"}\n" {
			t.Errorf("hello:\n%s", got)
		}
		began := time.Now()
		if got := next(t, r); got != ": alive\n" || time.Since(began) != Heartbeat {
			t.Errorf("heartbeat after %s: %q", time.Since(began), got)
		}
		h.Publish(event(3))
		if got := next(t, r); !strings.Contains(got, "id: b-3\nevent: change\n") {
			t.Error(got)
		}
		h.Resync()
		if got := next(t, r); got != "id: b-4\nevent: resync\ndata: {}\n" {
			t.Error(got)
		}
		cancel()
		<-done
	})
}

func TestStreamEnds(t *testing.T) {
	for name, end := range map[string]func(*Hub, *Subscriber){
		"server stops": func(h *Hub, _ *Subscriber) { h.Close() },
		"subscription": func(_ *Hub, s *Subscriber) { s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			h := NewHub("w")
			s := subscribe(t, h, "")
			r, done := stream(t, context.Background(), s)
			next(t, r)
			end(h, s)
			<-done
		})
	}
}

func TestStreamEndsWhenTheClientIsGone(t *testing.T) {
	h := NewHub("w")
	s := subscribe(t, h, "")
	r, w := io.Pipe()
	_ = r.Close()
	Stream(context.Background(), &pipe{header: http.Header{}, w: w}, s)
}

func TestStreamHeaders(t *testing.T) {
	h := NewHub("w")
	s := subscribe(t, h, "")
	s.Close()
	rec := httptest.NewRecorder()
	Stream(context.Background(), rec, s)
	if got := rec.Header().Get("Content-Type"); got != "text/event-stream" || !strings.Contains(rec.Header().Get("Cache-Control"), "no-store") {
		t.Errorf("%v", rec.Header())
	}
}
