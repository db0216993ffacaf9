// Package view shows Clew's own data as tables of the hunting store: alerts and
// their evidence, incidents, behaviours, users and devices, under the names that
// hunters know. Rows are written anew at every change, as those tables are read:
// the newest row of an id is how things are.
//
// Texts of alerts come from attackers; they become values of columns and nothing
// else.
package view

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

// Options are the same for all rows of a workspace.
type Options struct {
	Tenant string // for the column TenantId
	// BaseURL is where the portal is, for links; empty makes none.
	BaseURL string
}

func table(name string) *telemetry.Table {
	t, ok := telemetry.Lookup(name)
	if !ok {
		panic("no table " + name) // the tables named here are built in
	}
	return t
}

// row fills the columns of one row by name. A column that the table lacks is left
// out, so that tables of the same kind can be filled alike; an empty value too.
type row struct {
	out   *telemetry.Batch
	table *telemetry.Table
}

// begin starts a row of a table at a time.
func begin(out *telemetry.Batch, t *telemetry.Table, at time.Time, opt Options) row {
	r := row{out, t}
	out.Begin(t)
	r.time(telemetry.Timestamp, at)
	r.time(telemetry.TimeGenerated, at)
	r.text("Type", t.Name)
	r.text("TenantId", opt.Tenant)
	r.text("SourceSystem", "Clew")
	return r
}

func (r row) end() { r.out.End() }

// text sets a string, or a dynamic column to the string as JSON.
func (r row) text(column, text string) {
	i, ok := r.table.Column(column)
	if !ok || text == "" {
		return
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	if r.table.Columns[i].Type == value.Dynamic {
		r.json(column, text)
		return
	}
	if r.table.Columns[i].Type == value.String {
		r.out.Set(i, value.StringOf(text))
	}
}

// json sets a column to a value as JSON; a string column gets the text of it.
func (r row) json(column string, v any) {
	i, ok := r.table.Column(column)
	if !ok {
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		return // NaN in the details of an alert: they are no number to keep
	}
	if r.table.Columns[i].Type == value.Dynamic {
		r.out.Set(i, value.JSONOf(string(text)))
		return
	}
	r.out.Set(i, value.StringOf(string(text)))
}

// list is json for lists that may be empty.
func (r row) list(column string, list []string) {
	if len(list) > 0 {
		r.json(column, list)
	}
}

func (r row) time(column string, t time.Time) {
	i, ok := r.table.Column(column)
	if !ok || t.IsZero() || r.table.Columns[i].Type != value.DateTime {
		return
	}
	if ticks, ok := plan.Ticks(t); ok {
		r.out.Set(i, value.DateTimeOf(ticks))
	}
}

func (r row) number(column string, n int64) {
	i, ok := r.table.Column(column)
	if !ok {
		return
	}
	switch t := r.table.Columns[i].Type; t {
	case value.Int, value.Long:
		if t == value.Int && int64(int32(n)) != n {
			return // the text of the whole is in another column
		}
		r.out.Set(i, value.Value{Type: t, Num: n})
	case value.Real:
		r.out.Set(i, value.RealOf(float64(n)))
	}
}

func (r row) bool(column string, b bool) {
	if i, ok := r.table.Column(column); ok && r.table.Columns[i].Type == value.Bool {
		r.out.Set(i, value.BoolOf(b))
	}
}

// products are the names of services where they are not the words of the
// enumeration.
var products = map[string]string{
	"microsoft365Defender": "Microsoft Defender XDR", "azureAdIdentityProtection": "Microsoft Entra ID Protection",
	"dataLossPrevention": "Microsoft Data Loss Prevention", "microsoftAppGovernance": "App Governance", "antivirus": "Antivirus",
	"smartScreen": "SmartScreen", "customTi": "Custom TI", "customDetection": "Custom detection", "manual": "Manual",
	"nrtAlerts": "NRT Alerts", "scheduledAlerts": "Scheduled Alerts", "automatedInvestigation": "Automated investigation",
	"cloudAppSecurity": "Microsoft Defender for Cloud Apps", "builtInMl": "Built-in ML",
}

// words writes a member of an enumeration for people: microsoftDefenderForEndpoint
// becomes "Microsoft Defender for Endpoint". Unknown is nothing.
func words(member string) string {
	if member == "" || member == "unknown" || member == "unknownFutureValue" {
		return ""
	}
	if name, ok := products[member]; ok {
		return name
	}
	var b strings.Builder
	for i, c := range member {
		switch {
		case i == 0:
			b.WriteRune(unicode.ToUpper(c))
		case unicode.IsUpper(c) || unicode.IsDigit(c) && !unicode.IsDigit(rune(member[i-1])):
			b.WriteByte(' ')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return strings.NewReplacer(" For ", " for ", "A I", "AI", "Io T", "IoT", "D N S", "DNS").Replace(b.String())
}

// product is who raised an alert: the product that it names, else the service.
func product(a *alert.Alert) string {
	if s := words(string(a.ServiceSource)); s != "" {
		return s
	}
	return a.ProductName
}

// techniques are the ids of an alert's techniques with their names.
func techniques(a *alert.Alert) []string {
	out := make([]string, 0, len(a.MITRETechniques))
	for _, id := range a.MITRETechniques {
		if t, ok := alert.LookupTechnique(id); ok {
			id = t.Name + " (" + t.ID + ")"
		}
		out = append(out, id)
	}
	return out
}

// categories are the tactics of an alert, or its category as it came.
func categories(a *alert.Alert) []string {
	var out []string
	for _, t := range alert.TacticsOf(a) {
		out = append(out, strings.ReplaceAll(t.Name(), " ", ""))
	}
	if len(out) == 0 && a.Category != "" {
		out = append(out, a.Category)
	}
	return out
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
