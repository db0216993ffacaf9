// Package listen takes events in from the network where senders know no HTTP:
// syslog over UDP, TCP and TLS.
//
// Syslog knows no answer. What came over a connection is stored within a moment,
// and a sender is slowed down when too much is waiting; datagrams that come faster
// than they can be stored are dropped by the system.
package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/clew-sec/clew/telemetry/ingest"
)

// Options say what is listened to.
type Options struct {
	UDP, TCP, TLS string // addresses; empty ones are not listened to
	Config        *tls.Config
	Service       *ingest.Service
	Workspace     string
	// Every is how long events wait for a commit at most, by default a second.
	Every time.Duration
	// Committed is told of each commit; nil: nobody is.
	Committed func(ingest.Receipt)
	Log       *slog.Logger
	// Connections is how many may be open at the same time, by default 1,000.
	Connections int
}

const (
	defaultEvery       = time.Second
	defaultConnections = 1000
	commitRecords      = 5000
	readBytes          = 64 << 10
	datagramBuffer     = 8 << 20
	format             = "syslog"
)

// Syslog is a running listener.
type Syslog struct {
	opt     Options
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
	slots   chan struct{}

	mu      sync.Mutex
	closers map[io.Closer]struct{}
	addrs   map[string]net.Addr
}

// Start listens on all addresses, or on none and returns why.
func Start(opt Options) (*Syslog, error) {
	if opt.Every <= 0 {
		opt.Every = defaultEvery
	}
	if opt.Connections <= 0 {
		opt.Connections = defaultConnections
	}
	if opt.Committed == nil {
		opt.Committed = func(ingest.Receipt) {}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := &Syslog{opt: opt, slots: make(chan struct{}, opt.Connections), closers: map[io.Closer]struct{}{}, addrs: map[string]net.Addr{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if err := s.start(); err != nil {
		s.Close()
		return nil, fmt.Errorf("listening for syslog: %w", err)
	}
	return s, nil
}

func (s *Syslog) start() error {
	if s.opt.UDP != "" {
		c, err := net.ListenPacket("udp", s.opt.UDP)
		if err != nil {
			return err
		}
		u := c.(*net.UDPConn)
		_ = u.SetReadBuffer(datagramBuffer) // as much as the system permits
		s.addrs["udp"] = c.LocalAddr()
		s.keep(c)
		s.running.Go(func() { s.datagrams(u) })
	}
	if err := s.accept("tcp", s.opt.TCP, nil); err != nil {
		return err
	}
	if s.opt.TLS != "" && s.opt.Config == nil {
		return errors.New("syslog over TLS needs a certificate: name one with --tls-cert and --tls-key")
	}
	return s.accept("tls", s.opt.TLS, s.opt.Config)
}

func (s *Syslog) accept(name, address string, config *tls.Config) error {
	if address == "" {
		return nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	s.addrs[name] = l.Addr()
	if config != nil {
		l = tls.NewListener(l, config)
	}
	s.keep(l)
	s.running.Go(func() { s.connections(l) })
	return nil
}

// Addr is where is listened, of "udp", "tcp" or "tls".
func (s *Syslog) Addr(name string) net.Addr { return s.addrs[name] }

func (s *Syslog) keep(c io.Closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closers[c] = struct{}{}
}

func (s *Syslog) forget(c io.Closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.closers, c)
}

// Close ends all connections and stores what they brought.
func (s *Syslog) Close() {
	s.stop()
	s.mu.Lock()
	for c := range s.closers {
		c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Syslog) connections(l net.Listener) {
	for {
		c, err := l.Accept()
		if s.ctx.Err() != nil {
			if err == nil {
				c.Close()
			}
			return
		}
		if err != nil {
			s.opt.Log.Warn("a connection for syslog failed", "error", err)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		select {
		case s.slots <- struct{}{}:
		default:
			s.opt.Log.Warn("too many connections for syslog", "from", c.RemoteAddr().String())
			c.Close()
			continue
		}
		s.keep(c)
		s.running.Go(func() {
			defer func() { s.forget(c); c.Close(); <-s.slots }()
			s.connection(c)
		})
	}
}

// connection reads messages until the sender ends or sends what is none.
func (s *Syslog) connection(c net.Conn) {
	from := host(c.RemoteAddr())
	stream := s.opt.Service.Stream(s.opt.Workspace, format)
	buf := make([]byte, 0, readBytes)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)] // grows; next bounds it
		}
		_ = c.SetReadDeadline(s.deadline(stream))
		n, err := c.Read(buf[len(buf):cap(buf)])
		rest, bad := s.cut(stream, buf[:len(buf)+n], from)
		buf = append(buf[:0], rest...)
		late := errors.Is(err, os.ErrDeadlineExceeded)
		if (late || err != nil || bad != nil || stream.Len() >= commitRecords) && !s.commit(stream) {
			return
		}
		if bad != nil {
			s.opt.Log.Warn("a sender of syslog was cut off", "from", from, "error", bad)
			return
		}
		if err != nil && !late {
			return
		}
	}
}

// idle is how long a connection may be silent.
const idle = 15 * time.Minute

// deadline is when the next read gives up: soon when something waits.
func (s *Syslog) deadline(stream *ingest.Stream) time.Time {
	if stream.Len() > 0 {
		return time.Now().Add(s.opt.Every)
	}
	return time.Now().Add(idle)
}

// cut adds the complete messages of buf to the stream and returns what is left.
func (s *Syslog) cut(stream *ingest.Stream, buf []byte, from string) (rest []byte, err error) {
	for {
		message, rest, ok, err := next(buf)
		if err != nil || !ok {
			return rest, err
		}
		if err := stream.Add(message, from); err != nil {
			return rest, err
		}
		buf = rest
	}
}

// commit stores what waits, also when the listener is being closed. It reports
// whether to go on.
func (s *Syslog) commit(stream *ingest.Stream) bool {
	if stream.Len() == 0 {
		return s.ctx.Err() == nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), time.Minute)
	defer cancel()
	n := stream.Len()
	r, err := stream.Commit(ctx)
	if err != nil {
		s.opt.Log.Error("events of syslog were lost", "events", n, "error", err)
		return false
	}
	s.opt.Committed(r)
	return true
}

// datagrams takes one message a datagram.
func (s *Syslog) datagrams(c *net.UDPConn) {
	stream := s.opt.Service.Stream(s.opt.Workspace, format)
	buf := make([]byte, readBytes)
	began := time.Time{}
	for {
		_ = c.SetReadDeadline(s.deadline(stream))
		n, from, err := c.ReadFromUDPAddrPort(buf)
		if n > 0 {
			if stream.Len() == 0 {
				began = time.Now()
			}
			if bad := stream.Add(buf[:n], from.Addr().Unmap().String()); bad != nil {
				s.opt.Log.Error("syslog is not read", "error", bad)
				return
			}
		}
		due := stream.Len() >= commitRecords || stream.Len() > 0 && time.Since(began) >= s.opt.Every
		if (err != nil || due) && !s.commit(stream) && s.ctx.Err() != nil {
			return
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

func host(a net.Addr) string {
	if p, err := netip.ParseAddrPort(a.String()); err == nil {
		return p.Addr().Unmap().String()
	}
	return a.String()
}
