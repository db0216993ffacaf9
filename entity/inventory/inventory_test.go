package inventory_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/entity"
	"github.com/clew-sec/clew/entity/inventory"
)

func read(t testing.TB, text string, opt inventory.Options) (rows []inventory.Row, bad []*inventory.RowError) {
	t.Helper()
	for row, err := range inventory.Read(strings.NewReader(text), opt) {
		var re *inventory.RowError
		switch {
		case errors.As(err, &re):
			bad = append(bad, re)
		case err != nil:
			t.Fatal(err)
		default:
			rows = append(rows, row)
		}
	}
	return rows, bad
}

// say writes an asset in one line: what a person would check.
func say(a entity.Asset) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", a.Kind, a.Label)
	for _, id := range a.Identifiers {
		fmt.Fprintf(&b, " %s=%s", id.Type, id.Value)
		if id.Scope != "" {
			fmt.Fprintf(&b, "@%s", id.Scope)
		}
	}
	for _, l := range a.Leases {
		fmt.Fprintf(&b, " %s[%s..%s)", l.Address, l.From.Format(time.DateOnly), l.To.Format(time.DateOnly))
	}
	if a.Criticality != "" {
		fmt.Fprintf(&b, " criticality=%s", a.Criticality)
	}
	for _, k := range []string{"department", "Job title", "os", "owner", "displayName"} {
		if v := a.Facts[k]; v != "" {
			fmt.Fprintf(&b, " %s=%q", k, v)
		}
	}
	return b.String()
}

const harbor = `{"tenantId":"t","start":"2026-03-01T00:00:00.0000000Z","days":3,
"users":[{"displayName":"Mara Holm","samAccountName":"mholm","ntDomain":"HARBOR","dnsDomain":"corp.harbor.example","sid":"S-1-5-21-1-2-3-1104",
 "objectId":"11111111-2222-3333-4444-555555555555","userPrincipalName":"Mara.Holm@harbor.example","mail":"mara@harbor-group.example","department":"Finance","serviceAccount":false}],
"devices":[{"hostName":"WKS-1","fqdn":"wks-1.corp.harbor.example","ntDomain":"HARBOR","mdeDeviceId":"ABC","azureAdDeviceId":"66666666-2222-3333-4444-555555555555","os":"Windows11","owner":null,
 "addresses":["10.0.0.1","10.0.0.1","10.0.0.2"]}]}`

func TestForms(t *testing.T) {
	t.Parallel()
	const mara = `user Mara.Holm@harbor.example aadId=11111111-2222-3333-4444-555555555555 sid=S-1-5-21-1-2-3-1104 upn=mara.holm@harbor.example`
	for name, c := range map[string]struct{ in, want string }{
		"object": {harbor, mara + ` sam=mholm@harbor sam=mholm@S-1-5-21-1-2-3 sam=mholm@corp.harbor.example upn=mara@harbor-group.example department="Finance" displayName="Mara Holm"
device wks-1.corp.harbor.example deviceId=abc aadDeviceId=66666666-2222-3333-4444-555555555555 fqdn=wks-1.corp.harbor.example hostName=wks-1@harbor 10.0.0.1[2026-03-01..2026-03-03) 10.0.0.2[2026-03-03..2026-03-04) os="Windows11"`},
		"csv": {"userPrincipalName,Object SID,Entra ID,department,Job title,Criticality\nMara.Holm@harbor.example,s-1-5-21-1-2-3-1104,11111111-2222-3333-4444-555555555555,Finance,\"Head, of \"\"it\"\"\",high\n",
			mara + ` criticality=high department="Finance" Job title="Head, of \"it\""`},
		"semicolons and a byte order mark": {"\ufeffUPN;department\nmara.holm@harbor.example;Finance\n", `user mara.holm@harbor.example upn=mara.holm@harbor.example department="Finance"`},
		"leases in a table": {"Host,DNS host name,IP,from,to\nWKS-1,wks-1.harbor.example,10.0.0.7,2026-03-01,2026-03-02T00:00:00Z\n",
			`device wks-1.harbor.example fqdn=wks-1.harbor.example hostName=wks-1 10.0.0.7[2026-03-01..2026-03-02)`},
		"leases in one cell": {"deviceId\tleases\nd1\t10.0.0.7@2026-03-01/2026-03-02;10.0.0.8@2026-03-02/2026-03-03\n",
			`device d1 deviceId=d1 10.0.0.7[2026-03-01..2026-03-02) 10.0.0.8[2026-03-02..2026-03-03)`},
		"array":        {`[{"kind":"device","hostname":"pc7","leases":[{"address":"10.0.0.7","from":"2026-03-01","to":"2026-03-02"}],"nested":{"a":[1]}}]`, `device pc7 hostName=pc7 10.0.0.7[2026-03-01..2026-03-02)`},
		"rows":         {"{\"upn\":\"a@x.example\",\"critical\":true}\n{\"upn\":\"b@x.example\",\"critical\":false}\n", "user a@x.example upn=a@x.example criticality=critical\nuser b@x.example upn=b@x.example criticality=normal"},
		"kind decides": {"kind,displayName,accountName,domain\nuser,Mara,mholm,HARBOR\n", `user Mara sam=mholm@harbor displayName="Mara"`},
	} {
		rows, bad := read(t, c.in, inventory.Options{Name: "f"})
		var got []string
		for _, r := range rows {
			got = append(got, say(r.Asset))
			if want := fmt.Sprintf("f, row %d", r.Number); r.Asset.Place != want {
				t.Errorf("%s: place %q, want %q", name, r.Asset.Place, want)
			}
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" || len(bad) > 0 {
			t.Errorf("%s: %v\n%s", name, bad, diff)
		}
	}
}

