package sql

// The names that the lowering itself says, in every dialect.
var saidByLowering = map[string]bool{
	"and": true, "or": true, "not": true, "iff": true, "case": true, "now": true, "ingestion_time": true, "toscalar": true, "materialize": true,
	"prev": true, "next": true, "row_number": true, "row_cumsum": true, "row_rank_dense": true, "row_rank_min": true,
}

// Native tells whether a dialect has SQL of its own for a scalar or window
// function or an operator, at least for some arguments. Others are computed by
// the evaluator, within the engine or after it.
func Native(d Dialect, name string) bool { return saidByLowering[name] || d.rule(name) != nil }

// NativeAggregate tells whether a dialect has SQL for an aggregate.
func NativeAggregate(d Dialect, name string) bool {
	base, _ := splitCondition(name)
	return d.aggregate(base) != nil || d.aggregate(name) != nil
}
