package incident

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// GenerateName gives the name that an incident has as long as no person names
// it. It depends on the head alone: what happened (alert titles or tactics), where
// (devices, users, mailboxes), and whether several products saw it. Titles and
// labels are foreign: they are cut and their hidden characters made visible.
func GenerateName(i *Incident) string {
	name := subject(i) + place(i)
	if len(i.Tally.Products) > 1 {
		name += " reported by multiple sources"
	}
	return cut(name, MaxName)
}

func subject(i *Incident) string {
	titles := Kinds(i.Tally.Titles)
	kinds := len(titles)
	if i.Tally.Titles[""] > 0 {
		kinds++
	}
	tactics := tacticsOf(i.Tally.Tactics)
	switch {
	case kinds > 1 && len(tactics) > 1:
		return "Multi-stage incident " + stages(tactics)
	case kinds > 1 && len(tactics) == 1:
		return tactics[0].InWords() + " incident"
	case len(titles) == 0:
		return fmt.Sprintf("Incident %d", i.ID)
	case kinds > 1:
		return plain(titles[0], maxTitle) + " and " + counted(kinds-1, "other alert type")
	}
	return plain(titles[0], maxTitle)
}

// tacticsOf gives the known tactics of a tally in kill-chain order.
func tacticsOf(counts map[string]int) []alert.Tactic {
	var out []alert.Tactic
	for name := range counts {
		if t, ok := alert.ParseTactic(name); ok && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b alert.Tactic) int { return a.Order() - b.Order() })
	return out
}

func stages(tactics []alert.Tactic) string {
	if len(tactics) > 3 {
		return "from " + tactics[0].InWords() + " to " + tactics[len(tactics)-1].InWords()
	}
	names := make([]string, len(tactics))
	for i, t := range tactics {
		names[i] = t.InWords()
	}
	last := len(names) - 1
	return "involving " + strings.Join(names[:last], ", ") + " & " + names[last]
}

// place names the single device, or says how many devices, users or mailboxes
// there are; the first kind that there is decides.
func place(i *Incident) string {
	for _, k := range []struct {
		kind       entity.Kind
		word, noun string
	}{
		{entity.Device, " on ", "device"},
		{entity.User, " involving ", "user"},
		{entity.Mailbox, " involving ", "mailbox"},
		{entity.App, " involving ", "app"},
		{entity.CloudResource, " on ", "cloud resource"},
	} {
		switch n := i.Scope[string(k.kind)]; {
		case n > 1:
			return k.word + counted(n, k.noun)
		case n == 1 && k.kind == entity.Device && labelOf(i, k.kind) != "":
			return k.word + plain(labelOf(i, k.kind), maxLabel)
		case n == 1:
			return k.word + "one " + k.noun
		}
	}
	return ""
}

func labelOf(i *Incident, k entity.Kind) string {
	for _, a := range i.TopAssets {
		if a.Kind == string(k) {
			return a.Label
		}
	}
	return ""
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "x") {
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