func TestPacked(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(harbor))
	_ = z.Close()
	if rows, bad := read(t, b.String(), inventory.Options{}); len(rows) != 2 || len(bad) > 0 {
		t.Errorf("%d rows, %v", len(rows), bad)
	}
	if _, bad := read(t, b.String()[:100], inventory.Options{}); len(bad) != 1 || !bad[0].Fatal {
		t.Errorf("cut off: %v", bad)
	}
}

func TestBadRows(t *testing.T) {
	t.Parallel()
	const table = `upn,sid,objectId,criticality,address,from,to,hostName
a@x.example,,,,,,,
b@x.example,S-1-nonsense,,,,,,
c.x.example,,,,,,,
d@x.example,,not-a-guid,,,,,
e@x.example,,,enormous,,,,
,,,,10.0.0.1,2026-03-02,2026-03-01,pc1
,,,,10.0.0.1,,,pc1
,,,,here,2026-03-01,2026-03-02,pc1
,,,,,,,
f@x.example,,,,,,,
`
	rows, bad := read(t, table, inventory.Options{})
	if len(rows) != 2 || rows[1].Asset.Label != "f@x.example" || rows[1].Number != 10 {
		t.Errorf("%d rows: %+v", len(rows), rows)
	}
	var got []string
	for _, b := range bad {
		got = append(got, b.Error())
		if len(b.Raw) == 0 || b.Fatal {
			t.Errorf("%v: raw %q", b, b.Raw)
		}
	}
	want := []string{
		`row 2: sid: not a security identifier (S-1-5-21-…)`, `row 3: upn: not an address of the form name@domain`, `row 4: objectId: not a GUID`,
		`row 5: criticality: "enormous" is not low, normal, high or critical`, `row 6: address: the lease ends before it begins`,
		`row 7: from: an address needs the time from which it was held, and until when`, `row 8: address: "here" is not an address`,
		`row 9: no identifier of a user in this row`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, bad = read(t, `{"devices":[{"hostName":"a","addresses":["10.0.0.1"]},7,{"hostName":"b"}],"users":[]}`, inventory.Options{})
	if len(bad) != 2 || bad[0].Field != "addresses" || bad[1].Field != "devices" {
		t.Errorf("objects: %v", bad)
	}
}

func TestLimitsAndForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		opt  inventory.Options
		want error
	}{
		"empty":         {"", inventory.Options{}, inventory.ErrForm},
		"no columns":    {"a,b\n1,2\n", inventory.Options{}, inventory.ErrForm},
		"a number":      {"[] 5", inventory.Options{}, inventory.ErrForm},
		"bytes":         {"upn\n" + strings.Repeat("a@x.example\n", 10), inventory.Options{MaxBytes: 50}, inventory.ErrTooLarge},
		"rows":          {"upn\n" + strings.Repeat("a@x.example\n", 10), inventory.Options{MaxRows: 9}, inventory.ErrTooLarge},
		"an open quote": {"upn\n\"" + strings.Repeat("a\n", 1<<20), inventory.Options{MaxRow: 1000}, inventory.ErrTooLarge},
		"a long value":  {`[{"upn":"` + strings.Repeat("a", 1<<20) + `"}]`, inventory.Options{MaxRow: 1000}, inventory.ErrTooLarge},
		"columns":       {"upn" + strings.Repeat(",a", 300) + "\n", inventory.Options{}, inventory.ErrTooLarge},
	} {
		_, bad := read(t, c.in, c.opt)
		if len(bad) != 1 || !bad[0].Fatal || !errors.Is(bad[0], c.want) {
			t.Errorf("%s: %v", name, bad)
		}
	}
	_, bad := read(t, "upn\n"+strings.Repeat("a", 2000)+"@x.example\nb@x.example\n", inventory.Options{})
	if len(bad) != 1 || bad[0].Fatal || bad[0].Row != 1 {
		t.Errorf("a long value: %v", bad)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{harbor, "upn,sid\na@x,S-1-5-21-1\n", `[{"hostname":"a","leases":[{"address":"1.1.1.1"}]}]`, "{\"upn\":\"a@b\"}\n{", "\x1f\x8b", "a;fqdn\n\";", `{"start":5,"devices":[[]]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, last := 0, 0
		for row, err := range inventory.Read(bytes.NewReader(data), inventory.Options{Name: "f", MaxBytes: 1 << 20, MaxRows: 1000}) {
			var re *inventory.RowError
			if n++; errors.As(err, &re) {
				if re.Fatal {
					break
				}
				row.Number = re.Row
			} else if err != nil {
				t.Fatalf("%T: %v", err, err)
			} else if len(row.Asset.Identifiers) == 0 || row.Asset.Place == "" {
				t.Fatalf("row %+v", row)
			}
			if row.Number <= last {
				t.Fatalf("row %d after row %d", row.Number, last)
			}
			last = row.Number
			for _, l := range row.Asset.Leases {
				if !l.From.Before(l.To) {
					t.Fatalf("lease %+v", l)
				}
			}
		}
		if n > 1001 {
			t.Fatalf("%d rows", n)
		}
	})
}
