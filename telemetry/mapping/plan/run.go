package plan

import (
	"strings"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/valyala/fastjson"
)

// Options are what a mapping knows besides the record.
type Options struct {
	Limits Limits
	// Tenant is the workspace, for the column TenantId.
	Tenant string
	// Received is the time in ticks for records that bear none; 0: such records
	// are refused.
	Received int64
	// Skip tells which tables are not kept, so that no rows are made for them;
	// nil keeps all.
	Skip func(table string) bool
	// Memory is what the streams of one workspace know together; those of
	// several must not share one. nil: each stream begins with nothing, which is
	// right for a file, and makes a server that gets small deliveries describe
	// devices again and again.
	Memory *Memory
	// Zone is added to times of logs that write local time without saying which
	// (RFC 3164), in ticks east of UTC.
	Zone int64
}

// Writer runs plans. It is not safe for use by several goroutines.
type Writer struct {
	Options Options

	out     *telemetry.Batch
	record  *Record
	row     *rowPlan
	buf     []byte // the object of the rest
	scratch []byte
	number  [64]byte
	key     []byte
	devices map[string]string
	badTime error
	skipped map[*telemetry.Table]bool
	rows    map[*rowPlan]*rowState
	state   *rowState
}

// rowState is what a writer remembers about a row of a plan.
type rowState struct {
	found []lookup
	hints []int // where the paths of the choices were found last
}

// lookup is what a key at a position of a record led to last time. The records
// of a stream have their keys in the same order nearly always, and comparing a
// key is several times as fast as looking it up.
type lookup struct {
	key  string
	node *node
}

// NewWriter returns a writer.
func NewWriter(opt Options) *Writer {
	if opt.Memory == nil {
		opt.Memory = NewMemory()
	}
	return &Writer{
		Options: opt, devices: map[string]string{}, skipped: map[*telemetry.Table]bool{}, rows: map[*rowPlan]*rowState{},
	}
}

// Run makes the rows of a record. On an error there is none of them in out.
func (w *Writer) Run(p *Plan, r *Record, out *telemetry.Batch) error {
	w.out, w.record = out, r
	mark := out.Mark()
	for _, row := range p.rows {
		if w.Skips(row.table) || !w.applies(row) {
			continue
		}
		if err := w.makeRow(row); err != nil {
			out.Truncate(mark)
			return err
		}
	}
	return nil
}

// Skips tells whether rows of a table are not wanted.
func (w *Writer) Skips(t *telemetry.Table) bool {
	if w.Options.Skip == nil {
		return false
	}
	skip, known := w.skipped[t]
	if !known {
		skip = w.Options.Skip(t.Name)
		w.skipped[t] = skip
	}
	return skip
}

func (w *Writer) applies(row *rowPlan) bool {
	for _, c := range row.when {
		v, ok := w.find(row, c.path)
		if !ok || v.empty() {
			return false
		}
		if c.values != nil && !oneOf(v, c.values) {
			return false
		}
	}
	return true
}

// text is the text of a value, valid until the next call.
func (w *Writer) text(v Value) ([]byte, bool) { return v.bytes(w.number[:0]) }

func oneOf(v Value, values []string) bool {
	text, ok := v.Bytes()
	if !ok {
		return false
	}
	for _, want := range values {
		if string(text) == want {
			return true
		}
	}
	return false
}

func (w *Writer) makeRow(row *rowPlan) error {
	w.row, w.badTime = row, nil
	if w.state = w.rows[row]; w.state == nil {
		w.state = &rowState{hints: make([]int, row.paths)}
		w.rows[row] = w.state
	}
	w.out.Begin(row.table)
	for _, c := range row.constants {
		w.out.Set(c.column, c.value)
	}
	w.choose(row)
	w.buf = w.buf[:0]
	own := w.record.Own
	found := w.lookups(row)
	for i := range w.record.Pairs {
		p := &w.record.Pairs[i]
		if i >= len(found) {
			w.pair(p, w.nodeOf(row.keys, p.Key), own > 0 && i >= own || w.record.used[i])
			continue
		}
		if found[i].key != p.Key {
			found[i] = lookup{key: strings.Clone(p.Key), node: w.nodeOf(row.keys, p.Key)}
		}
		w.pair(p, found[i].node, own > 0 && i >= own || w.record.used[i])
	}
	w.finishRest()
	if err := w.finish(); err != nil {
		w.out.Drop()
		return err
	}
	w.out.End()
	return nil
}

