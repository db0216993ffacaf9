package engine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkAppend appends rows of 69 columns of which 30 hold something.
func BenchmarkAppend(b *testing.B) {
	for _, batch := range []int{10000, 122880, 245760} {
		for _, cols := range []int{30} {
			b.Run(fmt.Sprintf("batch=%d/columns=%d", batch, cols), func(b *testing.B) { benchAppend(b, batch, cols) })
		}
	}
}

func benchAppend(b *testing.B, batch, active int) {
	db, err := Open(filepath.Join(b.TempDir(), "t.duckdb"), []Setting{{"checkpoint_threshold", "512MB"}, {"threads", "2"}, {"memory_limit", "1GB"}})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	c, err := db.Connect()
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	var defs, names []string
	var notNull []bool
	for i := range 69 {
		n := fmt.Sprintf("c%d", i)
		if i < active {
			names = append(names, n)
			notNull = append(notNull, i > 5)
		}
		if i > 5 {
			defs = append(defs, n+" VARCHAR NOT NULL DEFAULT ''")
		} else {
			defs = append(defs, n+" BIGINT")
		}
	}
	if _, err := c.Exec(context.Background(), "CREATE TABLE t ("+strings.Join(defs, ",")+")"); err != nil {
		b.Fatal(err)
	}
	long := strings.Repeat("x", 100)
	b.ResetTimer()
	rows := 0
	before := cpuTime()
	for rows < b.N {
		a, err := c.NewAppender("", "t", names, notNull)
		if err != nil {
			b.Fatal(err)
		}
		for range batch {
			for i := range 6 {
				a.SetInt64(i, int64(rows*7+i))
			}
			for i := 6; i < 20; i++ {
				a.SetString(i, "short")
			}
			for i := 20; i < 26; i++ {
				a.SetString(i, fmt.Sprintf("%x", sha256.Sum256([]byte{byte(rows), byte(rows >> 8), byte(rows >> 16), byte(i)})))
			}
			for i := 26; i < 30; i++ {
				a.SetString(i, long)
			}
			if err := a.EndRow(); err != nil {
				b.Fatal(err)
			}
			rows++
		}
		if err := a.Flush(); err != nil {
			b.Fatal(err)
		}
		a.Close()
	}
	b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/1000/float64(rows), "cpu-us/row")
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// cpuTime is what the process used so far, which on a busy machine tells more
// than the clock does.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
