package entity_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden reads each alert of testdata and compares what it mentions.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			a, err := alert.Decode(data, alert.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got := describe(entity.Extract(a))
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func describe(ms []entity.Mention) string {
	var b strings.Builder
	for _, m := range ms {
		fmt.Fprintf(&b, "%d %s %q impacted=%v roles=%v\n", m.Evidence, m.Kind, m.Label, m.Impacted, m.Roles)
		for _, id := range m.Identifiers {
			fmt.Fprintf(&b, "    %s:%s [%s] %s\n", id.Kind, id.Type, id.Scope, id.Value)
		}
	}
	return b.String()
}

// TestEveryType fills each type of evidence with something and expects an
// entity: no type may be forgotten.
func TestEveryType(t *testing.T) {
	t.Parallel()
	for _, typ := range alert.EvidenceTypes() {
		ev := alert.NewEvidence(typ)
		fill(reflect.ValueOf(ev).Elem(), 0)
		ms := entity.Extract(&alert.Alert{Evidence: []alert.Evidence{ev}})
		if len(ms) == 0 {
			t.Errorf("%s gives no mention", typ)
		}
	}
	if n := len(alert.EvidenceTypes()); n != 48 {
		t.Errorf("%d types", n)
	}
}

// fill sets every field to something plausible.
func fill(v reflect.Value, depth int) {
	if depth > 4 || !v.CanSet() && v.Kind() != reflect.Struct {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("7")
	case reflect.Int64, reflect.Int32:
		v.SetInt(77)
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if !v.Type().Field(i).IsExported() || name == "EvidenceBase" {
				continue
			}
			fill(v.Field(i), depth+1)
			if s := telling[name]; s != "" && v.Field(i).Kind() == reflect.String {
				v.Field(i).SetString(s)
			}
		}
	}
}

var telling = map[string]string{
	"IPAddress": "198.51.100.9", "SHA256": strings.Repeat("ab", 32), "Value": strings.Repeat("cd", 32), "DomainName": "shop.example", "MacAddress": "02:00:5e:10:00:01",
	"URL": "https://shop.example/a", "UserPrincipalName": "amy@contoso.example", "PrimaryAddress": "amy@contoso.example", "ActiveDirectoryDomainName": "corp.contoso.example",
}

// TestHostileEvidence feeds what attackers may write.
func TestHostileEvidence(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	var evs []alert.Evidence
	for range 2000 {
		urls := make([]string, 500)
		for i := range urls {
			urls[i] = "https://" + long[:200] + fmt.Sprint(i) + ".example/"
		}
		evs = append(evs, &alert.AnalyzedMessageEvidence{Urls: urls, Subject: long, NetworkMessageID: long})
	}
	ms := entity.Extract(&alert.Alert{Evidence: evs})
	if len(ms) == 0 || len(ms) > 8000 {
		t.Errorf("%d mentions", len(ms))
	}
	for _, m := range ms {
		if len(m.Label) > 210 {
			t.Fatalf("label of %d bytes", len(m.Label))
		}
		for _, id := range m.Identifiers {
			if len(id.Value) > entity.MaxValue || len(id.Scope) > entity.MaxValue {
				t.Fatalf("identifier of %d bytes", len(id.Value))
			}
		}
	}
	// Evidence that holds itself ends.
	pod := &alert.KubernetesPodEvidence{Name: "p"}
	pod.Containers = []*alert.ContainerEvidence{{ContainerID: "c", Pod: pod}}
	if got := len(entity.Extract(&alert.Alert{Evidence: []alert.Evidence{pod, nil}})); got == 0 || got > 50 {
		t.Errorf("%d mentions of a pod that holds itself", got)
	}
}
