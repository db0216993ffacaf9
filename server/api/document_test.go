package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"testing"

	"github.com/clew-sec/clew/server/auth"
)

var update = flag.Bool("update", false, "rewrite golden files")

const documentFile = "../../docs/openapi.json"

// The portal's types are generated from the committed document: it must be what
// the code says.
func TestDocumentIsCurrent(t *testing.T) {
	got, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Document()
	if err != nil || !bytes.Equal(got, again) {
		t.Fatalf("the document differs from one time to the next: %v", err)
	}
	if *update {
		if err := os.WriteFile(documentFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/openapi.json is stale; run go test ./server/api -run TestDocumentIsCurrent -update")
	}
}

type described struct {
	Paths map[string]map[string]struct {
		OperationID string                     `json:"operationId"`
		Summary     string                     `json:"summary"`
		Permission  string                     `json:"x-clew-permission"`
		Security    []map[string][]string      `json:"security"`
		Responses   map[string]json.RawMessage `json:"responses"`
	} `json:"paths"`
}

func TestEveryOperationIsDescribed(t *testing.T) {
	doc, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	var d described
	if err := json.Unmarshal(doc, &d); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			if op.OperationID == "" || ids[op.OperationID] {
				t.Errorf("%s %s: operation id %q is missing or taken", method, path, op.OperationID)
			}
			ids[op.OperationID] = true
			if op.Summary == "" || op.Permission == "" {
				t.Errorf("%s %s: no summary or no permission", method, path)
			}
			if public := op.Permission == string(auth.Public); public != (len(op.Security) == 0) {
				t.Errorf("%s %s: permission %s, security %v", method, path, op.Permission, op.Security)
			}
			if len(op.Responses) < 2 && op.OperationID != "events" {
				t.Errorf("%s %s: no errors described", method, path)
			}
		}
	}
	s := build(http.NewServeMux(), Options{})
	if len(ids) != len(s.allowed) {
		t.Errorf("%d operations are described, %d exist", len(ids), len(s.allowed))
	}
}
