package check

import (
	"strings"

	"github.com/clew-sec/clew/kql/syntax"
	"github.com/clew-sec/clew/kql/value"
)

// regexArguments are the functions that take a regular expression, and where.
var regexArguments = map[string]int{
	"extract": 0, "extract_all": 0, "extractall": 0, "replace": 0, "trim": 0, "trim_start": 0, "trim_end": 0, "replace_regex": 1, "indexof_regex": 1,
}

// regexArgument looks at the regular expression of a call.
func (c *checker) regexArgument(name string, args []argument) {
	if i, ok := regexArguments[name]; ok && i < len(args) {
		c.regex(args[i].x, args[i].e)
	}
}

// regex reports a constant regular expression that looks around itself: no
// engine of the language knows that.
func (c *checker) regex(x syntax.Node, e expr) {
	v, ok := constantOf(e)
	if !ok || v.Type != value.String {
		return
	}
	if at := lookAround(v.Text); at != "" {
		c.errorf(x, CodeValue, "'%s' can't be used: the regular expressions of the language can't look ahead or behind.", at)
	}
}

// lookAround finds the beginning of a group that looks ahead or behind.
func lookAround(pattern string) string {
	inClass := false
	for i := 0; i < len(pattern); i++ {
		switch ch := pattern[i]; {
		case ch == '\\':
			i++
		case inClass:
			inClass = ch != ']'
		case ch == '[':
			inClass = true
			if strings.HasPrefix(strings.TrimPrefix(pattern[i+1:], "^"), "]") {
				i += strings.IndexByte(pattern[i:], ']')
			}
		case ch == '(':
			for _, group := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
				if strings.HasPrefix(pattern[i:], group) {
					return group
				}
			}
		}
	}
	return ""
}
