package alert

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns s with every character that a reader would not see, or that
// would change how the rest is shown, replaced by its name in brackets:
// controls, bidirectional marks, zero-width characters, line separators,
// variation selectors, tag characters and bytes that are not UTF-8. Text
// without such characters is returned as it is. The result is plain text; it
// still has to be escaped for the place where it is shown.
func Visible(s string) string {
	i := firstHidden(s)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "[x%02X]", s[i])
		case hidden(r):
			fmt.Fprintf(&b, "[U+%04X]", r)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func firstHidden(s string) int {
	for i, r := range s {
		if r < 0x20 || r >= 0x7f && (r == utf8.RuneError || hidden(r)) {
			return i
		}
	}
	return -1
}

// hidden reports characters that have no picture of their own. Unicode's
// category Cf holds the bidirectional and zero-width characters and the tags.
func hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return true
	case r < 0xa0:
		return false
	case r == 0x2028, r == 0x2029, r == 0x034f, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0:
		return true
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef:
		return true
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r)
}
