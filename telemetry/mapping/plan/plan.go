package plan

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// Plan says which rows a kind of record becomes.
//
// Its text has one line for each thing to do:
//
//	plan NAME [fold] [dash]     fold: keys are compared without case; dash: "-" is no value
//	when KEY [= VALUE …]        what follows is done only if the key is there (with one of the values)
//	row TABLE                   begins a row
//	Column: key, other | how    the first of the keys that is there fills the column
//	Column?: key                the same, for blocks: a table without the column goes without
//	Column = text               a constant
//	use BLOCK                   the lines of a block
//	same                        columns without a line are filled by the key of their name
//	rest Column                 all keys that nothing used, as a JSON object (| pairs: as key=value;key=value)
//	drop key, key               keys that hold nothing of their own
//
// A key with > in it is a path into objects. Several plans and blocks stand in
// one file; a line that begins with # is a comment.
type Plan struct {
	Name string
	rows []*rowPlan
	fold bool
	dash bool
}

// rowPlan is one row of a plan. It is never changed once it is compiled.
type rowPlan struct {
	table     *telemetry.Table
	keys      map[string]*node
	choices   []choice
	paths     int // of all choices
	constants []constant
	when      []condition
	rest      int
	pairs     bool // the rest is written as key=value;key=value
	tail      tail
	fold      bool
	dash      bool
}

// node is what to do with the value of a key.
type node struct {
	actions []action
	sub     map[string]*node
	drop    bool
}

type action struct {
	column  int
	convert Converter
}

// choice fills a column from the first of several keys that gives a value.
type choice struct {
	column  int
	paths   [][]string
	convert Converter
}

type constant struct {
	column int
	value  value.Value
}

type condition struct {
	path   []string
	values []string
}

// tail is what every row gets in the end; -1 is a column the table lacks.
type tail struct {
	timestamp, timeGenerated, typeName, size, tenant int
	typeValue                                        value.Value
}

// Tables returns the names of the tables that the plan fills.
func (p *Plan) Tables() []string {
	var out []string
	for _, r := range p.rows {
		if !slices.Contains(out, r.table.Name) {
			out = append(out, r.table.Name)
		}
	}
	return out
}

// Set is the plans of one family of sources by name.
type Set map[string]*Plan

