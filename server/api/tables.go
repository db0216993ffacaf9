package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/ingest"
	"github.com/clew-sec/clew/telemetry/mapping/custom"
)

// UserTables keeps the tables that users define; *ingest.Service does.
type UserTables interface {
	CreateTable(ctx context.Context, workspace string, t *telemetry.Table) error
	AddColumns(ctx context.Context, workspace, table string, columns []telemetry.Column) (*telemetry.Table, error)
	DropTable(ctx context.Context, workspace, table string) error
	DeliverTo(ctx context.Context, workspace, table string, body io.Reader, d ingest.Delivery) (ingest.Receipt, error)
}

// InTable names a user-defined table.
type InTable struct {
	InWorkspace
	Table string `path:"table" maxLength:"63" pattern:"^[A-Za-z][A-Za-z0-9_]*_CL$" doc:"A user-defined table." example:"Badge_CL"`
}

// NewColumn is a column that a user declares.
type NewColumn struct {
	Name        string `json:"name" minLength:"1" maxLength:"128" pattern:"^[A-Za-z_][A-Za-z0-9_]*$"`
	Type        string `json:"type" enum:"bool,int,long,real,decimal,datetime,timespan,guid,string,dynamic"`
	Description string `json:"description,omitempty" maxLength:"500"`
}

type createTableInput struct {
	InWorkspace
	Body struct {
		Name        string      `json:"name" minLength:"4" maxLength:"63" pattern:"^[A-Za-z][A-Za-z0-9_]*_CL$" doc:"Ends in _CL." example:"Badge_CL"`
		Description string      `json:"description,omitempty" maxLength:"500" doc:"What a row is."`
		Columns     []NewColumn `json:"columns,omitempty" maxItems:"995" doc:"Beside TimeGenerated, TenantId, Type, _BilledSize and AdditionalFields, which every such table has."`
		Sample      string      `json:"sample,omitempty" maxLength:"786432" doc:"Instead of columns: records to find them in, as JSON: an object, an array, or one per line."`
	}
}

type addColumnsInput struct {
	InTable
	Body struct {
		Columns []NewColumn `json:"columns" minItems:"1" maxItems:"995"`
	}
}

type sampleInput struct {
	InWorkspace
	Body struct {
		Sample string `json:"sample" minLength:"1" maxLength:"786432" doc:"Records as JSON: an object, an array, or one per line."`
	}
}

// SampleColumns are the columns that a sample asks for.
type SampleColumns struct {
	Columns []HuntingColumn `json:"columns"`
}

