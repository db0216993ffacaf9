// Package sql turns a bound query into SQL text.
//
// The way has three steps. The plan is lowered to a small tree of SQL nodes
// (tree.go): operators share a SELECT where that changes nothing, columns that
// nobody reads are left out, and the order of rows, which a table of the
// language may have and a table of SQL has not, is carried along as keys. What
// engines say differently (functions, types, quoting, shapes that one of them
// lacks) is asked of a Dialect. The tree is then printed; every text of the
// query's author enters the SQL through the printer's literals and quoted names
// only.
//
// What neither SQL nor a registered function can say is not in the SQL: Compile
// cuts the plan there, and the rest is left to the evaluator (cut.go).
//
// Representation of values inside the SQL: datetime and timespan are ticks of
// 100 ns in a 64-bit integer, dynamic is JSON text, a guid is lower-case text, a
// decimal text of digits that is compared as a binary64, and a string is never NULL.
package sql
