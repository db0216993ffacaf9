package engine

import (
	"context"
	"strconv"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// Cost is what the last query of a connection took. Memory is what the engine
// held at most meanwhile, for all its connections.
type Cost struct {
	Processor time.Duration
	Scanned   int64
	Memory    int64
}

// The engine's names of what is measured.
const (
	metricProcessor = "CPU_TIME" // seconds
	metricScanned   = "CUMULATIVE_ROWS_SCANNED"
	metricMemory    = "SYSTEM_PEAK_BUFFER_MEMORY"
)

// Measure makes the connection measure its queries. It must be called before
// the configuration is locked.
func (c *Conn) Measure(ctx context.Context) error {
	_, err := c.Exec(ctx, `SET enable_profiling = 'no_output'; SET custom_profiling_settings = '{"`+
		metricProcessor+`": "true", "`+metricScanned+`": "true", "`+metricMemory+`": "true"}'`)
	return err
}

// Cost is what the last query took; zero when it was not measured. Its rows must
// have been closed.
func (c *Conn) Cost() Cost {
	info := duck.GetProfilingInfo(c.conn)
	if info.Ptr == nil {
		return Cost{}
	}
	return Cost{
		Processor: time.Duration(metric(info, metricProcessor) * float64(time.Second)),
		Scanned:   int64(metric(info, metricScanned)),
		Memory:    int64(metric(info, metricMemory)),
	}
}

func metric(info duck.ProfilingInfo, name string) float64 {
	v := duck.ProfilingInfoGetValue(info, name)
	if v.Ptr == nil {
		return 0
	}
	defer duck.DestroyValue(&v)
	n, err := strconv.ParseFloat(duck.GetVarchar(v), 64)
	if err != nil {
		return 0
	}
	return n
}