// tableDeliveryInput keeps the body as a stream: it is never held in memory whole.
type tableDeliveryInput struct {
	InTable
	Origin string `query:"origin" maxLength:"256" doc:"Where the records come from, kept with those that are rejected; the sender's address when left out."`

	request  *http.Request
	response http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (i *tableDeliveryInput) Resolve(hc huma.Context) []error {
	i.request, i.response = humago.Unwrap(hc)
	return nil
}

func (s *service) tableOperations() {
	tag := "hunting"
	add(s, operation{id: "listTables", tag: tag, route: "GET /hunting/tables", summary: "The user-defined tables, and what they hold", need: auth.Read}, s.listTables)
	add(s, operation{id: "createTable", tag: tag, route: "POST /hunting/tables", summary: "Define a table", need: auth.Admin, status: 201, errors: []int{409, 422},
		doc: "The columns are declared, or found in a sample. A workspace may have 200 such tables."}, s.createTable)
	add(s, operation{id: "sampleColumns", tag: tag, route: "POST /hunting/tables/sample", summary: "Say which columns a sample asks for", need: auth.Admin, errors: []int{422}}, s.sampleColumns)
	add(s, operation{id: "addColumns", tag: tag, route: "POST /hunting/tables/{table}/columns", summary: "Add columns to a user-defined table", need: auth.Admin, errors: []int{409, 422},
		doc: "Columns are added at the end; none is ever removed or changed."}, s.addColumns)
	add(s, operation{id: "deleteTable", tag: tag, route: "DELETE /hunting/tables/{table}", summary: "Remove a user-defined table with all its rows", need: auth.Admin, status: 204}, s.deleteTable)
	add(s, operation{
		id: "ingest-table", tag: "ingest", route: "POST /telemetry/tables/{table}", summary: "Deliver rows of a user-defined table", need: auth.Ingest,
		status: 202, errors: []int{413, 415, 507},
		doc: `The body is JSON objects: one, an array, or one per line; plain, gzip or zip. A key goes to the column of its name; what has no column, or does not fit it, goes to AdditionalFields. The time is the first of TimeGenerated, Timestamp, @timestamp, timestamp, time, eventTime, event_time, ts, date, datetime, created_at, else the time of receipt.

202 comes only after everything that it counts was committed, as for POST /telemetry/{format}.`,
		adjust: func(op *huma.Operation) {
			text := &huma.Schema{Type: huma.TypeString, Format: "binary"}
			op.RequestBody = &huma.RequestBody{Required: true, Description: "Records.", Content: map[string]*huma.MediaType{
				"application/json":     {Example: map[string]any{"time": "2026-11-01T10:00:00Z", "door": "east", "badge": 4711}},
				"application/x-ndjson": {Schema: text}, "application/octet-stream": {Schema: text},
			}}
		},
	}, s.ingestTable)
}

func (s *service) userTables(workspace string) (UserTables, error) {
	return s.Tables, s.telemetryOf(workspace, s.Tables != nil)
}

func (s *service) listTables(ctx context.Context, in *InWorkspace) (*ListOutput[HuntingTable], error) {
	h, err := s.hunter(in.Workspace)
	if err != nil {
		return nil, err
	}
	tables, stats, err := h.Tables(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	out := &ListOutput[HuntingTable]{}
	for _, t := range tables {
		if t.Family != custom.Family {
			continue
		}
		var held telemetry.TableStats
		if i := slices.IndexFunc(stats, func(st telemetry.TableStats) bool { return st.Table == t.Name }); i >= 0 {
			held = stats[i]
		}
		out.Body.Items = append(out.Body.Items, tableOf(t, held))
	}
	return out, nil
}

func (s *service) createTable(ctx context.Context, in *createTableInput) (*Output[HuntingTable], error) {
	tables, err := s.userTables(in.Workspace)
	if err != nil {
		return nil, err
	}
	b := in.Body
	if (len(b.Columns) == 0) == (strings.TrimSpace(b.Sample) == "") {
		return nil, invalid("body.columns", "want either columns or a sample")
	}
	columns, err := declared(b.Columns)
	if err != nil {
		return nil, err
	}
	if b.Sample != "" {
		if columns, err = sampled(ctx, b.Sample); err != nil {
			return nil, err
		}
	}
	t, err := custom.NewTable(b.Name, columns)
	if err != nil {
		return nil, invalid("body.columns", err.Error())
	}
	if t, err = telemetry.NewTable(t.Name, t.Family, b.Description, t.Columns); err != nil {
		return nil, invalid("body.columns", err.Error())
	}
	if err := tables.CreateTable(ctx, in.Workspace, t); err != nil {
		return nil, err
	}
	return &Output[HuntingTable]{Body: tableOf(t, telemetry.TableStats{})}, nil
}

func declared(columns []NewColumn) ([]telemetry.Column, error) {
	var out []telemetry.Column
	for i, c := range columns {
		t, ok := value.ParseType(c.Type)
		if !ok {
			return nil, invalid(fmt.Sprintf("body.columns[%d].type", i), "want a type of the language")
		}
		if slices.ContainsFunc(columns[:i], func(o NewColumn) bool { return strings.EqualFold(o.Name, c.Name) }) {
			return nil, invalid(fmt.Sprintf("body.columns[%d].name", i), "another column has this name")
		}
		out = append(out, telemetry.Column{Name: c.Name, Type: t, Doc: c.Description})
	}
	return out, nil
}

// sampled are the columns of a sample, of which there must be some.
func sampled(ctx context.Context, text string) ([]telemetry.Column, error) {
	columns, err := ingest.SampleColumns(ctx, strings.NewReader(text))
	var form *ingest.TableError
	if errors.As(err, &form) {
		return nil, invalid("body.sample", form.Error())
	}
	if err == nil && len(columns) == 0 {
		return nil, invalid("body.sample", "no key in it asks for a column")
	}
	return columns, err
}

func (s *service) sampleColumns(ctx context.Context, in *sampleInput) (*Output[SampleColumns], error) {
	if _, err := s.userTables(in.Workspace); err != nil {
		return nil, err
	}
	columns, err := sampled(ctx, in.Body.Sample)
	out := SampleColumns{Columns: make([]HuntingColumn, len(columns))}
	for i, c := range columns {
		out.Columns[i] = HuntingColumn{Name: c.Name, Type: c.Type.String()}
	}
	return output(out, err)
}

func (s *service) addColumns(ctx context.Context, in *addColumnsInput) (*Output[HuntingTable], error) {
	tables, err := s.userTables(in.Workspace)
	if err != nil {
		return nil, err
	}
	columns, err := declared(in.Body.Columns)
	if err != nil {
		return nil, err
	}
	t, err := tables.AddColumns(ctx, in.Workspace, in.Table, columns)
	var form *ingest.TableError
	if errors.As(err, &form) {
		return nil, invalid("body.columns", form.Error())
	}
	if err != nil {
		return nil, err
	}
	return &Output[HuntingTable]{Body: tableOf(t, telemetry.TableStats{})}, nil
}

func (s *service) deleteTable(ctx context.Context, in *InTable) (*Empty, error) {
	tables, err := s.userTables(in.Workspace)
	if err != nil {
		return nil, err
	}
	if err := tables.DropTable(ctx, in.Workspace, in.Table); err != nil {
		return nil, err
	}
	s.Log.InfoContext(ctx, "a user-defined table was removed", "table", in.Table, "by", actor(ctx).Name)
	return &Empty{}, nil
}

func (s *service) ingestTable(ctx context.Context, in *tableDeliveryInput) (*Output[EventReceipt], error) {
	tables, err := s.userTables(in.Workspace)
	if err != nil {
		return nil, err
	}
	body := &ingestInput{InWorkspace: in.InWorkspace, Origin: in.Origin, request: in.request, response: in.response}
	return s.takeEvents(ctx, body, func(d *delivery) (ingest.Receipt, error) {
		r, err := tables.DeliverTo(ctx, in.Workspace, in.Table, d.body, ingest.Delivery{Origin: body.origin(ctx), File: d.opt})
		s.CountedEvents("custom", r)
		return r, err
	})
}