// maxLookups bounds the positions that are remembered for a row.
const maxLookups = 200

// lookups returns the remembered positions, as many as the record has pairs.
func (w *Writer) lookups(row *rowPlan) []lookup {
	for n := min(len(w.record.Pairs), maxLookups); len(w.state.found) < n; {
		p := w.record.Pairs[len(w.state.found)]
		w.state.found = append(w.state.found, lookup{key: strings.Clone(p.Key), node: w.nodeOf(row.keys, p.Key)})
	}
	return w.state.found
}

// choose fills the columns that have several keys and notes which were used.
func (w *Writer) choose(row *rowPlan) {
	r := w.record
	if cap(r.used) < len(r.Pairs) {
		r.used = make([]bool, len(r.Pairs)+16)
	}
	r.used = r.used[:len(r.Pairs)]
	clear(r.used)
	n := 0
	for _, c := range row.choices {
		for j, path := range c.paths {
			i, v, ok := w.locate(row, path, &w.state.hints[n+j])
			if !ok || w.none(row, v) || !w.fill(c.column, c.convert, v, path[len(path)-1]) {
				continue
			}
			if len(path) == 1 {
				r.used[i] = true
			}
			break
		}
		n += len(c.paths)
	}
}

func (w *Writer) none(row *rowPlan, v Value) bool {
	if v.empty() {
		return true
	}
	if !row.dash {
		return false
	}
	if v.JSON == nil {
		return len(v.Text) == 1 && v.Text[0] == '-'
	}
	return v.JSON.Type() == fastjson.TypeString && string(v.JSON.GetStringBytes()) == "-"
}

// fill converts a value into a column. A time that cannot be read is remembered,
// in case no other key has one.
func (w *Writer) fill(column int, convert Converter, v Value, key string) bool {
	if convert(w, column, v) {
		return true
	}
	if column == w.row.table.TimeColumn() && !w.out.Has(column) && w.badTime == nil {
		text, _ := v.Bytes()
		w.badTime = Refuse(key, "no time: %.60q", text)
	}
	return false
}

func (w *Writer) find(row *rowPlan, path []string) (Value, bool) {
	_, v, ok := w.locate(row, path, new(int))
	return v, ok
}

// locate walks a path; i is the position of its first key, which is looked for
// at the hint first.
func (w *Writer) locate(row *rowPlan, path []string, hint *int) (i int, v Value, ok bool) {
	pairs := w.record.Pairs
	if *hint >= len(pairs) || pairs[*hint].Key != path[0] {
		if *hint, ok = w.position(row, path[0]); !ok {
			return 0, Value{}, false
		}
	}
	v = pairs[*hint].Value
	if len(path) == 1 {
		return *hint, v, true
	}
	if v.JSON == nil {
		return 0, Value{}, false
	}
	if sub := v.JSON.Get(path[1:]...); sub != nil {
		return *hint, Value{JSON: sub}, true
	}
	return 0, Value{}, false
}

func (w *Writer) position(row *rowPlan, key string) (int, bool) {
	for i := range w.record.Pairs {
		if k := w.record.Pairs[i].Key; len(k) == len(key) && equalKey(k, key, row.fold) {
			return i, true
		}
	}
	return 0, false
}

func equalKey(key, want string, fold bool) bool {
	return key == want || fold && strings.EqualFold(key, want)
}

// pair does what the plan says about one key. What nothing used goes to the rest.
func (w *Writer) pair(p *Pair, n *node, used bool) {
	if n == nil {
		if !used {
			w.leave(p.Key, p.Value)
		}
		return
	}
	if n.drop && len(n.actions) == 0 || w.none(w.row, p.Value) {
		return
	}
	for _, a := range n.actions {
		if w.fill(a.column, a.convert, p.Value, p.Key) {
			used = true
		}
	}
	if n.sub != nil && p.Value.JSON != nil && p.Value.JSON.Type() == fastjson.TypeObject {
		w.object(p, n.sub, used)
		return
	}
	if !used {
		w.leave(p.Key, p.Value)
	}
}

