package syntax

// Severity says how bad a finding is.
type Severity uint8

// The severities, worst first. Only an Error keeps a query from being run.
const (
	Error Severity = iota
	Warning
	Information
)

// String returns the name in lower case.
func (s Severity) String() string {
	return [...]string{"error", "warning", "information"}[s]
}

// Diagnostic is a finding about a place of the text. The checker reports its
// own findings in this shape too. Start and End are byte offsets,
// 0 <= Start <= End <= len(text).
type Diagnostic struct {
	Start, End int
	// Message is a sentence for people: what is wrong and what to do.
	Message string
	// Code names the kind of finding in a stable way, such as
	// "missing-expression".
	Code     string
	Severity Severity
	// Suggestions are texts that could stand in the place of Start to End, best
	// first.
	Suggestions []string
}

// The codes of the parser.
const (
	CodeUnexpected     = "unexpected"         // something that does not belong here
	CodeExpected       = "expected"           // a certain token is missing
	CodeExpression     = "missing-expression" // an expression is missing
	CodeOperator       = "unknown-operator"   // no such query operator
	CodeEscape         = "bad-escape"         // a backslash that begins no escape
	CodeQuotes         = "quotes"             // quotes of a word processor
	CodeAssignment     = "assignment"         // = where == is probably meant
	CodeUnterminated   = "unterminated"       // a string or bracket without its end
	CodeKeyword        = "keyword-as-name"    // a keyword must be bracketed
	CodeDepth          = "too-deep"           // nested deeper than MaxDepth
	CodeManagement     = "management-command" // a command that begins with a dot
	CodeParameterValue = "parameter-value"    // a value that the parameter does not have
)

// MaxDepth is how deep expressions may be nested. A pair of brackets counts
// twice: once for the pipe and once for the expression that may stand in it.
const MaxDepth = 1000
