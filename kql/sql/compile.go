package sql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/value"
)

// Options settle what the text of a query leaves open.
type Options struct {
	// Now is the datetime of now(), in ticks.
	Now int64
	// MaxRows cuts the result, when above 0.
	MaxRows int64
	// Ingested is the stored column of the time at which a row was taken in; when
	// empty, ingestion_time() is null.
	Ingested string
	// Calls tells which functions of the evaluator a statement may call; nil: all.
	// Others are left to the evaluator's run of a plan, which knows more of the
	// query than a function does.
	Calls func(name string) bool
	// TableSQL is how the engine names a stored table in a FROM clause; when nil,
	// by its own name, quoted.
	TableSQL func(table string) string
}

// Unsupported says that a node or an expression of it has no form in SQL.
type Unsupported struct {
	Node plan.Node
	What string
}

func (e *Unsupported) Error() string { return e.What + " has no form in SQL" }

// Statement is the SQL of a table.
type Statement struct {
	Query   Query
	Text    string
	Columns []*plan.Column // by position; names within the SQL are others
	// Functions must be known to the engine before the statement runs.
	Functions []Function
}

// compiler is the state of one statement.
type compiler struct {
	d         Dialect
	opts      Options
	need      needs
	taken     map[string]struct{}
	names     map[*plan.Column]string
	aliases   int
	hidden    int
	shared    map[*plan.Shared]*rel
	uses      map[*plan.Shared]int
	ctes      []CTE
	functions map[string]Function
	calls     []string // names of functions in the order of first use
	elements  map[*plan.Element]*rel
	marks     map[*plan.Filter]bool // filters that mark rows and drop none
	node      plan.Node             // that is being lowered
	// apart asks that subqueries of one value be columns of a table of their own;
	// scalars are those that are.
	apart   bool
	scalars map[*plan.ToScalar]*plan.Column
	err     error
}

func newCompiler(d Dialect, o Options) *compiler {
	return &compiler{
		d: d, opts: o, need: needs{}, taken: map[string]struct{}{}, names: map[*plan.Column]string{},
		shared: map[*plan.Shared]*rel{}, elements: map[*plan.Element]*rel{}, marks: map[*plan.Filter]bool{},
	}
}

// compileNode makes the statement of a whole plan or of a part of it.
func compileNode(root plan.Node, shared []*plan.Shared, d Dialect, o Options) (*Statement, error) {
	s, err := compileApart(root, shared, d, o, false)
	if errors.Is(err, errMisplaced) {
		s, err = compileApart(root, shared, d, o, true)
	}
	if errors.Is(err, errMisplaced) {
		return nil, &Unsupported{Node: root, What: "a subquery within a function"}
	}
	return s, err
}

func compileApart(root plan.Node, shared []*plan.Shared, d Dialect, o Options, apart bool) (*Statement, error) {
	c := newCompiler(d, o)
	c.apart = apart
	c.need.plan(root, shared)
	if len(shared) > 0 {
		c.uses = useCounts(root)
	}
	r := c.lower(root)
	if c.err != nil {
		return nil, c.err
	}
	q := c.root(r, root.Columns())
	if c.err != nil {
		return nil, c.err
	}
	text, err := Print(q, d)
	if err != nil {
		return nil, err
	}
	s := &Statement{Query: q, Text: text, Columns: root.Columns()}
	for _, name := range c.calls {
		s.Functions = append(s.Functions, c.functions[name])
	}
	return s, nil
}

// root is the outermost SELECT: every column by position, in the order of rows.
func (c *compiler) root(r *rel, cols []*plan.Column) Query {
	if r == nil {
		return nil
	}
	q := c.selectOf(r, cols, true)
	if c.opts.MaxRows > 0 && q.Limit == nil {
		q.Limit = Number(strconv.FormatInt(c.opts.MaxRows, 10))
	}
	q.With = c.ctes
	q.Settings = c.d.settings()
	return q
}

// fail keeps the first thing that SQL can't say, and gives something to go on
// with.
func (c *compiler) fail(what string) val {
	if c.err == nil {
		c.err = &Unsupported{Node: c.node, What: what}
	}
	return val{Expr: Null, null: true}
}

// broken keeps an error of the plan itself.
func (c *compiler) broken(format string, args ...any) {
	var u *Unsupported
	if c.err == nil || errors.As(c.err, &u) {
		c.err = fmt.Errorf("kql/sql: "+format, args...)
	}
}

// alias is a new name of a table in scope.
func (c *compiler) alias() string {
	c.aliases++
	return "t" + strconv.Itoa(c.aliases)
}

// hide is a new name of a column that is not the query's.
func (c *compiler) hide() string {
	c.hidden++
	return "h" + strconv.Itoa(c.hidden) + "_"
}

// name is that of a column within the SQL: its own when it is plain and no
// other column has it in any case of letters, else a made one.
func (c *compiler) name(col *plan.Column) string {
	if n, ok := c.names[col]; ok {
		return n
	}
	n := col.Name
	low := strings.ToLower(n)
	if _, used := c.taken[low]; used || !plainName(n) {
		n = "c" + strconv.Itoa(len(c.names)+1) + "_"
		low = n
	}
	c.taken[low] = struct{}{}
	c.names[col] = n
	return n
}

// plainName tells whether a name is letters, digits and single underscores that
// no made name can look like.
func plainName(n string) bool {
	if n == "" || len(n) > 60 || n[len(n)-1] == '_' {
		return false
	}
	for i := 0; i < len(n); i++ {
		ch := n[i]
		switch {
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch == '_':
		case ch >= '0' && ch <= '9' && i > 0:
		default:
			return false
		}
	}
	return true
}

// call is a function of the evaluator, called from within SQL.
func (c *compiler) call(name string, result value.Type, args []val) (val, bool) {
	if c.opts.Calls != nil && !c.opts.Calls(name) {
		return val{}, false
	}
	f := Function{Func: name, Result: result}
	exprs := make([]Expr, len(args))
	for i, a := range args {
		f.Args = append(f.Args, a.t)
		exprs[i] = a.Expr
		if a.konst != nil {
			exprs[i] = c.d.literal(*a.konst, false)
		}
	}
	f.Name = functionName(&f)
	e := c.d.function(&f, exprs)
	if e == nil {
		return val{}, false
	}
	if c.functions == nil {
		c.functions = map[string]Function{}
	}
	if _, known := c.functions[f.Name]; !known {
		c.functions[f.Name] = f
		c.calls = append(c.calls, f.Name)
	}
	return val{Expr: e, t: result, null: result != value.String}, true
}

const typeLetters = "ubilrmtsgxd"

// functionName tells functions apart that differ in name or types.
func functionName(f *Function) string {
	var b strings.Builder
	b.WriteString("kql_")
	for i := 0; i < len(f.Func); i++ {
		ch := f.Func[i]
		if ch >= 'a' && ch <= 'z' || ch >= '0' && ch <= '9' || ch == '_' {
			b.WriteByte(ch)
		} else {
			b.WriteByte('x')
			b.WriteString(strconv.FormatUint(uint64(ch), 16))
		}
	}
	b.WriteString("__")
	for _, t := range f.Args {
		b.WriteByte(typeLetters[t])
	}
	b.WriteByte('_')
	b.WriteByte(typeLetters[f.Result])
	return b.String()
}
