package sql

import "strings"

// oldGroups writes groups with names as the engines' RE2 knows them:
// (?P<name>…) and not (?<name>…), which Go reads as well.
func oldGroups(pattern string) string {
	if !strings.Contains(pattern, "(?<") {
		return pattern
	}
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		ch := pattern[i]
		b.WriteByte(ch)
		switch {
		case ch == '\\' && i+1 < len(pattern):
			i++
			b.WriteByte(pattern[i])
		case inClass:
			inClass = ch != ']'
		case ch == '[':
			inClass = true
			if rest := strings.TrimPrefix(pattern[i+1:], "^"); strings.HasPrefix(rest, "]") {
				n := len(pattern) - i - len(rest)
				b.WriteString(pattern[i+1 : i+n+1])
				i += n
			}
		case ch == '(' && strings.HasPrefix(pattern[i:], "(?<"):
			b.WriteString("?P<")
			i += 2
		}
	}
	return b.String()
}