func (w *Writer) nodeOf(nodes map[string]*node, key string) *node {
	if !w.row.fold {
		return nodes[key]
	}
	w.key = w.key[:0]
	for i := range len(key) {
		c := key[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		w.key = append(w.key, c)
	}
	return nodes[string(w.key)]
}

// object goes into an object. What is left of it stays under its key; when the
// object as a whole was used, nothing is left.
func (w *Writer) object(p *Pair, nodes map[string]*node, used bool) {
	start := len(w.buf)
	w.startKey(p.Key)
	w.buf = append(w.buf, '{')
	inside := len(w.buf)
	o, _ := p.Value.JSON.Object()
	o.Visit(func(key []byte, v *fastjson.Value) {
		name := bytesAsString(key)
		w.pair(&Pair{Key: name, Value: Value{JSON: v}}, w.nodeOf(nodes, name), false)
	})
	if used || len(w.buf) == inside {
		w.buf = w.buf[:start]
		return
	}
	w.buf = append(w.buf, '}')
}

// leave adds a key to the rest.
func (w *Writer) leave(key string, v Value) {
	if w.row.rest < 0 || w.none(w.row, v) {
		return
	}
	if w.row.pairs {
		w.leavePair(key, v)
		return
	}
	w.startKey(key)
	w.buf = AppendValue(w.buf, v)
}

func (w *Writer) leavePair(key string, v Value) {
	if len(w.buf) > 0 {
		w.buf = append(w.buf, ';')
	}
	w.buf = append(append(w.buf, key...), '=')
	if text, ok := w.text(v); ok {
		w.buf = append(w.buf, text...)
		return
	}
	w.buf = AppendValue(w.buf, v)
}

func (w *Writer) startKey(key string) {
	if n := len(w.buf); n == 0 {
		w.buf = append(w.buf, '{')
	} else if w.buf[n-1] != '{' {
		w.buf = append(w.buf, ',')
	}
	w.buf = append(AppendString(w.buf, key), ':')
}

func (w *Writer) finishRest() {
	if len(w.buf) <= 1 || w.row.rest < 0 {
		return
	}
	if w.row.pairs {
		w.putText(w.row.rest, value.String, w.buf)
		return
	}
	w.buf = append(w.buf, '}')
	if old, filled := w.out.Peek(w.row.rest); filled {
		w.out.Replace(w.row.rest, joinObjects(old, w.buf, w.out))
		return
	}
	text := w.out.Text(w.buf)
	if w.row.table.Columns[w.row.rest].Type == value.Dynamic {
		w.out.Set(w.row.rest, value.JSONOf(text))
		return
	}
	w.out.Set(w.row.rest, value.StringOf(text))
}

// joinObjects adds the keys of an object to what a column holds already, when
// that is an object too; else the column stays.
func joinObjects(old value.Value, rest []byte, out *telemetry.Batch) value.Value {
	n := len(old.Text)
	if n < 2 || old.Text[0] != '{' || !looksLikeJSON([]byte(old.Text)) {
		return old
	}
	joined := append([]byte(nil), old.Text[:n-1]...)
	if n > 2 {
		joined = append(joined, ',')
	}
	old.Text = out.Text(append(joined, rest[1:]...))
	return old
}

// finish sets what every row has: both names of the time, the table's name, the
// size and the workspace.
func (w *Writer) finish() error {
	t := &w.row.tail
	if c := w.row.table.TimeColumn(); c >= 0 && !w.out.Has(c) {
		if w.Options.Received == 0 || w.badTime != nil {
			if w.badTime != nil {
				return w.badTime
			}
			return Refuse(w.row.table.Columns[c].Name, "the record bears no time")
		}
		w.out.Set(c, value.DateTimeOf(w.Options.Received))
	}
	if t.timestamp >= 0 && t.timeGenerated >= 0 {
		if v, ok := w.out.Peek(t.timestamp); ok {
			w.out.Set(t.timeGenerated, v)
		}
	}
	if t.typeName >= 0 {
		w.out.Set(t.typeName, t.typeValue)
	}
	if t.size >= 0 {
		w.out.Set(t.size, value.RealOf(float64(w.record.Size)))
	}
	if t.tenant >= 0 && w.Options.Tenant != "" {
		w.out.Set(t.tenant, value.StringOf(w.Options.Tenant))
	}
	return nil
}
