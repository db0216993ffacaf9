package catalog

// Operator is a tabular operator or statement, as an editor offers and explains
// it.
type Operator struct {
	Name   string
	Syntax string // how it is written
	Doc    string // one sentence
	Source bool   // it can begin a query
	Hidden bool   // accepted but not offered
}

// OperatorNamed finds an operator by its name, or nil.
func OperatorNamed(name string) *Operator { return load().operators[name] }

// Operators returns all operators in the order of the table.
func Operators() []Operator { return operators }

var operators = []Operator{
	{Name: "where", Syntax: "where Condition", Doc: "Keeps the rows for which the condition is true."},
	{Name: "filter", Syntax: "filter Condition", Doc: "Another word for where.", Hidden: true},
	{Name: "extend", Syntax: "extend Name = Expression, …", Doc: "Adds columns, or replaces those of the same name."},
	{Name: "project", Syntax: "project Column, Name = Expression, …", Doc: "Chooses, computes and orders the columns."},
	{Name: "project-away", Syntax: "project-away Column, Pattern*, …", Doc: "Removes columns."},
	{Name: "project-keep", Syntax: "project-keep Column, Pattern*, …", Doc: "Keeps only these columns, in their order."},
	{Name: "project-rename", Syntax: "project-rename New = Old, …", Doc: "Gives columns other names."},
	{Name: "project-reorder", Syntax: "project-reorder Column, Pattern* asc, …", Doc: "Puts columns first."},
	{Name: "project-by-names", Syntax: "project-by-names Column, \"Name\", dynamic([…])", Doc: "Keeps the columns whose names are listed."},
	{Name: "summarize", Syntax: "summarize Name = Aggregate, … by Key, …", Doc: "Groups the rows and computes aggregates."},
	{Name: "distinct", Syntax: "distinct Column, … | distinct *", Doc: "Gives each combination of values once."},
	{Name: "count", Syntax: "count", Doc: "Counts the rows."},
	{Name: "join", Syntax: "join kind=inner (Table) on Column, $left.A == $right.B", Doc: "Matches the rows of two tables by equal columns."},
	{Name: "lookup", Syntax: "lookup kind=leftouter (Table) on Column", Doc: "Adds the columns of a smaller table."},
	{Name: "union", Syntax: "union withsource=Name isfuzzy=true Table, Pattern*, (Query)", Doc: "Puts the rows of tables together.", Source: true},
	{Name: "sort", Syntax: "sort by Column desc nulls last, …", Doc: "Orders the rows; the largest come first unless asc is written."},
	{Name: "order", Syntax: "order by Column desc, …", Doc: "Another word for sort."},
	{Name: "top", Syntax: "top N by Column desc", Doc: "Gives the first N rows in an order."},
	{Name: "top-hitters", Syntax: "top-hitters N of Column by Weight", Doc: "Estimates the most frequent values."},
	{Name: "top-nested", Syntax: "top-nested N of Column by Aggregate, …", Doc: "Gives the top values of a column, and within each those of the next."},
	{Name: "take", Syntax: "take N", Doc: "Gives any N rows."},
	{Name: "limit", Syntax: "limit N", Doc: "Another word for take."},
	{Name: "sample", Syntax: "sample N", Doc: "Gives N rows at random."},
	{Name: "sample-distinct", Syntax: "sample-distinct N of Column", Doc: "Gives N different values."},
	{Name: "mv-expand", Syntax: "mv-expand Name = Array to typeof(Type) limit N", Doc: "Makes a row of each element of an array or property of a bag."},
	{Name: "mvexpand", Syntax: "mvexpand Array", Doc: "Another word for mv-expand.", Hidden: true},
	{Name: "mv-apply", Syntax: "mv-apply Item = Array to typeof(Type) on (Pipe)", Doc: "Runs a pipe over the elements of each row's array."},
	{Name: "make-series", Syntax: "make-series Aggregate default=0 on Time from A to B step S by Key", Doc: "Makes arrays of aggregates over even steps of an axis."},
	{Name: "parse", Syntax: "parse kind=simple Text with * \"word\" Name:type *", Doc: "Cuts a text into columns by a pattern."},
	{Name: "parse-where", Syntax: "parse-where Text with * \"word\" Name:type *", Doc: "Cuts a text into columns and drops the rows that do not match."},
	{Name: "parse-kv", Syntax: "parse-kv Text as (Key:type, …) with (pair_delimiter=\",\", kv_delimiter=\"=\")", Doc: "Cuts a text of keys and values into columns."},
	{Name: "evaluate", Syntax: "evaluate Plugin(…)", Doc: "Runs a plugin.", Source: true},
	{Name: "invoke", Syntax: "invoke Function(…)", Doc: "Calls a function with the table as first argument."},
	{Name: "serialize", Syntax: "serialize Name = Expression, …", Doc: "Fixes the order of the rows for functions such as prev()."},
	{Name: "scan", Syntax: "scan declare (Name:type=value) with (step A: Condition => Name = Value;)", Doc: "Matches sequences of rows by steps."},
	{Name: "partition", Syntax: "partition by Column (Pipe)", Doc: "Runs a pipe over the rows of each value."},
	{Name: "make-graph", Syntax: "make-graph Source --> Target with Nodes on Key", Doc: "Makes a graph: each row is an edge between the nodes that two columns name."},
	{Name: "graph-match", Syntax: "graph-match (a)-[e*1..3]->(b) where a.Name == \"x\" project b.Name", Doc: "Finds the places of a graph where a pattern of nodes and edges fits."},
	{Name: "graph-shortest-paths", Syntax: "graph-shortest-paths (a)-[e*1..5]->(b) where a.Name == \"x\" project b.Name", Doc: "Finds the shortest paths between nodes of a graph."},
	{Name: "graph-mark-components", Syntax: "graph-mark-components kind=weak with_component_id=Name", Doc: "Numbers the connected components of a graph."},
	{Name: "graph-where-nodes", Syntax: "graph-where-nodes Condition", Doc: "Keeps the nodes of a graph for which the condition is true, and the edges between them."},
	{Name: "graph-where-edges", Syntax: "graph-where-edges Condition", Doc: "Keeps the edges of a graph for which the condition is true."},
	{Name: "graph-to-table", Syntax: "graph-to-table nodes as N with_node_id=Id, edges as E", Doc: "Makes tables of the nodes and edges of a graph."},
	{Name: "reduce", Syntax: "reduce by Text", Doc: "Finds patterns that similar texts share."},
	{Name: "search", Syntax: "search in (Table, …) \"text\"", Doc: "Looks for a text in all columns.", Source: true},
	{Name: "find", Syntax: "find in (Table, …) where Condition project Column", Doc: "Looks for rows in several tables.", Source: true},
	{Name: "getschema", Syntax: "getschema", Doc: "Lists the columns and their types."},
	{Name: "as", Syntax: "as Name", Doc: "Gives the table a name."},
	{Name: "render", Syntax: "render timechart with (title=\"…\")", Doc: "Says how the result is drawn."},
	{Name: "print", Syntax: "print Name = Expression, …", Doc: "Makes one row of values.", Source: true},
	{Name: "range", Syntax: "range Name from A to B step S", Doc: "Makes a table of evenly spaced values.", Source: true},
	{Name: "datatable", Syntax: "datatable (Name:type, …) [value, …]", Doc: "Makes a table of the values that are written.", Source: true},
	{Name: "externaldata", Syntax: "externaldata (Name:type, …) [\"address\"] with (format=\"csv\")", Doc: "Reads a table from outside.", Source: true},
	{Name: "let", Syntax: "let Name = Expression;", Doc: "Gives a value, table or function a name.", Source: true},
	{Name: "consume", Syntax: "consume", Doc: "Reads all rows and gives none."},
	{Name: "assert-schema", Syntax: "assert-schema (Name:type, …)", Doc: "Refuses a table that has other columns."},
	{Name: "fork", Syntax: "fork (Pipe) (Pipe)", Doc: "Runs several pipes over one table.", Hidden: true},
	{Name: "facet", Syntax: "facet by Column", Doc: "Gives a table of values for each column.", Hidden: true},
}
