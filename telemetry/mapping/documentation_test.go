package mapping

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/clew-sec/clew/telemetry"
)

const page = "../../docs/telemetry.md"

// TestDocumentation: what the page says about formats and tables is made of the
// code.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for name, content := range map[string]string{"formats": formatsTable(), "tables": tablesTable()} {
		part := regexp.MustCompile(`(?s)<!-- generated: ` + name + ` -->.*?<!-- end -->`)
		if !part.MatchString(want) {
			t.Fatalf("the page has no part %q", name)
		}
		want = part.ReplaceAllLiteralString(want, "<!-- generated: "+name+" -->\n"+content+"<!-- end -->")
	}
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the code says: go test ./telemetry/mapping -update", page)
	}
	if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func formatsTable() string {
	var b strings.Builder
	b.WriteString("| Name | What | Tables |\n|---|---|---|\n")
	for _, f := range Formats() {
		tables := strings.Join(f.Tables, ", ")
		if tables == "" {
			tables = "any"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.Title, tables)
	}
	return b.String()
}

func tablesTable() string {
	fed := map[string][]string{}
	for _, f := range Formats() {
		for _, table := range f.Tables {
			fed[table] = append(fed[table], f.Name)
		}
	}
	for _, table := range []string{
		"AlertInfo", "AlertEvidence", "SecurityAlert", "SecurityIncident", "IdentityInfo", "DeviceInfo", "BehaviorInfo", "BehaviorEntities",
	} {
		fed[table] = append(fed[table], "Clew itself")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d tables in %d families; every one can also be filled with its rows.\n\n", len(telemetry.Tables()), len(telemetry.Families()))
	b.WriteString("| Table | Columns | What a row is | Fed by |\n|---|---|---|---|\n")
	others := map[string]int{}
	for _, t := range telemetry.Tables() {
		if t.Doc == "" && fed[t.Name] == nil {
			others[t.Family]++
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %d | %s | %s |\n", t.Name, len(t.Columns), t.Doc, strings.Join(fed[t.Name], ", "))
	}
	b.WriteString("\nAnd others, by family:")
	for i, family := range telemetry.Families() {
		if n := others[family]; n > 0 {
			if i > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, " %s %d", family, n)
		}
	}
	b.WriteString(".\n")
	return b.String()
}
