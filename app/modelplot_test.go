package app_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/app"
	"github.com/clew-sec/clew/correlate"
	"github.com/go-json-experiment/json"
)

// drawn is the plot of a model file, and how many dots it has.
func drawn(t *testing.T, file string) (plot []byte, dots int) {
	t.Helper()
	var b bytes.Buffer
	if err := app.ModelShow(app.IO{Out: &b, Err: io.Discard}, app.ModelShowOptions{Model: file, Plot: "-"}); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.Bytes(), dots
		}
		if err != nil {
			t.Fatalf("no XML: %v\n%s", err, b.Bytes())
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
			dots++
		}
	}
}

// The plot in the documentation is the one of the built-in model.
func TestPlotInTheDocumentation(t *testing.T) {
	t.Parallel()
	got, dots := drawn(t, "")
	m := correlate.BuiltIn()
	if want := len(m.Link.Calibration.Bins) + len(m.Pair.Calibration.Bins); dots != want {
		t.Errorf("%d dots, want %d", dots, want)
	}
	want, err := os.ReadFile("../docs/calibration.svg")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/calibration.svg is not of the built-in model: bin/clew model show --plot docs/calibration.svg")
	}
}

// A model without calibration has no dots, and its name is text, whatever it is.
func TestPlotOfAForeignModel(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(&correlate.Model{Version: "</title><script>alert(1)</script>"})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "model.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	got, dots := drawn(t, file)
	if dots != 0 || strings.Contains(string(got), "<script") || !strings.Contains(string(got), "not calibrated") {
		t.Errorf("%d dots\n%s", dots, got)
	}
}

// A model is shown with what each of its features measures.
func TestModelShowDescribesFeatures(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := app.ModelShow(app.IO{Out: &b, Err: io.Discard}, app.ModelShowOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"how many entities the incident holds", "score of the alert with the other incident"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}
