package syntax

// Operator is an operator between or before scalars.
type Operator uint8

// The operators. CI variants ignore case; Not variants negate.
const (
	NoOperator Operator = iota
	Or
	And
	Equal        // ==
	NotEqual     // != and <>
	EqualCI      // =~
	NotEqualCI   // !~
	Less         // <
	LessEqual    // <=
	Greater      // >
	GreaterEqual // >=
	Add
	Sub
	Mul
	Div
	Mod
	Has
	NotHas
	HasCS
	NotHasCS
	HasPrefix
	NotHasPrefix
	HasPrefixCS
	NotHasPrefixCS
	HasSuffix
	NotHasSuffix
	HasSuffixCS
	NotHasSuffixCS
	Contains
	NotContains // !contains and notcontains
	ContainsCS
	NotContainsCS
	StartsWith
	NotStartsWith
	StartsWithCS
	NotStartsWithCS
	EndsWith
	NotEndsWith
	EndsWithCS
	NotEndsWithCS
	Like // legacy
	NotLike
	LikeCS
	NotLikeCS
	MatchesRegex
	SearchColon // x : "term" in search
	InSet
	NotIn
	InCI
	NotInCI
	HasAny
	HasAll
)

var operatorSpelling = [...]string{
	NoOperator: "", Or: "or", And: "and", Equal: "==", NotEqual: "!=", EqualCI: "=~", NotEqualCI: "!~", Less: "<", LessEqual: "<=",
	Greater: ">", GreaterEqual: ">=", Add: "+", Sub: "-", Mul: "*", Div: "/", Mod: "%",
	Has: "has", NotHas: "!has", HasCS: "has_cs", NotHasCS: "!has_cs",
	HasPrefix: "hasprefix", NotHasPrefix: "!hasprefix", HasPrefixCS: "hasprefix_cs", NotHasPrefixCS: "!hasprefix_cs",
	HasSuffix: "hassuffix", NotHasSuffix: "!hassuffix", HasSuffixCS: "hassuffix_cs", NotHasSuffixCS: "!hassuffix_cs",
	Contains: "contains", NotContains: "!contains", ContainsCS: "contains_cs", NotContainsCS: "!contains_cs",
	StartsWith: "startswith", NotStartsWith: "!startswith", StartsWithCS: "startswith_cs", NotStartsWithCS: "!startswith_cs",
	EndsWith: "endswith", NotEndsWith: "!endswith", EndsWithCS: "endswith_cs", NotEndsWithCS: "!endswith_cs",
	Like: "like", NotLike: "notlike", LikeCS: "likecs", NotLikeCS: "notlikecs", MatchesRegex: "matches regex", SearchColon: ":",
	InSet: "in", NotIn: "!in", InCI: "in~", NotInCI: "!in~", HasAny: "has_any", HasAll: "has_all",
}

// String is the operator as written.
func (o Operator) String() string {
	if int(o) < len(operatorSpelling) {
		return operatorSpelling[o]
	}
	return ""
}
