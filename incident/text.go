package incident

import (
	"strings"
	"unicode/utf8"

	"github.com/clew-sec/clew/alert"
)

// Limits on text, in characters.
const (
	MaxName    = 200
	MaxComment = 30_000
	MaxOwner   = 256
	MaxTag     = 100
	MaxTags    = 50
	maxText    = 1_500
	maxReason  = 500
	maxTitle   = 120
	maxLabel   = 60
	maxKey     = 200
)

// plain makes foreign text fit to stand inside a sentence: hidden and control
// characters become visible, runs of space become one, and what is longer than
// limit characters is cut and ends in "…".
func plain(s string, limit int) string {
	// A character takes at most 4 bytes, so what lies beyond is cut anyway; this
	// bounds the work on a text of megabytes.
	if most := limit * 8; len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return cut(alert.Visible(strings.Join(strings.Fields(s), " ")), limit)
}

func cut(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n == limit-1 {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// paragraphs is plain for text of several lines: line ends and tabs stay.
func paragraphs(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		cells := strings.Split(line, "\t")
		for j := range cells {
			cells[j] = alert.Visible(cells[j])
		}
		lines[i] = strings.Join(cells, "\t")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
