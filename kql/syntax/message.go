package syntax

import (
	"strconv"
	"strings"
	"unicode"
)

var maxDepthShown = strconv.Itoa(MaxDepth)

func itoa(n int) string { return strconv.Itoa(n) }

// quoteForMessage shows a piece of the text in a message: in quotes, on one
// line, cut when it is long.
func quoteForMessage(s string) string {
	const most = 30
	if r := []rune(s[:min(len(s), 4*most)]); len(r) > most {
		s = string(r[:most]) + "…"
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return "'" + s + "'"
}

// Suggest returns those of the candidates that a mistyped word may mean, best
// first, at most three. Case is ignored.
func Suggest(typed string, candidates []string) []string {
	const most = 3
	limit := 1 + len(typed)/4
	var out []string
	for distance := 0; distance <= limit && len(out) < most; distance++ {
		for _, c := range candidates {
			if len(out) < most && abs(len(c)-len(typed)) <= limit && editDistance(strings.ToLower(typed), strings.ToLower(c), limit) == distance {
				out = append(out, c)
			}
		}
	}
	return out
}

// DidYouMean is " Did you mean x?" for the suggestions, or "".
func DidYouMean(suggestions []string) string {
	if len(suggestions) == 0 {
		return ""
	}
	return " Did you mean " + strings.Join(suggestions, " or ") + "?"
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b. It gives up beyond the limit and returns
// limit+1.
func editDistance(a, b string, limit int) int {
	if len(a) > 64 || len(b) > 64 {
		return limit + 1
	}
	rows := [3][65]int{}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, twoAbove := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], twoAbove[j-2]+1)
			}
			best = min(best, row[j])
		}
		if best > limit {
			return limit + 1
		}
	}
	return rows[len(a)%3][len(b)]
}

// capital writes the first letter large.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func lower(s string) string { return strings.ToLower(s) }
