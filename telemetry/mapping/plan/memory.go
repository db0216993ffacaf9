package plan

import "sync"

// Process is what the event of its start told of a process.
type Process struct {
	File        string // path of the image
	CommandLine string
	Created     string // time of the start, as the event wrote it
	SHA1        string
	SHA256      string
	MD5         string
	Integrity   string
	User        string // DOMAIN\name
	Parent      string // path of the parent's image
	ParentID    string
	Company     string
	Product     string
	Original    string // file name of the version resource
}

// Memory is what mappers of one workspace remember between records: processes
// that were started, so that what a later event says only by number or id
// ("process 7300 connected") can name program and command line; and the devices
// that were described lately. It is bounded, the oldest is forgotten first. It is
// safe for use by several goroutines.
type Memory struct {
	mu      sync.Mutex
	known   map[string]Process
	order   []string
	next    int
	bytes   int
	devices map[string]int64
}

// Bounds of what is remembered.
const (
	maxProcesses     = 50_000
	maxProcessBytes  = 64 << 20
	maxProcessRecord = 32 << 10
)

// NewMemory returns an empty memory.
func NewMemory() *Memory { return &Memory{known: map[string]Process{}, devices: map[string]int64{}} }

// maxDevices is how many devices are remembered as described.
const maxDevices = 100_000

// Describe tells whether a device is due to be described: at most once in each
// hour, which is counted from anywhere. Answering yes remembers it.
func (m *Memory) Describe(device string, hour int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if last, ok := m.devices[device]; ok && last >= hour {
		return false
	}
	if len(m.devices) >= maxDevices {
		clear(m.devices)
	}
	m.devices[device] = hour
	return true
}

// size is about what a process takes.
func (p Process) size() int {
	const rest = 600 // the struct, its key, the short fields
	return len(p.File) + len(p.CommandLine) + len(p.Parent) + len(p.User) + rest
}

// Started remembers a process under a key that names it, such as host and id.
func (m *Memory) Started(key string, p Process) {
	if len(p.CommandLine) > maxProcessRecord {
		return // it would push out hundreds of others
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.known[key]; ok {
		m.bytes += p.size() - old.size()
		m.known[key] = p
		return
	}
	for len(m.known) >= maxProcesses || m.bytes+p.size() > maxProcessBytes && len(m.known) > 0 {
		m.forget()
	}
	m.known[key] = p
	m.order = append(m.order, key)
	m.bytes += p.size()
}

// forget drops the oldest.
func (m *Memory) forget() {
	key := m.order[m.next]
	m.order[m.next] = ""
	if m.next++; m.next > maxProcesses {
		m.order, m.next = append([]string(nil), m.order[m.next:]...), 0
	}
	if p, ok := m.known[key]; ok {
		m.bytes -= p.size()
		delete(m.known, key)
	}
}

// Find returns a process by its key.
func (m *Memory) Find(key string) (Process, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.known[key]
	return p, ok
}
