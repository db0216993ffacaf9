// Package link turns rows of a hunting result into alerts, so that what an
// analyst found becomes part of an incident: one alert for each distinct
// combination of the entities that the analyst marked.
//
// The cells come from telemetry, which attackers write into; they go into fields
// of the alert's normal form and nowhere else. Ids are derived from what the
// alert says, so that linking the same rows again updates and does not double.
package link

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/clew-sec/clew/alert"
)

// Bounds of one request.
const (
	MaxRows         = 10_000
	MaxCombinations = 500
	maxCell         = 4096 // bytes of a cell that becomes evidence
	maxKept         = 20   // values of a column kept in the details of an alert
)

// Errors that say what is wrong with a request.
var (
	ErrNothing  = errors.New("none of the rows names a marked entity")
	ErrTooMany  = fmt.Errorf("the rows hold more than %d combinations of the marked entities", MaxCombinations)
	ErrTooLong  = fmt.Errorf("more than %d rows", MaxRows)
	ErrUnmarked = errors.New("no column is marked as an entity")
)

// Kind is a kind of entity that a column may hold.
type Kind string

// The kinds that can be marked.
const (
	Device  Kind = "device"
	User    Kind = "user"
	Mailbox Kind = "mailbox"
	IP      Kind = "ip"
	File    Kind = "file"
	Process Kind = "process"
	URL     Kind = "url"
	Mail    Kind = "mail"
)

// Kinds lists all, impacted assets first.
func Kinds() []Kind { return []Kind{Device, User, Mailbox, IP, File, Process, URL, Mail} }

// Request is what becomes alerts.
type Request struct {
	Title       string
	Description string
	Severity    alert.Severity
	Category    string   // of ATT&CK, may be empty
	Techniques  []string // ATT&CK ids
	Query       string   // kept with the alert, for whoever asks where it is from
	Columns     []string
	Rows        [][]string // one text per column, as the result shows it
	Marked      map[Kind]int
	Time        int // the column that holds the time of a row, -1: none
	By          string
	Now         time.Time
}

// Alerts makes the alerts, in the order in which their combination first occurs.
func Alerts(r Request) ([]*alert.Alert, error) {
	switch {
	case len(r.Marked) == 0:
		return nil, ErrUnmarked
	case len(r.Rows) > MaxRows:
		return nil, ErrTooLong
	}
	kinds := slices.Sorted(maps.Keys(r.Marked))
	groups := map[string]*group{}
	var order []*group
	for _, row := range r.Rows {
		values, ok := r.combination(kinds, row)
		if !ok {
			continue
		}
		key := strings.Join(values, "\x00")
		g := groups[key]
		if g == nil {
			if len(order) == MaxCombinations {
				return nil, ErrTooMany
			}
			g = &group{kinds: kinds, values: values, key: key}
			groups[key], order = g, append(order, g)
		}
		g.add(r, row)
	}
	if len(order) == 0 {
		return nil, ErrNothing
	}
	out := make([]*alert.Alert, len(order))
	for i, g := range order {
		out[i] = g.alert(r)
	}
	return out, nil
}

// combination reads the marked cells of a row; false when all are empty.
func (r *Request) combination(kinds []Kind, row []string) ([]string, bool) {
	values, any := make([]string, len(kinds)), false
	for i, k := range kinds {
		if at := r.Marked[k]; at >= 0 && at < len(row) {
			values[i] = clip(strings.TrimSpace(row[at]), maxCell)
		}
		any = any || values[i] != ""
	}
	return values, any
}

// group is one combination and what its rows say.
type group struct {
	kinds       []Kind
	values      []string
	key         string
	rows        int
	first, last time.Time
	details     map[string][]string // by column: distinct values, at most maxKept
}

func (g *group) add(r Request, row []string) {
	g.rows++
	if r.Time >= 0 && r.Time < len(row) {
		g.see(row[r.Time])
	}
	if g.details == nil {
		g.details = map[string][]string{}
	}
	for i, name := range r.Columns {
		if i >= len(row) || row[i] == "" {
			continue
		}
		if have := g.details[name]; len(have) < maxKept && !slices.Contains(have, clip(row[i], maxCell)) {
			g.details[name] = append(have, clip(row[i], maxCell))
		}
	}
}

func (g *group) see(text string) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return
	}
	if g.first.IsZero() || at.Before(g.first) {
		g.first = at
	}
	if at.After(g.last) {
		g.last = at
	}
}

func (g *group) alert(r Request) *alert.Alert {
	id := g.id(r)
	a := &alert.Alert{
		ID: id, ProviderAlertID: id, Title: r.Title, Description: r.Description, Severity: r.Severity, Status: alert.StatusNew,
		Category: r.Category, MITRETechniques: r.Techniques, DetectionSource: alert.DetectionSourceManual, ProductName: "Clew hunting",
		CreatedDateTime: r.Now, LastUpdateDateTime: r.Now, FirstActivityDateTime: g.first, LastActivityDateTime: g.last,
	}
	if g.first.IsZero() {
		a.FirstActivityDateTime, a.LastActivityDateTime = r.Now, r.Now
	}
	for i, k := range g.kinds {
		if g.values[i] != "" {
			a.Evidence = append(a.Evidence, evidence(k, g.values[i], r.Now))
		}
	}
	a.CustomDetails = map[string]any{}
	for name, values := range g.details {
		a.CustomDetails[name] = anyOf(values)
	}
	a.AdditionalData = map[string]any{"huntingQuery": clip(r.Query, 64<<10), "linkedBy": r.By, "rows": g.rows}
	return a
}

// id names what the alert says: its title, its entities and when they were seen.
func (g *group) id(r Request) string {
	h := sha256.New()
	for _, part := range []string{r.Title, g.key, g.first.UTC().Format(time.RFC3339Nano), g.last.UTC().Format(time.RFC3339Nano)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return "hunt-" + hex.EncodeToString(h.Sum(nil)[:16])
}

func anyOf(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// clip cuts a text at a rune's border.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
