package live

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
)

// Heartbeat is how often a silent stream shows that it lives.
const Heartbeat = 20 * time.Second

// writeWithin bounds one write to a client that does not read.
const writeWithin = 30 * time.Second

// Stream writes events to w until ctx ends, the subscription is closed, or the
// client can't be written to.
func Stream(ctx context.Context, w http.ResponseWriter, s *Subscriber) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // or nginx holds events back
	w.WriteHeader(http.StatusOK)
	out := &writer{w: w, control: http.NewResponseController(w)}
	for _, m := range s.backlog {
		if out.message(m) != nil {
			return
		}
	}
	if out.hello(s) != nil {
		return
	}
	out.follow(ctx, s)
}

type writer struct {
	w       http.ResponseWriter
	control *http.ResponseController
	buf     bytes.Buffer
}

func (o *writer) follow(ctx context.Context, s *Subscriber) {
	beat := time.NewTicker(Heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case m, ok := <-s.c:
			if !ok {
				return
			}
			err = o.message(m)
		case <-beat.C:
			o.buf.WriteString(": alive\n\n")
			err = o.flush()
		}
		if err != nil {
			return
		}
	}
}

// hello carries an id, so that a client that is cut off before the first change
// resumes there.
func (o *writer) hello(s *Subscriber) error {
	data, err := json.Marshal(map[string]string{"workspace": s.hub.name})
	if err != nil {
		return err
	}
	fmt.Fprintf(&o.buf, "retry: 2000\nid: %s\nevent: hello\ndata: %s\n\n", s.begin, data)
	return o.flush()
}

func (o *writer) message(m message) error {
	if m.resync {
		fmt.Fprintf(&o.buf, "id: %s\nevent: resync\ndata: {}\n\n", m.id)
		return o.flush()
	}
	data, err := json.Marshal(m.event)
	if err != nil {
		return err
	}
	fmt.Fprintf(&o.buf, "id: %s\nevent: change\ndata: %s\n\n", m.id, data)
	return o.flush()
}

// flush sends what is in the buffer. Writers without deadlines (in tests) are fine.
func (o *writer) flush() error {
	_ = o.control.SetWriteDeadline(time.Now().Add(writeWithin))
	_, err := o.buf.WriteTo(o.w)
	if err == nil {
		err = o.control.Flush()
	}
	return err
}
