package hunt

import (
	"context"
	"strings"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry"
)

// Answer runs a query and returns the answer as one line of JSON:
// {"id", "columns": [{"name", "type"}], "rows": [[…]]}, or {"id", "error"}.
func Answer(ctx context.Context, h *Hunter, id string, r Request) []byte {
	line := value.AppendQuoted([]byte(`{"id":`), id)
	res, err := h.Run(ctx, r)
	if err != nil {
		return append(value.AppendQuoted(append(line, `,"error":`...), err.Error()), '}')
	}
	line = append(line, `,"columns":`...)
	line = AppendColumnsJSON(line, res.Columns)
	line = append(line, `,"rows":[`...)
	for i, row := range res.Rows {
		if i > 0 {
			line = append(line, ',')
		}
		line = AppendRowJSON(line, quoted(row))
	}
	return append(line, `]}`...)
}

// AppendColumnsJSON writes the columns of a result as objects with name and
// type.
func AppendColumnsJSON(b []byte, cols []telemetry.ResultColumn) []byte {
	b = append(b, '[')
	for i, c := range cols {
		if i > 0 {
			b = append(b, ',')
		}
		b = value.AppendQuoted(append(b, `{"name":`...), c.Name)
		b = value.AppendQuoted(append(b, `,"type":`...), c.Type.String())
		b = append(b, '}')
	}
	return append(b, ']')
}

// quoted makes a dynamic value that is a text the text of its JSON: a reader
// that expects JSON there finds the text, and not what it may look like.
func quoted(row []value.Value) []value.Value {
	for i, v := range row {
		if v.Type == value.Dynamic && strings.HasPrefix(v.Text, `"`) {
			row[i] = value.StringOf(v.Text)
		}
	}
	return row
}
