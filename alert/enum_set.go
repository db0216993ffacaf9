package alert

import "strings"

// Enum is implemented by every enumeration of this package.
type Enum interface {
	~string
	// Known reports whether the value is a member in this version of the model.
	Known() bool
	set() *enumSet
}

// enumSet holds the member names of one enumeration.
type enumSet struct {
	name    string
	members []string
	exact   map[string]string
	folded  map[string]string
}

func newEnumSet(name string, members ...string) *enumSet {
	s := &enumSet{name: name, members: members, exact: map[string]string{}, folded: map[string]string{}}
	for _, m := range members {
		s.exact[m] = m
		s.folded[strings.ToLower(m)] = m
	}
	return s
}

func (s *enumSet) has(v string) bool { _, ok := s.exact[v]; return ok }

// canonical gives the member that text spells in any case, else text itself.
func (s *enumSet) canonical(text []byte) string {
	if m, ok := s.exact[string(text)]; ok {
		return m
	}
	if m, ok := s.folded[strings.ToLower(string(text))]; ok {
		return m
	}
	return string(text)
}

// ParseEnum gives the member of E that text spells, whatever its case. Text
// that is no member is kept as it is; ask Known.
func ParseEnum[E Enum](text string) E {
	var e E
	return E(e.set().canonical([]byte(text)))
}

// Members lists the members of E in the order of the Graph metadata, for
// facets and for checking what a caller sends.
func Members[E Enum]() []E {
	var e E
	names := e.set().members
	out := make([]E, len(names))
	for i, n := range names {
		out[i] = E(n)
	}
	return out
}

// Rank orders severities: unknown 0, informational 1, low 2, medium 3, high 4.
func (e Severity) Rank() int {
	switch e {
	case SeverityInformational:
		return 1
	case SeverityLow:
		return 2
	case SeverityMedium:
		return 3
	case SeverityHigh:
		return 4
	}
	return 0
}
