package app

import (
	"context"
	"maps"
	"slices"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/incident"
	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/view"
)

// incidents copies the incidents that have changed since, the oldest change
// first. Changes of one instant are committed together, or follow within the
// pause of the mirror; those of the last instant are looked at again next time,
// and told apart by their version.
func (m *mirror) incidents(ctx context.Context, at reached) (reached, error) {
	q := store.IncidentQuery{
		Workspace: m.workspace, Statuses: []string{"active", "inProgress", "resolved", "redirected"}, Asc: true, Paging: store.Paging{Limit: mirrorBatch},
	}
	if at.incidents > 0 {
		q.UpdatedFrom = value.TimeOf(at.incidents)
	}
	for {
		page, err := m.cases.Incidents(ctx, q)
		if err != nil {
			return at, err
		}
		var b telemetry.Batch
		next := at
		for _, in := range page.Items {
			changed := value.TicksOf(in.UpdatedAt)
			if changed <= at.incidents {
				continue
			}
			next.incidents = max(next.incidents, changed)
			row, err := m.incident(ctx, in)
			if err != nil {
				return at, err
			}
			row.Add(&b, m.view)
		}
		if next != at {
			if err := m.append(ctx, &b, next); err != nil {
				return at, err
			}
		}
		if page.Next == "" {
			return next, nil
		}
		q.Cursor = page.Next
	}
}

// incident is a case file as a row.
func (m *mirror) incident(ctx context.Context, in incident.Incident) (view.Incident, error) {
	ids, err := m.cases.AlertIDs(ctx, m.workspace, in.ID)
	if err != nil {
		return view.Incident{}, err
	}
	tasks, err := m.tasks(ctx, in)
	return view.Incident{
		Number: int64(in.ID), Name: in.Name, Status: string(in.Status), Severity: in.Severity, Owner: in.Owner, Labels: in.Tags, AlertIDs: ids,
		Tactics: sorted(in.Tally.Tactics), Techniques: sorted(in.Tally.Techniques), Products: sorted(in.Tally.Products), AlertCount: in.Tally.Alerts,
		FirstActivity: in.FirstActivity, LastActivity: in.LastActivity, Created: in.CreatedAt, Modified: in.UpdatedAt, ModifiedBy: in.UpdatedBy,
		Closed: in.ResolvedAt, Classification: in.Classification, Determination: in.Determination, Comment: in.ResolvingComment,
		Tasks: tasks,
	}, err
}

// tasks reads what is to do for an incident; most have nothing, and say so.
func (m *mirror) tasks(ctx context.Context, in incident.Incident) ([]view.Task, error) {
	if in.Tasks.Total == 0 {
		return nil, nil
	}
	list, err := m.cases.Tasks(ctx, m.workspace, in.ID)
	out := make([]view.Task, len(list))
	for i, t := range list {
		out[i] = view.Task{
			Title: t.Title, Description: t.Description, Status: "New", CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy.Name,
			CompletedAt: t.CompletedAt, CompletedBy: t.CompletedBy.Name,
		}
		if t.Status == incident.TaskCompleted {
			out[i].Status = "Completed"
		}
	}
	return out, err
}

func sorted(counts map[string]int) []string { return slices.Sorted(maps.Keys(counts)) }

// inventory copies users and devices that an import has changed since. All of
// them are looked through, so that is done only after the latest import has got
// further than when it was done last.
func (m *mirror) inventory(ctx context.Context, at reached) error {
	state, err := m.cases.InventoryState(ctx, m.workspace)
	if err != nil || len(state.Imports) == 0 {
		return err
	}
	latest := imported{state.Imports[0].ID, state.Imports[0].Received}
	if latest == m.imported {
		return nil
	}
	next := at
	var b telemetry.Batch
	for from := int64(1); ; from += mirrorBatch {
		assets, err := m.cases.AssetsByNumber(ctx, m.workspace, numbersFrom(from))
		if err != nil {
			return err
		}
		for _, a := range assets {
			if changed := value.TicksOf(a.At); changed > at.inventory {
				next.inventory = max(next.inventory, changed)
				addAsset(a, &b, m.view)
			}
		}
		if len(assets) == 0 {
			break
		}
	}
	if next != at {
		if err := m.append(ctx, &b, next); err != nil {
			return err
		}
	}
	m.imported = latest
	return nil
}

// imported says how far an import of the inventory had come.
type imported struct {
	id       int64
	received int
}

func numbersFrom(first int64) []int64 {
	out := make([]int64, mirrorBatch)
	for i := range out {
		out[i] = first + int64(i)
	}
	return out
}

// addAsset writes a user or a device. Facts go by the names that inventories use.
func addAsset(a store.InventoryAsset, b *telemetry.Batch, opt view.Options) {
	name := func(kind string) string {
		for _, id := range a.Identifiers {
			if id.Type == kind {
				return id.Value
			}
		}
		return ""
	}
	switch a.Kind {
	case entity.User:
		view.Identity{
			Updated: a.At, ObjectID: name("aadId"), UPN: name("upn"), SID: name("sid"), Name: name("sam"), Domain: scope(a, "sam"), DisplayName: a.Label,
			Mail: a.Facts["mail"], Department: a.Facts["department"], JobTitle: a.Facts["title"], Manager: a.Facts["manager"], City: a.Facts["city"],
			Country: a.Facts["country"], Criticality: string(a.Criticality), Source: "Clew inventory",
		}.Add(b, opt)
	case entity.Device:
		view.Device{
			Updated: a.At, ID: name("deviceId"), Name: first(name("fqdn"), name("host"), a.Label), AadID: name("aadDeviceId"), OSPlatform: a.Facts["os"],
			OSVersion: a.Facts["osVersion"], Type: a.Facts["type"], Vendor: a.Facts["vendor"], Model: a.Facts["model"], Group: a.Facts["group"],
			Value: assetValue(a.Criticality), Source: "Clew inventory",
		}.Add(b, opt)
	}
}

func scope(a store.InventoryAsset, kind string) string {
	for _, id := range a.Identifiers {
		if id.Type == kind {
			return id.Scope
		}
	}
	return ""
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// assetValue says how much depends on a device in the words of DeviceInfo.
func assetValue(c entity.Criticality) string {
	switch c {
	case entity.CriticalityCritical, entity.CriticalityHigh:
		return "High"
	case entity.CriticalityLow:
		return "Low"
	}
	return "Normal"
}
