package plan

import (
	"fmt"
	"strings"
	"testing"
)

func TestProcessesAreForgottenOldestFirst(t *testing.T) {
	m := NewMemory()
	for i := range maxProcesses + 10 {
		m.Started(fmt.Sprint(i), Process{CommandLine: fmt.Sprint(i)})
	}
	for i, want := range map[int]bool{0: false, 9: false, 10: true, maxProcesses + 9: true} {
		if p, ok := m.Find(fmt.Sprint(i)); ok != want || want && p.CommandLine != fmt.Sprint(i) {
			t.Errorf("process %d: %v %v", i, p, ok)
		}
	}
	m.Started("10", Process{CommandLine: "anew"})
	if p, _ := m.Find("10"); p.CommandLine != "anew" || len(m.known) != maxProcesses {
		t.Errorf("%v, %d known", p, len(m.known))
	}
}

func TestProcessesAreBoundedInBytes(t *testing.T) {
	m := NewMemory()
	for i := range 10_000 {
		m.Started(fmt.Sprint(i), Process{CommandLine: strings.Repeat("x", 30_000)})
	}
	m.Started("huge", Process{CommandLine: strings.Repeat("x", 100_000)})
	if _, ok := m.Find("huge"); ok {
		t.Error("a huge command line is kept")
	}
	total := 0
	for _, p := range m.known {
		total += p.size()
	}
	if total != m.bytes || total > maxProcessBytes || len(m.known) < 1000 {
		t.Errorf("%d processes hold %d bytes, counted as %d", len(m.known), total, m.bytes)
	}
}

func TestDevicesAreDescribedOnceAnHour(t *testing.T) {
	m := NewMemory()
	for i, c := range []struct {
		device string
		hour   int64
		want   bool
	}{{"a", 5, true}, {"a", 5, false}, {"b", 5, true}, {"a", 4, false}, {"a", 6, true}} {
		if got := m.Describe(c.device, c.hour); got != c.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
}
