package story

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// Lengths of foreign text, in characters.
const (
	maxTitle = 300
	maxLabel = 200
	maxWhy   = 400
	maxQuote = 100 // of a title inside a sentence
	maxName  = 64  // of a name inside a sentence
)

// visible makes foreign text fit to be shown in one line: hidden characters are
// written out, runs of space become one, and the middle of a long text is left
// out.
func visible(s string, limit int) string {
	if len(s) > 16*limit {
		s = strings.ToValidUTF8(s[:8*limit], "") + "…" + strings.ToValidUTF8(s[len(s)-8*limit:], "")
	}
	s = alert.Visible(strings.Join(strings.Fields(s), " "))
	n := utf8.RuneCountInString(s)
	if n <= limit {
		return s
	}
	head := (limit - 1) * 2 / 3
	runes := []rune(s)
	return string(runes[:head]) + "…" + string(runes[n-(limit-1-head):])
}

// quoted is a foreign text inside a sentence. It can't close its own quotes.
func quoted(s string, limit int) string {
	s = visible(s, limit)
	if s == "" {
		return "“(no name)”"
	}
	return "“" + strings.NewReplacer("“", "'", "”", "'", "„", "'", "‟", "'", "\"", "'").Replace(s) + "”"
}

// name is the name of a thing inside a sentence: bare when it can only be read
// as a name, quoted otherwise. Addresses of pages can't be opened by mistake.
func (t *thing) name() string {
	label := t.label()
	if t.short != "" {
		label = visible(t.short, maxLabel)
	}
	if t.Kind == entity.URL || t.Kind == entity.Domain {
		label = defanged(label)
	}
	if bare(label) {
		return label
	}
	return quoted(label, maxName)
}

func (t *thing) label() string {
	if l := visible(t.Label, maxLabel); l != "" {
		return l
	}
	return fmt.Sprintf("%s %d", nounOf(t.Kind), t.ID)
}

func bare(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	marked := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9', c == '.', c == '@', c == ':', c == '\\':
			marked = true
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_', c == '$':
		default:
			return false
		}
	}
	// A word without any mark could be read as a part of the sentence.
	return marked && s[0] != '.' && s[len(s)-1] != '.' && s[len(s)-1] != ':'
}

func defanged(s string) string {
	if rest, ok := strings.CutPrefix(s, "http"); ok {
		s = "hxxp" + rest
	}
	return strings.ReplaceAll(s, ".", "[.]")
}

// nouns names the kinds of entities, singular and plural.
var nouns = map[entity.Kind][2]string{
	entity.User: {"account", "accounts"}, entity.Device: {"device", "devices"}, entity.IP: {"address", "addresses"},
	entity.File: {"file", "files"}, entity.Process: {"process", "processes"}, entity.URL: {"URL", "URLs"},
	entity.Domain: {"domain", "domains"}, entity.Mailbox: {"mailbox", "mailboxes"}, entity.Mail: {"mail", "mails"},
	entity.MailCluster: {"mail cluster", "mail clusters"}, entity.App: {"app", "apps"}, entity.Session: {"session", "sessions"},
	entity.Group: {"group", "groups"}, entity.Registry: {"registry entry", "registry entries"},
	entity.CloudResource: {"cloud resource", "cloud resources"}, entity.Container: {"container", "containers"},
	entity.Malware: {"malware", "malware kinds"}, entity.Other: {"other entity", "other entities"},
}

func nounOf(k entity.Kind) string {
	if n, ok := nouns[k]; ok {
		return n[0]
	}
	return nouns[entity.Other][0]
}

func countedKind(n int, k entity.Kind) string {
	pair, ok := nouns[k]
	if !ok {
		pair = nouns[entity.Other]
	}
	return counted(n, pair[0], pair[1])
}

// counted is "1 alert" or "1,204 alerts".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// listed joins texts: "a", "a and b", "a, b and c".
func listed(texts []string) string {
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " and " + texts[n-1]
	}
	return strings.Join(texts, "")
}

// someOf lists at most n texts and says how many more there are.
func someOf(texts []string, n int) string {
	if len(texts) <= n {
		return listed(texts)
	}
	return strings.Join(texts[:n-1], ", ") + " and " + number(len(texts)-n+1) + " more"
}

func instant(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 UTC") }

// lasting says how long something took, in its two largest units.
func lasting(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < 1:
		return "less than a minute"
	case minutes < 60:
		return counted(minutes, "minute", "minutes")
	case minutes < 24*60:
		return units(minutes/60, "hour", minutes%60, "minute")
	}
	return units(minutes/(24*60), "day", minutes%(24*60)/60, "hour")
}

func units(large int, of string, small int, rest string) string {
	out := counted(large, of, of+"s")
	if small > 0 {
		out += " " + counted(small, rest, rest+"s")
	}
	return out
}
