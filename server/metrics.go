package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/clew-sec/clew/server/api"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/server/live"
	"github.com/clew-sec/clew/server/request"
	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/workspace"
)

// metrics is what the server counts. Every label has a bounded set of values:
// routes are patterns, sources are those that exist.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	records  *prometheus.CounterVec
	events   *prometheus.CounterVec
	rows     prometheus.Counter
	handler  http.Handler
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clew_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"route", "status"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clew_http_request_seconds", Help: "Time to answer, by route; live updates count when they end.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"route"}),
		records: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clew_ingest_records_total", Help: "Records taken in over HTTP, by the source of the address and what became of them.",
		}, []string{"source", "result"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clew_telemetry_records_total", Help: "Events taken in, by the format of the address, or syslog, and what became of them.",
		}, []string{"format", "result"}),
		rows: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "clew_telemetry_rows_total", Help: "Rows that the events taken in became.",
		}),
	}
	m.registry.MustRegister(m.requests, m.latency, m.records, m.events, m.rows, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
	return m
}

// watch shows how many clients follow a workspace.
func (m *metrics) watch(workspace string, hub *live.Hub) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "clew_live_clients", Help: "Clients that follow live updates.", ConstLabels: prometheus.Labels{"workspace": workspace},
	}, func() float64 { return float64(hub.Clients()) }))
}

func (m *metrics) request(pattern string, status int, took time.Duration) {
	if pattern == "" {
		pattern = "unmatched"
	}
	m.requests.WithLabelValues(pattern, strconv.Itoa(status)).Inc()
	m.latency.WithLabelValues(pattern).Observe(took.Seconds())
}

func (m *metrics) ingested(source string, r workspace.Receipt) {
	for result, n := range map[string]int{
		workspace.StatusNew: r.New, workspace.StatusUpdated: r.Updated, workspace.StatusUnchanged: r.Unchanged,
		workspace.StatusRejected: r.Rejected, workspace.StatusSkipped: r.Skipped,
	} {
		m.records.WithLabelValues(source, result).Add(float64(n))
	}
}

// delivered counts a delivery of events. The format is one that exists.
func (m *metrics) delivered(format string, r ingest.Receipt) {
	m.events.WithLabelValues(format, "stored").Add(float64(r.Stored))
	m.events.WithLabelValues(format, "rejected").Add(float64(r.Rejected))
	m.rows.Add(float64(r.Rows))
}

// CountEvents counts events that came in by other ways than HTTP.
func (s *Server) CountEvents(format string, r ingest.Receipt) { s.metrics.delivered(format, r) }

// serveMetrics answers those who may read, and the machine itself. A request
// that a proxy passed on is not from the machine itself, whatever its address.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	local := request.From(r.Context()).Address.IsLoopback()
	for _, h := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"} {
		local = local && r.Header.Get(h) == ""
	}
	if !local {
		if id, err := s.auth.Identify(r.Context(), r); err != nil || !id.May(auth.Read) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="Clew"`)
			api.WriteProblem(w, r, http.StatusUnauthorized, "not-signed-in", "Metrics need an API token with the scope read.", "Send one as Authorization: Bearer.")
			return
		}
	}
	s.metrics.handler.ServeHTTP(w, r)
}