// Tables returns the names of all tables that the plans fill, sorted.
func (s Set) Tables() []string {
	var out []string
	for _, p := range s {
		out = append(out, p.Tables()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Load compiles all plan files (*.map) of a file system.
func Load(files fs.FS) (Set, error) {
	names, err := fs.Glob(files, "*.map")
	if err != nil {
		return nil, err
	}
	set := Set{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		if err := set.Compile(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return set, nil
}

// MustLoad is Load for files that are part of the program, where a mistake is
// one of the program.
func MustLoad(files fs.FS) Set {
	set, err := Load(files)
	if err != nil {
		panic("event mappings: " + err.Error())
	}
	return set
}

// Compile adds the plans of a text to the set.
func (s Set) Compile(text string) error {
	c := compiler{set: s, blocks: map[string][]string{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if err := c.line(strings.TrimSpace(line)); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

// New makes a plan of one row of a table, which need not be a built-in one. The
// text is what stands under "row".
func New(t *telemetry.Table, text string) (*Plan, error) {
	p := &Plan{Name: t.Name}
	c := compiler{set: Set{}, plan: p}
	c.beginRow(t)
	for line := range strings.Lines(text) {
		if err := c.line(strings.TrimSpace(line)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// compiler goes through a text line by line.
type compiler struct {
	set    Set
	blocks map[string][]string
	block  string // the block that is being written down
	plan   *Plan
	row    *rowPlan
	when   []condition
}

func (c *compiler) line(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "" || strings.HasPrefix(line, "#"):
		return nil
	case word == "block":
		c.block, c.plan, c.row = rest, nil, nil
		return nil
	case word == "plan":
		return c.startPlan(rest)
	case c.block != "":
		c.blocks[c.block] = append(c.blocks[c.block], line)
		return nil
	case c.plan == nil:
		return fmt.Errorf("%q stands in no plan", line)
	case word == "when":
		c.row = nil
		return c.condition(rest)
	case word == "row":
		return c.startRow(rest)
	case c.row == nil:
		return fmt.Errorf("%q stands in no row", line)
	}
	return c.content(line)
}

func (c *compiler) startPlan(text string) error {
	words := strings.Fields(text)
	if len(words) == 0 {
		return fmt.Errorf("a plan needs a name")
	}
	if c.set[words[0]] != nil {
		return fmt.Errorf("plan %s twice", words[0])
	}
	c.block, c.row, c.when = "", nil, nil
	c.plan = &Plan{Name: words[0], fold: slices.Contains(words, "fold"), dash: slices.Contains(words, "dash")}
	c.set[words[0]] = c.plan
	return nil
}

// condition reads "KEY" or "KEY = VALUE VALUE". It holds for all rows after it,
// until the next one; "always" ends it.
func (c *compiler) condition(text string) error {
	if text == "always" {
		c.when = nil
		return nil
	}
	key, values, _ := strings.Cut(text, " = ")
	cond := condition{path: splitPath(key)}
	if values != "" {
		cond.values = strings.Split(values, ", ")
	}
	c.when = []condition{cond}
	return nil
}

func (c *compiler) startRow(name string) error {
	t, ok := telemetry.Lookup(name)
	if !ok {
		return fmt.Errorf("no table %q", name)
	}
	c.beginRow(t)
	return nil
}

func (c *compiler) beginRow(t *telemetry.Table) {
	c.row = &rowPlan{table: t, keys: map[string]*node{}, rest: -1, when: c.when, fold: c.plan.fold, dash: c.plan.dash, tail: tailOf(t)}
	c.plan.rows = append(c.plan.rows, c.row)
}

func tailOf(t *telemetry.Table) tail {
	at := func(name string, want value.Type) int {
		if i, ok := t.Column(name); ok && t.Columns[i].Type == want {
			return i
		}
		return -1
	}
	return tail{
		timestamp: at(telemetry.Timestamp, value.DateTime), timeGenerated: at(telemetry.TimeGenerated, value.DateTime),
		typeName: at("Type", value.String), size: at("_BilledSize", value.Real), tenant: at("TenantId", value.String),
		typeValue: value.StringOf(t.Name),
	}
}

// content reads a line of a row.
func (c *compiler) content(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "use":
		lines, ok := c.blocks[rest]
		if !ok {
			return fmt.Errorf("no block %q", rest)
		}
		for _, l := range lines {
			if err := c.content(l); err != nil {
				return fmt.Errorf("block %s: %w", rest, err)
			}
		}
		return nil
	case "same":
		c.same()
		return nil
	case "rest":
		name, pairs := strings.CutSuffix(rest, " | pairs")
		i, err := c.column(name)
		c.row.rest, c.row.pairs = i, pairs
		return err
	case "drop":
		for _, key := range strings.Split(rest, ", ") {
			c.node(splitPath(key)).drop = true
		}
		return nil
	}
	if name, text, ok := strings.Cut(line, " = "); ok && !strings.Contains(name, ":") {
		return c.constant(name, text)
	}
	name, how, ok := strings.Cut(line, ": ")
	if !ok {
		return fmt.Errorf("want Column: key, not %q", line)
	}
	return c.fill(name, how)
}

func (c *compiler) column(name string) (int, error) {
	i, ok := c.row.table.Column(name)
	if !ok {
		return 0, fmt.Errorf("table %s has no column %q", c.row.table.Name, name)
	}
	return i, nil
}

func (c *compiler) constant(name, text string) error {
	i, err := c.column(name)
	if err != nil {
		return err
	}
	v, ok := constantOf(c.row.table.Columns[i].Type, text)
	if !ok {
		return fmt.Errorf("column %s: %q is no %s", name, text, c.row.table.Columns[i].Type)
	}
	c.row.constants = append(c.row.constants, constant{column: i, value: v})
	return nil
}

// fill reads "key, key | how argument".
func (c *compiler) fill(name, text string) error {
	name, optional := strings.CutSuffix(name, "?")
	if _, ok := c.row.table.Column(name); optional && !ok {
		return nil
	}
	i, err := c.column(name)
	if err != nil {
		return err
	}
	keys, how, _ := strings.Cut(text, " | ")
	convert, err := converterOf(c.row.table.Columns[i], how)
	if err != nil {
		return fmt.Errorf("column %s: %w", name, err)
	}
	list := strings.Split(keys, ", ")
	if len(list) == 1 {
		n := c.node(splitPath(list[0]))
		n.actions = append(n.actions, action{column: i, convert: convert})
		return nil
	}
	ch := choice{column: i, convert: convert}
	for _, key := range list {
		ch.paths = append(ch.paths, splitPath(key))
	}
	c.row.choices = append(c.row.choices, ch)
	c.row.paths += len(ch.paths)
	return nil
}

// same gives every column that stands in no line yet the key of its name. The
// columns that are ours to fill are left out.
func (c *compiler) same() {
	ours := []string{"_BilledSize", "_IsBillable", "Type", "TenantId"}
	for i, col := range c.row.table.Columns {
		if slices.Contains(ours, col.Name) || c.row.fills(i) {
			continue
		}
		n := c.node([]string{col.Name})
		n.actions = append(n.actions, action{column: i, convert: plain(col.Type)})
	}
}

// fills tells whether a line for the column exists.
func (r *rowPlan) fills(column int) bool {
	is := func(i int) bool { return i == column }
	return r.rest == column ||
		slices.ContainsFunc(r.constants, func(c constant) bool { return is(c.column) }) ||
		slices.ContainsFunc(r.choices, func(c choice) bool { return is(c.column) }) ||
		anyAction(r.keys, is)
}

func anyAction(nodes map[string]*node, is func(int) bool) bool {
	for _, n := range nodes {
		if slices.ContainsFunc(n.actions, func(a action) bool { return is(a.column) }) || anyAction(n.sub, is) {
			return true
		}
	}
	return false
}

func splitPath(key string) []string { return strings.Split(key, ">") }

// node finds or makes the node of a path.
func (c *compiler) node(path []string) *node {
	level := c.row.keys
	for {
		key := path[0]
		if c.row.fold {
			key = strings.ToLower(key)
		}
		n := level[key]
		if n == nil {
			n = &node{}
			level[key] = n
		}
		if path = path[1:]; len(path) == 0 {
			return n
		}
		if n.sub == nil {
			n.sub = map[string]*node{}
		}
		level = n.sub
	}
}
