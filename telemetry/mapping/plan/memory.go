package plan

import (
	"encoding/binary"
	"sync"
	"unsafe"
)

// Process is what the event of its start told of a process.
type Process struct {
	File        []byte // path of the image
	CommandLine []byte
	Created     []byte // time of the start, as the event wrote it
	SHA1        []byte
	SHA256      []byte
	MD5         []byte
	Integrity   []byte
	User        []byte // DOMAIN\name
	Parent      []byte // path of the parent's image
	ParentID    []byte
	Company     []byte
	Product     []byte
	Original    []byte // file name of the version resource
}

// fields lists the fields in the order in which they are packed.
func (p *Process) fields() [13]*[]byte {
	return [...]*[]byte{
		&p.File, &p.CommandLine, &p.Created, &p.SHA1, &p.SHA256, &p.MD5, &p.Integrity, &p.User, &p.Parent, &p.ParentID,
		&p.Company, &p.Product, &p.Original,
	}
}

// pack appends the fields, each behind its length. In one piece a process costs
// the garbage collector one pointer and not thirteen.
func (p *Process) pack(dst []byte) []byte {
	for _, f := range p.fields() {
		dst = append(binary.AppendUvarint(dst, uint64(len(*f))), *f...)
	}
	return dst
}

// unpack returns what was packed. Its fields are parts of text, which must not be
// written to.
func unpack(text string) (p Process) {
	rest := unsafe.Slice(unsafe.StringData(text), len(text))
	for _, f := range p.fields() {
		size, n := binary.Uvarint(rest)
		*f, rest = rest[n:n+int(size):n+int(size)], rest[n+int(size):]
	}
	return p
}

// Memory is what mappers of one workspace remember between records: processes
// that were started, so that what a later event says only by number or id
// ("process 7300 connected") can name program and command line; and the devices
// that were described lately. It is bounded, the oldest is forgotten first. It is
// safe for use by several goroutines.
type Memory struct {
	mu      sync.Mutex
	known   map[string]string // packed
	packing []byte
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
func NewMemory() *Memory { return &Memory{known: map[string]string{}, devices: map[string]int64{}} }

// maxDevices is how many devices are remembered as described.
const maxDevices = 100_000

// Describe tells whether a device is due to be described: at most once in each
// hour, which is counted from anywhere. Answering yes remembers it.
func (m *Memory) Describe(device []byte, hour int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if last, ok := m.devices[string(device)]; ok && last >= hour {
		return false
	}
	if len(m.devices) >= maxDevices {
		clear(m.devices)
	}
	m.devices[string(device)] = hour
	return true
}

// size is about what a process takes.
func (p *Process) size() int {
	const rest = 600 // the struct, its key, the short fields
	return len(p.File) + len(p.CommandLine) + len(p.Parent) + len(p.User) + rest
}

// Started remembers a process under a key that names it, such as host and id.
// Key and texts are copied.
func (m *Memory) Started(key []byte, p *Process) {
	if len(p.CommandLine) > maxProcessRecord {
		return // it would push out hundreds of others
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.packing = p.pack(append(m.packing[:0], key...))
	both := string(m.packing)
	name, packed := both[:len(key)], both[len(key):]
	if old, ok := m.known[name]; ok {
		was := unpack(old)
		m.bytes += p.size() - was.size()
		m.known[name] = packed
		return
	}
	for len(m.known) >= maxProcesses || m.bytes+p.size() > maxProcessBytes && len(m.known) > 0 {
		m.forget()
	}
	m.known[name] = packed
	m.order = append(m.order, name)
	m.bytes += p.size()
}

// forget drops the oldest.
func (m *Memory) forget() {
	key := m.order[m.next]
	m.order[m.next] = ""
	if m.next++; m.next > maxProcesses {
		m.order, m.next = append([]string(nil), m.order[m.next:]...), 0
	}
	if packed, ok := m.known[key]; ok {
		p := unpack(packed)
		m.bytes -= p.size()
		delete(m.known, key)
	}
}

// Find returns a process by its key. Its texts must not be written to.
func (m *Memory) Find(key []byte) (Process, bool) {
	m.mu.Lock()
	packed, ok := m.known[string(key)]
	m.mu.Unlock()
	if !ok {
		return Process{}, false
	}
	return unpack(packed), true
}
