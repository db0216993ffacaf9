package complete

import (
	"slices"
	"strings"

	"github.com/clew-sec/clew/kql/catalog"
	"github.com/clew-sec/clew/kql/check"
	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// Completion is one thing that could be written.
type Completion struct {
	Label  string `json:"label"`
	Kind   string `json:"kind"`   // table, column, function, operator, keyword, variable, type, value
	Detail string `json:"detail"` // type or signature
	Info   string `json:"info"`   // one sentence
	Insert string `json:"insert"` // what is written; the label when empty
}

// Completions are what could be written in the place of From to To.
type Completions struct {
	From  int          `json:"from"`
	To    int          `json:"to"`
	Items []Completion `json:"items"`
}

// maxItems bounds an answer.
const maxItems = 2000

// Complete lists what could be written at an offset, what is likely first.
func Complete(text string, at int, opts check.Options) Completions {
	d := open(text, at, opts)
	c := &completer{document: d, from: d.at, to: d.at}
	c.fill()
	if len(c.items) > maxItems {
		c.items = c.items[:maxItems]
	}
	if c.items == nil {
		c.items = []Completion{}
	}
	return Completions{From: c.from + d.shift, To: c.to + d.shift, Items: c.items}
}

// completer gathers the items for one place.
type completer struct {
	*document
	from, to int    // the word at the cursor
	word     string // what of it is before the cursor
	prev     int    // index of the token before the word, -1
	items    []Completion
}

func (c *completer) fill() {
	if c.inComment() || c.inText() {
		return
	}
	c.findWord()
	c.place()
	c.rank()
}

// inComment tells whether the cursor is in a comment.
func (c *completer) inComment() bool {
	return slices.ContainsFunc(c.script.Comments, func(k syntax.Comment) bool { return k.Start < c.at && c.at <= k.Stop })
}

// inText handles a cursor within a string: the known values of the column that
// it is compared with.
func (c *completer) inText() bool {
	for i, t := range c.tokens {
		if t.Kind != syntax.QuotedString && t.Kind != syntax.Invalid || t.Start >= c.at {
			continue
		}
		if c.at > t.End || c.at == t.End && closed(c.textOf(t)) {
			continue
		}
		if t.Kind == syntax.Invalid && !strings.ContainsAny(c.textOf(t)[:1], `"'`) {
			continue
		}
		c.values(i, t)
		return true
	}
	return false
}

// closed tells whether a string has its end.
func closed(text string) bool {
	first := strings.IndexAny(text, "\"'`~")
	return first >= 0 && len(text) > first+1 && text[len(text)-1] == text[first]
}

// values offers what the column left of a comparison is known to hold.
func (c *completer) values(i int, t syntax.Token) {
	column := c.comparedColumn(i)
	if column == "" {
		return
	}
	_, stored := c.storedColumn(column)
	if stored == nil {
		return
	}
	c.from, c.to = t.Start+1, c.at
	c.word = c.text[min(c.from, c.at):c.at]
	for _, v := range stored.Values {
		c.add(Completion{Label: v, Kind: "value", Detail: column})
	}
	c.rank()
}

// comparedColumn is the name left of the comparison that a text belongs to:
// `Name == "…"` or `Name in ("…", "…")`.
func (c *completer) comparedColumn(i int) string {
	for i--; i >= 0; i-- {
		switch t := c.tokens[i]; t.Kind {
		case syntax.QuotedString, syntax.Comma, syntax.LeftParen, syntax.EqEq, syntax.BangEq, syntax.EqTilde, syntax.BangTilde:
		case syntax.Keyword:
			if catalog.PredicateNamed(c.textOf(t)) == nil {
				return ""
			}
		case syntax.Identifier:
			return c.textOf(t)
		default:
			return ""
		}
	}
	return ""
}

// findWord finds the word that the cursor is in or behind.
func (c *completer) findWord() {
	c.prev = c.before(c.at)
	for i, t := range c.tokens {
		if t.Start < c.at && c.at <= t.End && wordy(t.Kind, c.textOf(t)) {
			c.from, c.to, c.word = t.Start, t.End, c.text[t.Start:c.at]
			c.prev = i - 1
			return
		}
	}
}

func wordy(k syntax.Kind, text string) bool {
	switch k {
	case syntax.Identifier, syntax.Keyword, syntax.BoolWord:
		return text[0] != '!' && text[len(text)-1] != '~'
	}
	return false
}

func (c *completer) prevKind() syntax.Kind {
	if c.prev < 0 {
		return syntax.EOF
	}
	return c.tokens[c.prev].Kind
}

func (c *completer) prevText(back int) string {
	if i := c.prev - back; i >= 0 {
		return c.textOf(c.tokens[i])
	}
	return ""
}

// place offers what fits behind the token before the word.
func (c *completer) place() {
	switch kind := c.prevKind(); kind {
	case syntax.Bar:
		c.operators(false)
		return
	case syntax.EOF, syntax.Semicolon, syntax.LeftBrace:
		c.statements()
		return
	case syntax.Dot:
		c.members()
		return
	case syntax.Colon:
		c.types()
		return
	case syntax.Assign:
		if c.parameterValues(c.prevText(1)) {
			return
		}
	}
	if c.afterKeyword() {
		return
	}
	c.expression()
}

// statements offers what can begin a query.
func (c *completer) statements() {
	c.tables()
	c.operators(true)
	c.variables(true)
	c.savedFunctions()
	c.environment()
}

func (c *completer) operators(source bool) {
	for _, o := range catalog.Operators() {
		if o.Hidden || source && !o.Source || !source && o.Name == "let" {
			continue
		}
		c.add(Completion{Label: o.Name, Kind: "operator", Detail: o.Syntax, Info: o.Doc})
	}
}

func (c *completer) tables() {
	s := c.schema()
	for _, name := range s.Tables() {
		if t, ok := s.Table(name); ok {
			c.add(Completion{Label: name, Kind: "table", Detail: columnCount(len(t.Columns)), Info: t.Doc})
		}
	}
}

// members offers the columns behind $left and $right.
func (c *completer) members() {
	s := c.scope()
	if s == nil {
		return
	}
	switch c.prevText(1) {
	case "$left":
		c.columns(s.Columns)
	case "$right":
		c.columns(s.Right)
	}
}

func (c *completer) types() {
	for t := value.Bool; t <= value.Dynamic; t++ {
		c.add(Completion{Label: t.String(), Kind: "type"})
	}
}

// afterKeyword handles places that a word before them decides; false: an
// expression stands there.
func (c *completer) afterKeyword() bool {
	kind := c.prevKind()
	if kind != syntax.Keyword && kind != syntax.Identifier {
		if kind == syntax.LeftParen && c.prevText(1) == "typeof" {
			c.types()
			return true
		}
		return false
	}
	switch word := c.prevText(0); word {
	case "evaluate":
		c.functions(catalog.PluginFunctions())
	case "invoke":
		c.variables(true)
		c.savedFunctions()
		c.environment()
	case "render":
		for _, chart := range syntax.Charts() {
			c.add(Completion{Label: chart, Kind: "keyword"})
		}
	case "join", "lookup":
		c.keywords("kind=", "hint.strategy=")
		c.sources()
	case "union":
		c.keywords("withsource=", "isfuzzy=", "kind=")
		c.sources()
	case "let", "as", "declare":
	default:
		return false
	}
	return true
}

// sources offers tables of all kinds.
func (c *completer) sources() {
	c.tables()
	c.variables(true)
	c.savedFunctions()
}

// parameterValues offers the values of a parameter such as kind=.
func (c *completer) parameterValues(name string) bool {
	values, ok := parameterValues[name]
	for _, v := range values {
		c.add(Completion{Label: v, Kind: "keyword"})
	}
	return ok
}

var parameterValues = map[string][]string{
	"kind":         {"inner", "innerunique", "leftouter", "rightouter", "fullouter", "leftsemi", "rightsemi", "leftanti", "rightanti"},
	"isfuzzy":      {"true", "false"},
	"bagexpansion": {"bag", "array"},
}

// keywords offers plain words.
func (c *completer) keywords(words ...string) {
	for _, w := range words {
		c.add(Completion{Label: w, Kind: "keyword"})
	}
}

// expression offers what can stand in an expression: an operand, or behind one,
// an operator.
func (c *completer) expression() {
	if c.afterOperand() {
		c.clauses()
		c.predicates()
		return
	}
	s := c.scope()
	if s != nil && s.Right != nil {
		c.columns(shared(s))
		c.keywords("$left", "$right")
		return
	}
	if c.inAggregates() {
		c.functions(catalog.AggregateFunctions())
	}
	if s != nil {
		c.columns(s.Columns)
	}
	switch c.operator() {
	case "project-away", "project-keep", "project-reorder":
		return
	}
	c.variables(false)
	c.functions(catalog.ScalarFunctions())
	c.savedFunctions()
	if s == nil || c.prevKind() == syntax.LeftParen {
		c.sources()
	}
	if c.prevKind() == syntax.LeftParen {
		c.keywords("print", "range", "datatable", "union")
	}
}

// shared are the columns that both sides of a join have.
func shared(s *check.RowScope) []check.Column {
	var out []check.Column
	for _, c := range s.Columns {
		if slices.ContainsFunc(s.Right, func(r check.Column) bool { return r.Name == c.Name }) {
			out = append(out, c)
		}
	}
	return out
}

// afterOperand tells whether a complete operand stands before the word.
func (c *completer) afterOperand() bool {
	switch c.prevKind() {
	case syntax.Identifier, syntax.QuotedString, syntax.BoolWord, syntax.IntegerNumber, syntax.RealNumber, syntax.TimespanNumber,
		syntax.TypedLiteral, syntax.RightParen, syntax.RightBracket:
		return true
	}
	return false
}

func (c *completer) predicates() {
	for _, p := range catalog.Predicates() {
		c.add(Completion{Label: p.Name, Kind: "keyword", Detail: p.Syntax, Info: p.Doc})
	}
}

// clauses offers the words that go on in the operator at hand.
func (c *completer) clauses() {
	c.keywords(clauseWords[c.operator()]...)
}

var clauseWords = map[string][]string{
	"summarize": {"by"}, "sort": {"asc", "desc", "nulls first", "nulls last"}, "order": {"asc", "desc", "nulls first", "nulls last"},
	"top": {"by", "asc", "desc"}, "join": {"on"}, "lookup": {"on"}, "make-series": {"default=", "on", "from", "to", "step", "by"},
	"parse": {"with"}, "parse-where": {"with"}, "parse-kv": {"as", "with"}, "mv-expand": {"to typeof(", "limit"}, "mv-apply": {"to typeof(", "limit", "on"},
	"range": {"from", "to", "step"}, "render": {"with"}, "top-nested": {"of", "by", "with others="}, "partition": {"by"},
	"find": {"where", "project"}, "reduce": {"by", "with"}, "distinct": nil, "project-reorder": {"asc", "desc"},
}

// operator is the name of the operator that the cursor is in.
func (c *completer) operator() string {
	depth := 0
	for i := c.prev; i >= 0; i-- {
		switch t := c.tokens[i]; t.Kind {
		case syntax.RightParen, syntax.RightBracket, syntax.RightBrace:
			depth++
		case syntax.LeftParen, syntax.LeftBracket, syntax.LeftBrace:
			depth--
		case syntax.Bar:
			if depth <= 0 && i+1 < len(c.tokens) {
				return c.textOf(c.tokens[i+1])
			}
		case syntax.Semicolon:
			if depth <= 0 {
				return ""
			}
		}
	}
	if len(c.tokens) > 0 {
		return c.textOf(c.tokens[0])
	}
	return ""
}

// inAggregates tells whether aggregates can be called at the cursor.
func (c *completer) inAggregates() bool {
	switch c.operator() {
	case "summarize", "make-series":
		return !c.behindBy()
	case "top-nested":
		return c.behindBy()
	case "evaluate":
		return true
	}
	return false
}

// behindBy tells whether the word by stands between the operator and the cursor.
func (c *completer) behindBy() bool {
	for i := c.prev; i >= 0 && c.tokens[i].Kind != syntax.Bar; i-- {
		if c.textOf(c.tokens[i]) == "by" {
			return true
		}
	}
	return false
}
