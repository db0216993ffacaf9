package clickhouse_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/clickhouse"
)

// seen is a request as a server gets it.
type seen struct{ user, key, statement, url string }

// spy hands requests on to the engine, and keeps what they were.
type spy struct {
	*httptest.Server
	mu   sync.Mutex
	list []seen
	fail func(w http.ResponseWriter, statement string) bool
	lose func(statement string) bool
	done func(statement string)
}

func newSpy(t *testing.T, tls bool) *spy {
	t.Helper()
	s := &spy{}
	h := http.HandlerFunc(s.serve)
	if tls {
		s.Server = httptest.NewTLSServer(h)
	} else {
		s.Server = httptest.NewServer(h)
	}
	t.Cleanup(s.Close)
	return s
}

func (s *spy) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	statement := r.URL.Query().Get("query")
	if statement == "" {
		statement = string(body)
	}
	s.mu.Lock()
	s.list = append(s.list, seen{r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key"), statement, r.URL.String()})
	fail, done, lost := s.fail, s.done, s.lose != nil && s.lose(statement)
	s.mu.Unlock()
	if fail != nil && fail(w, statement) {
		return
	}
	req, _ := http.NewRequestWithContext(r.Context(), r.Method, engine.URL()+r.URL.String(), bytes.NewReader(body))
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	if done != nil {
		done(statement)
	}
	if lost {
		io.Copy(io.Discard, resp.Body)
		panic(http.ErrAbortHandler) // the engine did it, and nobody hears of it
	}
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body)
}

// failing sets what fails from now on.
func (s *spy) failing(f func(w http.ResponseWriter, statement string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

// losing sets which answers are lost from now on.
func (s *spy) losing(f func(statement string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose = f
}

// doing sets what happens when the engine has carried a statement out, before its
// answer.
func (s *spy) doing(f func(statement string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = f
}

func (s *spy) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.list...)
}

// behind is a store whose requests go through the spy.
func behind(t *testing.T, s *spy, opt clickhouse.Options) telemetry.Store {
	t.Helper()
	opt.URL = strings.Replace(s.URL, "://", "://writer:pass-w@", 1)
	st, err := clickhouse.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// TestUsers holds that queries run under the user who reads, all else under the
// one of the URL, and that passwords are in headers only.
func TestUsers(t *testing.T) {
	s := newSpy(t, false)
	var log bytes.Buffer
	st := behind(t, s, clickhouse.Options{Prefix: "clewusers", Reader: "reader:pass-r:x", Log: slog.New(slog.NewTextHandler(&log, nil))})
	if _, err := read(t, st, "SELECT 42 AS x"); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.requests() {
		want := seen{user: "writer", key: "pass-w"}
		if strings.HasPrefix(r.statement, "SELECT 42") {
			want = seen{user: "reader", key: "pass-r:x"}
		}
		if r.user != want.user || r.key != want.key {
			t.Errorf("%.60s… ran as %s with %q", r.statement, r.user, r.key)
		}
		if strings.Contains(r.url, "pass") {
			t.Errorf("a password is in %s", r.url)
		}
	}
	s.Close()
	_, err := read(t, st, "SELECT 43 AS secret_text")
	if err == nil || strings.Contains(err.Error()+log.String(), "pass-") || strings.Contains(err.Error(), "secret_text") {
		t.Errorf("the error of a server that is gone: %v", err)
	}
}

// TestAddresses refuses addresses that are none without repeating them.
func TestAddresses(t *testing.T) {
	for _, opt := range []clickhouse.Options{
		{URL: "user:pass-w@host:8123"}, {URL: "http://user:pass-w@ho st"}, {URL: "ftp://user:pass-w@host"}, {URL: "http://host?password=pass-w"},
		{URL: "http://host:1", Reader: "pass-w"}, {URL: "http://host:1", Reader: ":pass-w"},
	} {
		_, err := clickhouse.Open(t.Context(), opt)
		if err == nil || strings.Contains(err.Error(), "pass-w") {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}

// TestRedirect holds that a password does not follow a server that sends
// elsewhere.
func TestRedirect(t *testing.T) {
	other := newSpy(t, false)
	s := newSpy(t, false)
	s.failing(func(w http.ResponseWriter, _ string) bool {
		w.Header().Set("Location", other.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return true
	})
	if _, err := clickhouse.Open(t.Context(), clickhouse.Options{URL: strings.Replace(s.URL, "://", "://u:p@", 1)}); err == nil {
		t.Error("a redirect was followed")
	}
	if n := len(other.requests()); n != 0 {
		t.Errorf("the other server got %d requests", n)
	}
}

// TestTLS holds that a certificate which nobody vouches for is refused.
func TestTLS(t *testing.T) {
	s := newSpy(t, true)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if _, err := clickhouse.Open(t.Context(), clickhouse.Options{URL: strings.Replace(s.URL, "://", "://u:p@", 1)}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("the server got %d requests", n)
	}
}

// TestLimitsAreSent holds that the server knows the limits of a query too.
func TestLimitsAreSent(t *testing.T) {
	s := newSpy(t, false)
	st := behind(t, s, clickhouse.Options{Prefix: "clewlimits", Memory: 123 << 20})
	rows, err := st.Query(t.Context(), telemetry.Statement{SQL: "SELECT 42 AS x"}, telemetry.Limits{Rows: 10, Time: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	rows.Close()
	last := s.requests()[len(s.requests())-1]
	for _, want := range []string{"max_memory_usage=128974848", "max_result_rows=11", "max_execution_time=6", "max_temporary_data_on_disk_size_for_query=", "readonly=2", "max_query_size="} {
		if !strings.Contains(last.url, want) {
			t.Errorf("%s is not in %s", want, last.url)
		}
	}
}

func read(t *testing.T, st telemetry.Store, sql string) (n int, err error) {
	t.Helper()
	rows, err := st.Query(t.Context(), telemetry.Statement{SQL: sql}, telemetry.Limits{Time: time.Minute})
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for _, err := range rows.All() {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
