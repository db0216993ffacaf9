package check

import (
	"slices"

	"github.com/clew-sec/clew/kql/plan"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// environmentFunction is a tabular function that the surroundings of the
// language bring along. In a plan it is a Plugin of its name.
type environmentFunction struct {
	name     string
	least    int  // arguments at least
	most     int  // and at most
	input    bool // it adds its columns to the table that invoke hands it
	columns  []field
	open     bool // it may have further columns
	describe string
}

// environment lists the functions by name.
var environment = map[string]*environmentFunction{}

func init() {
	for _, f := range []*environmentFunction{
		{name: "FileProfile", least: 0, most: 2, input: true, columns: fileProfile, describe: "Adds what is known of files: how often and since when they were seen, and who signed them."},
		{name: "SeenBy", least: 0, most: 1, input: true, columns: fieldsOf("SeenBy:dynamic"), describe: "Adds the sensors that saw a device."},
		{name: "DeviceFromIP", least: 0, most: 2, columns: fieldsOf("IP:string", "DeviceId:string"), describe: "Gives the devices that had an address at a time."},
		{name: "AssignedIPAddresses", least: 1, most: 2, columns: fieldsOf("Timestamp:datetime", "IPAddress:string", "IPType:string", "NetworkAdapterType:string", "ConnectedNetworks:string"), describe: "Gives the latest addresses of a device."},
		{name: "_GetWatchlist", least: 1, most: 3, columns: fieldsOf("_DTItemId:string", "LastUpdatedTimeUTC:datetime", "SearchKey:string", "WatchlistItem:dynamic"), open: true, describe: "Reads a watchlist by its alias."},
		{name: "_GetWatchlistAlias", columns: fieldsOf("WatchlistAlias:string"), describe: "Lists the aliases of the watchlists."},
	} {
		environment[f.name] = f
	}
}

var fileProfile = fieldsOf("SHA1:string", "SHA256:string", "MD5:string", "FileSize:long", "GlobalPrevalence:long",
	"GlobalFirstSeen:datetime", "GlobalLastSeen:datetime", "Signer:string", "Issuer:string", "SignerHash:string",
	"IsCertificateValid:bool", "IsRootSignerMicrosoft:bool", "SignatureState:string", "IsExecutable:bool",
	"ThreatName:string", "Publisher:string", "SoftwareName:string", "ProfileAvailability:string")

func fieldsOf(specs ...string) []field {
	var out []field
	for _, s := range specs {
		for i := range s {
			if s[i] == ':' {
				t, _ := value.ParseType(s[i+1:])
				out = append(out, field{name: s[:i], t: scalar(t)})
			}
		}
	}
	return out
}

// EnvironmentNames lists the functions of the surroundings, for editors.
func EnvironmentNames() []string {
	var out []string
	for name := range environment {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// EnvironmentHelp is one sentence about such a function, "" for other names.
func EnvironmentHelp(name string) string {
	if f := environment[name]; f != nil {
		return f.describe
	}
	return ""
}

// environmentCall binds a call. rel is what invoke hands on, or nil.
func (c *checker) environmentCall(x *syntax.Call, f *environmentFunction, rel *relation, cx context) *relation {
	if n := len(x.Args); n < f.least || n > f.most {
		c.errorf(x.Name, CodeArguments, "The function '%s' takes %d to %d arguments, not %d.", f.name, f.least, f.most, n)
	}
	if f.input && rel == nil {
		c.errorf(x.Name, CodeNotTable, "'%s' is called by invoke: T | invoke %s(…).", f.name, f.name)
		return nil
	}
	node := &plan.Plugin{Name: f.name, Offset: x.Pos()}
	inner := cx
	if rel != nil {
		rel = c.settled(rel)
		inner = cx.over(rel)
		node.Input = rel.node
	}
	var args []expr
	for _, a := range x.Args {
		e := c.scalarOf(a.X, inner)
		args = append(args, e)
		node.Args = append(node.Args, e.x)
	}
	fields, open := c.environmentColumns(f, args)
	if rel != nil {
		fields = added(rel.fields, fields)
	}
	for _, fd := range fields {
		n := column(fd.name, fd.t)
		node.Cols = append(node.Cols, n.col)
	}
	out := &relation{node: node, source: f.name}
	for i, fd := range fields {
		out.fields = append(out.fields, field{fd.name, node.Cols[i], fd.t})
	}
	if rel != nil {
		out.open = rel.open
	}
	if open {
		out.open = openTable
	}
	return out
}

// added puts columns behind those of a table; one that is there already is
// filled where it stands.
func added(fields, more []field) []field {
	out := append([]field{}, fields...)
	for _, f := range more {
		if !named(fields, f.name) {
			out = append(out, f)
		}
	}
	return out
}

// environmentColumns are the columns of a function; those of a watchlist are
// what the options tell.
func (c *checker) environmentColumns(f *environmentFunction, args []expr) ([]field, bool) {
	if f.name != "_GetWatchlist" || c.opts.Watchlist == nil || len(args) == 0 {
		return f.columns, f.open
	}
	v, ok := constantOf(args[0])
	if !ok {
		return f.columns, true
	}
	cols, ok := c.opts.Watchlist(v.Text)
	if !ok {
		return f.columns, true
	}
	fields := append([]field{}, f.columns...)
	for _, col := range cols {
		if !named(fields, col.Name) {
			fields = append(fields, field{name: col.Name, t: scalar(col.Type)})
		}
	}
	return fields, false
}

// invoke binds invoke f(args): the function is called with the table as first
// argument.
func (c *checker) invoke(rel *relation, op *syntax.Invoke, cx context) *relation {
	x, ok := op.Function.(*syntax.Call)
	if m, isMember := op.Function.(*syntax.Member); isMember {
		x, ok = m.Sel.(*syntax.Call)
	}
	if !ok || x == nil {
		return c.unknownTable()
	}
	fn := c.functionNamed(x.Name, cx)
	if fn == nil {
		if env, ok := environment[x.Name.Name]; ok {
			return c.environmentCall(x, env, rel, cx)
		}
		c.unknownName(x.Name, CodeUnknownFunction, "function", append(cx.env.names(), c.schema.Functions()...))
		return c.unknownTable()
	}
	if len(fn.def.Params) == 0 || fn.def.Params[0].Schema == nil {
		c.errorf(x.Name, CodeNotTable, "'%s' does not take a table as first argument.", x.Name.Name)
		return c.unknownTable()
	}
	inner := cx
	inner.env = cx.env.child()
	const input = "\x00input"
	inner.env.define(&binding{name: input, table: c.share("", rel, false)})
	first := &syntax.NamedExpr{Span: syntax.Span{Start: x.Pos(), Stop: x.End()}, X: &syntax.Ident{Span: x.Name.Span, Name: input}}
	args := append([]*syntax.NamedExpr{first}, x.Args...)
	out := c.inline(x, x.Name, fn, args, inner)
	if out.rel == nil {
		return c.unknownTable()
	}
	return out.rel
}

// functionNamed finds a function of the query or a saved one.
func (c *checker) functionNamed(id *syntax.Ident, cx context) *lambda {
	if b := cx.env.find(id.Name); b != nil {
		if b.fn != nil {
			c.trace.variable(id, b)
		}
		return b.fn
	}
	return c.saved(id.Name)
}
