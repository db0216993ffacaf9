package linux

import (
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
	"github.com/valyala/fastjson"
)

// Osquery maps the results of osquery: differences, snapshots and batches.
type Osquery struct {
	record plan.Record
}

// NewOsquery returns a source.
func NewOsquery() *Osquery { return &Osquery{} }

// Name is "osquery".
func (o *Osquery) Name() string { return "osquery" }

// Recognises takes an object with the name of a query and its columns.
func (o *Osquery) Recognises(in *plan.Input) bool {
	r := in.Record
	return r != nil && r.Has("name") && (r.Has("columns", "action") || r.Has("snapshot") || r.Has("diffResults"))
}

// Map makes the rows of a result: one for each row of the query.
func (o *Osquery) Map(w *plan.Writer, in *plan.Input, out *telemetry.Batch) error {
	if in.Record == nil {
		return plan.Refuse("", "not a JSON object")
	}
	mark := out.Mark()
	for _, columns := range resultRows(in.Record) {
		if err := o.row(w, in.Record, columns, out); err != nil {
			out.Truncate(mark)
			return err
		}
	}
	return nil
}

// resultRows are the rows of a result in any of its three forms.
func resultRows(r *plan.Record) []*fastjson.Value {
	if v, ok := r.Get("columns"); ok {
		return []*fastjson.Value{v.JSON}
	}
	if v, ok := r.Get("snapshot"); ok {
		return v.JSON.GetArray()
	}
	var out []*fastjson.Value
	if v, ok := r.Get("diffResults"); ok {
		out = append(out, v.JSON.GetArray("added")...)
		out = append(out, v.JSON.GetArray("removed")...)
	}
	return out
}

func (o *Osquery) row(w *plan.Writer, in *plan.Record, columns *fastjson.Value, out *telemetry.Batch) error {
	r := &o.record
	r.Reset()
	r.Size = in.Size
	for _, p := range in.Pairs {
		if p.Key != "columns" && p.Key != "snapshot" && p.Key != "diffResults" {
			r.Add(p.Key, p.Value)
		}
	}
	r.Add("columns", plan.Value{JSON: columns})
	r.Own = len(r.Pairs)
	if at := timeOf(in, columns); len(at) > 0 {
		r.Add("System.Time", plan.TextOf(at))
	}
	name := planFor(string(in.Text("action")), columns)
	if name == "osquery/address" {
		list := append([]byte(`[{"IPAddress":`), plan.AppendString(nil, columns.GetStringBytes("address"))...)
		r.Add("System.Addresses", plan.TextOf(append(list, "}]"...)))
	}
	return w.Run(plans[name], r, out)
}

// timeOf is when the row was true: its own time, else that of the result.
func timeOf(in *plan.Record, columns *fastjson.Value) []byte {
	for _, key := range []string{"unixTime", "calendarTime"} {
		if text := in.Text(key); len(text) > 0 {
			return text
		}
	}
	return columns.GetStringBytes("time")
}

// planFor tells by its columns what a row is about. A row that went away is no
// event of its kind.
func planFor(action string, columns *fastjson.Value) string {
	has := func(names ...string) bool {
		for _, n := range names {
			if !columns.Exists(n) {
				return false
			}
		}
		return true
	}
	if action == "removed" {
		return "osquery/any"
	}
	for _, kind := range []struct {
		plan  string
		needs []string
	}{
		{"osquery/file", []string{"target_path", "action"}},
		{"osquery/socket", []string{"remote_address", "remote_port"}},
		{"osquery/process", []string{"pid", "path", "cmdline", "parent"}},
		{"osquery/listening", []string{"pid", "port", "address"}},
		{"osquery/logon", []string{"tty", "host", "pid"}},
		{"osquery/system", []string{"platform", "version"}},
		{"osquery/system", []string{"hardware_model", "uuid"}},
		{"osquery/address", []string{"interface", "address"}},
	} {
		if has(kind.needs...) {
			return kind.plan
		}
	}
	return "osquery/any"
}
