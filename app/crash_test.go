package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/app/invariant"
	"github.com/clew-sec/clew/demo"
)

// TestCrash kills the server with SIGKILL at random moments while a client sends
// alerts, repeating what was not acknowledged. Afterwards no accepted alert may
// be missing or doubled, and every incident's invariants must hold.
// CLEW_CRASHES sets how often (100), CLEW_TEST_POSTGRES another database.
func TestCrash(t *testing.T) {
	if testing.Short() {
		t.Log("short: 5 crashes")
	}
	c := newCrashing(t)
	for i := range c.crashes {
		c.round(i, true)
	}
	c.round(c.crashes, false)
	c.check()
}

type crashing struct {
	t        *testing.T
	crashes  int
	binary   string
	data     string
	token    string
	rnd      *rand.Rand
	chunks   [][]byte
	ids      [][]string
	next     int // chunk to send next
	mu       sync.Mutex
	accepted map[string]int // alert id: times acknowledged
	kills    int
	during   int // kills while a request was under way
}

func newCrashing(t *testing.T) *crashing {
	c := &crashing{t: t, crashes: 100, rnd: rand.New(rand.NewPCG(7, 11)), accepted: map[string]int{}}
	if n, err := strconv.Atoi(os.Getenv("CLEW_CRASHES")); err == nil {
		c.crashes = n
	} else if testing.Short() {
		c.crashes = 5
	}
	dir := t.TempDir()
	c.binary, c.data = filepath.Join(dir, "clew"), filepath.Join(dir, "data")
	build := exec.Command("go", "build", "-o", c.binary, "../cmd/clew")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	token, err := exec.Command(c.binary, "token", "add", "--data", c.data, "--scopes", "ingest", "crash").Output()
	if err != nil {
		t.Fatalf("making a token: %v", err)
	}
	c.token = strings.TrimSpace(string(token))
	c.load(60 * (c.crashes + 1))
	return c
}

// load makes the alerts to send, updates and repeats included, in small chunks.
func (c *crashing) load(alerts int) {
	s := demo.Generate(demo.Options{Seed: 5, Start: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Days: 7, Alerts: alerts})
	var lines bytes.Buffer
	var ids []string
	cut := func() {
		c.chunks, c.ids = append(c.chunks, bytes.Clone(lines.Bytes())), append(c.ids, ids)
		lines.Reset()
		ids = nil
	}
	for d := range s.Alerts() {
		b, err := d.Alert.MarshalJSON()
		if err != nil {
			c.t.Fatal(err)
		}
		lines.Write(append(b, '\n'))
		if ids = append(ids, d.Alert.ID); len(ids) >= 1+c.rnd.IntN(25) {
			cut()
		}
	}
	if len(ids) > 0 {
		cut()
	}
}

// round starts the server, sends, and kills it, or lets it finish.
func (c *crashing) round(i int, kill bool) {
	ready := filepath.Join(c.t.TempDir(), "ready")
	server := exec.Command(c.binary, "serve", "--data", c.data, "--listen", "127.0.0.1:0", "--ready-out", ready)
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		c.t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- server.Wait() }()
	url := c.await(ready, exited, &log)
	ctx, cancel := context.WithCancel(c.t.Context())
	sent := make(chan struct{})
	busy := false
	go func() {
		defer close(sent)
		c.send(ctx, url, &busy, !kill)
	}()
	if !kill {
		<-sent
		cancel()
		c.stop(server, exited, &log)
		return
	}
	<-time.After(time.Duration(c.rnd.Int64N(int64(150 * time.Millisecond))))
	c.mu.Lock()
	if busy {
		c.during++
	}
	c.mu.Unlock()
	if err := server.Process.Signal(syscall.SIGKILL); err != nil {
		c.t.Fatalf("round %d: the server ended by itself: %v\n%s", i, err, log.String())
	}
	<-exited
	c.kills++
	cancel()
	<-sent
}

func (c *crashing) await(ready string, exited <-chan error, log *bytes.Buffer) string {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(60 * time.Second)
	for {
		select {
		case <-tick.C:
			if b, err := os.ReadFile(ready); err == nil && bytes.HasSuffix(b, []byte("\n")) {
				return strings.TrimSpace(string(b))
			}
		case err := <-exited:
			c.t.Fatalf("the server did not start: %v\n%s", err, log.String())
		case <-deadline:
			c.t.Fatalf("the server is not ready after a minute\n%s", log.String())
		}
	}
}

func (c *crashing) stop(server *exec.Cmd, exited <-chan error, log *bytes.Buffer) {
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
	if err := <-exited; err != nil {
		c.t.Fatalf("an orderly end failed: %v\n%s", err, log.String())
	}
}

// send goes through the chunks; what is not acknowledged is sent again in the
// next round.
func (c *crashing) send(ctx context.Context, url string, busy *bool, all bool) {
	for c.next < len(c.chunks) && ctx.Err() == nil {
		c.mu.Lock()
		*busy = true
		c.mu.Unlock()
		err := c.post(ctx, url, c.chunks[c.next])
		c.mu.Lock()
		*busy = false
		c.mu.Unlock()
		if err != nil {
			if all {
				c.t.Errorf("sending chunk %d: %v", c.next, err)
			}
			return
		}
		for _, id := range c.ids[c.next] {
			c.accepted[id]++
		}
		c.next++
	}
}

func (c *crashing) post(ctx context.Context, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/ingest/graph", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("status %d: %s", resp.StatusCode, answer)
	}
	var receipt struct{ Received, Rejected int }
	if err := json.Unmarshal(answer, &receipt); err != nil {
		return err
	}
	if lines := bytes.Count(body, []byte("\n")); receipt.Received != lines || receipt.Rejected != 0 {
		return errors.New("the receipt does not count what was sent: " + string(answer))
	}
	return nil
}

// check reads the database behind the killed servers.
func (c *crashing) check() {
	t := c.t
	if c.next != len(c.chunks) {
		t.Fatalf("only %d of %d chunks were sent", c.next, len(c.chunks))
	}
	a, err := app.New(t.Context(), app.Config{Data: c.data})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop(t.Context())
	report, err := invariant.Check(t.Context(), a.Store(), app.DefaultWorkspace)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Problems {
		t.Error(p)
	}
	want := slices.Sorted(func(yield func(string) bool) {
		for id := range c.accepted {
			if !yield(id) {
				return
			}
		}
	})
	if !slices.Equal(report.AlertIDs, want) {
		t.Errorf("%d alerts are stored, %d were accepted", len(report.AlertIDs), len(want))
	}
	t.Logf("%d kills (%d while a request was under way), %d chunks, %d alerts accepted, %d stored in %d incidents, %d merges",
		c.kills, c.during, len(c.chunks), len(want), len(report.AlertIDs), report.Incidents, report.Merges)
}
