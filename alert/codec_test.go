package alert

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func mustDecode(t *testing.T, text string) *Alert {
	t.Helper()
	a, err := Decode([]byte(text), Limits{})
	if err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return a
}

func mustEncode(t *testing.T, a *Alert) string {
	t.Helper()
	out, err := a.AppendJSON(nil)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	if !jsontext.Value(out).IsValid() {
		t.Fatalf("encoding is not valid JSON: %s", out)
	}
	return string(out)
}

func sample(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "device-and-unknown.json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGoldenRoundTrip(t *testing.T) {
	a := mustDecode(t, string(sample(t)))
	out := jsontext.Value(mustEncode(t, a))
	if err := out.Indent(jsontext.WithIndent("  ")); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "device-and-unknown.golden.json"), append(out, '\n'))
}

func TestDecodedFields(t *testing.T) {
	a := mustDecode(t, string(sample(t)))
	if a.Severity != SeverityHigh || a.DetectionSource != "sensorOfTheFuture" || a.DetectionSource.Known() {
		t.Errorf("enumerations: %q %q", a.Severity, a.DetectionSource)
	}
	if want := time.Date(2025, 3, 4, 5, 6, 7, 123456700, time.UTC); !a.CreatedDateTime.Equal(want) {
		t.Errorf("created %v", a.CreatedDateTime)
	}
	if !a.ResolvedDateTime.IsZero() {
		t.Errorf("resolved %v, want unset", a.ResolvedDateTime)
	}
	dev := a.Evidence[0].(*DeviceEvidence)
	if dev.OSBuild != 19045 || dev.Roles[0] != RoleAttacked || dev.VMMetadata.CloudProvider != VMCloudProviderAzure {
		t.Errorf("device %+v", dev)
	}
	if ip, ok := a.Evidence[1].(*IPEvidence); !ok || ip.IPAddress != "203.0.113.7" || EvidenceType(ip) != "ipEvidence" {
		t.Errorf("second evidence %#v", a.Evidence[1])
	}
	if EvidenceType(a.Evidence[2]) != "quantumEvidence" || a.Evidence[2].Base().Verdict != VerdictSuspicious {
		t.Errorf("third evidence %#v", a.Evidence[2])
	}
	if dns := a.Evidence[3].(*DNSEvidence); dns.IPAddresses[1] == nil {
		t.Error("a null in a list of objects gave a nil pointer")
	}
}

func TestChangesAreLaidOverTheDocument(t *testing.T) {
	a := mustDecode(t, string(sample(t)))
	a.Severity = SeverityLow
	a.Title = ""
	a.AssignedTo = "mara@harbor.example"
	a.Comments = append(a.Comments, Comment{Comment: "closed"})
	a.CustomDetails["New"] = "x"
	a.Evidence[0].(*DeviceEvidence).HostName = "wks-8"
	a.Evidence = append(a.Evidence[:1], &URLEvidence{URL: "https://bad.example/"}, a.Evidence[2])
	a.MITRETechniques = nil
	got := mustEncode(t, a)
	for _, want := range []string{
		`"severity":"low"`, `"title":null`, `"assignedTo":"mara@harbor.example"`, `"priorityHint":9007199254740993`,
		`"comments":[{"comment":"seen","createdBy":"an.analyst@harbor.example"},{"comment":"closed"}]`,
		`"customDetails":{"Score":1.10,"Serial":9007199254740993,"New":"x"}`, `"hostName":"wks-8","osBuild":19045.0,"rbacGroupId":null`,
		`"shoeSize":38`, `"region":"north"`, `{"@odata.type":"#microsoft.graph.security.urlEvidence","url":"https://bad.example/"}`,
		`"qubits":[1,2.50,{"a":null}]`, `"mitreTechniques":[]`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "203.0.113.7") {
		t.Error("removed evidence came back")
	}
}

func TestItemsKeepTheirOwnUnknownProperties(t *testing.T) {
	a := mustDecode(t, `{"comments":[{"comment":"a","x":1},{"comment":"b","x":2},{"comment":"c","x":3}]}`)
	a.Comments = append(a.Comments[:0:0], a.Comments[2], Comment{Comment: "new"})
	if got, want := mustEncode(t, a), `{"comments":[{"comment":"c","x":3},{"comment":"new"}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNewAlertCarriesItsType(t *testing.T) {
	a := &Alert{ID: "x", Evidence: []Evidence{&DNSEvidence{DomainName: "a.example", HostIPAddress: &IPEvidence{IPAddress: "192.0.2.1"}}}}
	want := `{"@odata.type":"#microsoft.graph.security.alert","id":"x","evidence":[{"@odata.type":"#microsoft.graph.security.dnsEvidence","domainName":"a.example",` +
		`"hostIpAddress":{"@odata.type":"#microsoft.graph.security.ipEvidence","ipAddress":"192.0.2.1"}}]}`
	if got := mustEncode(t, a); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestBothEncodersAgree(t *testing.T) {
	a := mustDecode(t, string(sample(t)))
	type holder struct {
		Alert *Alert `json:"alert"`
	}
	std, err := stdjson.Marshal(holder{a})
	if err != nil {
		t.Fatal(err)
	}
	exp, err := json.Marshal(holder{a})
	if err != nil {
		t.Fatal(err)
	}
	var fromStd, fromExp holder
	if err := stdjson.Unmarshal(exp, &fromStd); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(std, &fromExp); err != nil {
		t.Fatal(err)
	}
	// The encoders may write "\u202e" as the character itself, so compare after one more pass.
	again, err := json.Marshal(fromStd)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(exp), string(again)); diff != "" {
		t.Errorf("encoding/json lost something: %s", diff)
	}
	if fromExp.Alert.Title != a.Title || len(fromExp.Alert.Evidence) != 4 {
		t.Error("go-json-experiment lost something")
	}
}

func TestRefusedFields(t *testing.T) {
	deep := strings.Repeat(`[`, 70) + strings.Repeat(`]`, 70)
	for name, c := range map[string]struct {
		text string
		path string
		kind error
	}{
		"not an object":      {`[]`, "", ErrType},
		"empty":              {``, "", ErrSyntax},
		"two values":         {`{} {}`, "", ErrSyntax},
		"cut off":            {`{"id":"a"`, "", ErrSyntax},
		"bad UTF-8":          {"{\"title\":\"a\xff\"}", "/title", ErrEncoding},
		"duplicate":          {`{"id":"a","evidence":[{"verdict":"x","verdict":"y"}]}`, "/evidence/0/verdict", ErrDuplicate},
		"number as title":    {`{"title":5}`, "/title", ErrType},
		"object as id":       {`{"id":{}}`, "/id", ErrType},
		"text as evidence":   {`{"evidence":"x"}`, "/evidence", ErrType},
		"text as item":       {`{"evidence":["x"]}`, "/evidence/0", ErrType},
		"null as item":       {`{"evidence":[null]}`, "/evidence/0", ErrType},
		"wrong in evidence":  {`{"evidence":[{"@odata.type":"processEvidence","imageFile":{"fileSize":"big"}}]}`, "/evidence/0/imageFile/fileSize", ErrType},
		"fraction":           {`{"evidence":[{"@odata.type":"processEvidence","processId":1.5}]}`, "/evidence/0/processId", ErrNumberSize},
		"int32":              {`{"evidence":[{"@odata.type":"deviceEvidence","rbacGroupId":3000000000}]}`, "/evidence/0/rbacGroupId", ErrNumberSize},
		"no time":            {`{"createdDateTime":"soon"}`, "/createdDateTime", ErrTime},
		"time is number":     {`{"createdDateTime":12}`, "/createdDateTime", ErrType},
		"year 9999":          {`{"createdDateTime":"9999-12-31T23:59:59Z"}`, "/createdDateTime", ErrTimeRange},
		"year 1970":          {`{"firstActivityDateTime":"1970-01-01T00:00:00Z"}`, "/firstActivityDateTime", ErrTimeRange},
		"deep":               {`{"x":` + deep + `}`, "", ErrTooDeep},
		"long title":         {`{"title":"` + strings.Repeat("a", 70000) + `"}`, "/title", ErrTooLarge},
		"huge":               {`{"x":"` + strings.Repeat("a", 5<<20) + `"}`, "", ErrTooLarge},
		"100,000 evidence":   {`{"evidence":[{}` + strings.Repeat(`,{}`, 99999) + `]}`, "/evidence", ErrTooMany},
		"11,000 tags":        {`{"systemTags":[""` + strings.Repeat(`,""`, 11000) + `]}`, "/systemTags", ErrTooMany},
		"bool":               {`{"evidence":[{"@odata.type":"containerEvidence","isPrivileged":"yes"}]}`, "/evidence/0/isPrivileged", ErrType},
		"bag":                {`{"customDetails":[]}`, "/customDetails", ErrType},
		"type of wrong type": {`{"evidence":[{"@odata.type":7}]}`, "/evidence/0/@odata.type", ErrType},
		"pointer escapes":    {`{"customDetails":{"a/b~c":1,"a/b~c":2}}`, "/customDetails/a~1b~0c", ErrDuplicate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Decode([]byte(c.text), Limits{})
			var fe *FieldError
			if !errors.As(err, &fe) || !errors.Is(err, c.kind) || fe.Path != c.path {
				t.Fatalf("got %v (%+v), want %v at %q", err, fe, c.kind, c.path)
			}
			if len(err.Error()) > 500 {
				t.Errorf("message of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestLenientInput(t *testing.T) {
	a := mustDecode(t, `{"severity":"HIGH","createdDateTime":"2025-01-02 03:04:05.5","lastUpdateDateTime":"2025-01-02T03:04:05+0100",`+
		`"evidence":[{"@odata.type":"deviceEvidence","osBuild":"22631"},{"@odata.type":"Microsoft.Graph.Security.UserEvidence"}]}`)
	want := `{"severity":"high","createdDateTime":"2025-01-02T03:04:05.5Z","lastUpdateDateTime":"2025-01-02T02:04:05Z",` +
		`"evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence","osBuild":"22631"},{"@odata.type":"#microsoft.graph.security.userEvidence"}]}`
	if got := mustEncode(t, a); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if a.Evidence[0].(*DeviceEvidence).OSBuild != 22631 {
		t.Error("64-bit integer in a string was not read")
	}
}

func TestEveryEvidenceTypeIsReadBack(t *testing.T) {
	if n := len(EvidenceTypes()); n != 48 {
		t.Fatalf("%d evidence types, the model has 48", n)
	}
	for _, name := range EvidenceTypes() {
		a := mustDecode(t, mustEncode(t, &Alert{Evidence: []Evidence{NewEvidence(name)}}))
		if got := EvidenceType(a.Evidence[0]); got != name {
			t.Errorf("%s came back as %s", name, got)
		}
	}
	ev, err := DecodeEvidence([]byte(`{"@odata.type":"#microsoft.graph.security.urlEvidence","url":"https://x.example","z":1}`), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := AppendEvidence(nil, ev)
	if err != nil || !strings.HasSuffix(string(out), `"z":1}`) {
		t.Errorf("%s, %v", out, err)
	}
}

func TestNotANumberIsAnError(t *testing.T) {
	a := &Alert{Evidence: []Evidence{&IPEvidence{Location: &GeoLocation{Latitude: math.NaN()}}}}
	if _, err := a.AppendJSON(nil); err == nil {
		t.Error("NaN was encoded")
	}
}

func TestStringEnd(t *testing.T) {
	for _, s := range []string{`""`, `"a"`, `"\""`, `"\\"`, `"\\\""`, `"a\"b\"c"`, `"\"\""`, `"x\\\\"`} {
		if got := stringEnd([]byte(s+`,"y"`), 0); got != len(s) {
			t.Errorf("%s: end %d, want %d", s, got, len(s))
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain Zürich 東京":       "plain Zürich 東京",
		"a\u202egpj.exe":        "a[U+202E]gpj.exe",
		"x\u200by\n":            "x[U+200B]y[U+000A]",
		"bad\xffbyte":           "bad[xFF]byte",
		"\x1b[31mred":           "[U+001B][31mred",
		"tag\U000e0041":         "tag[U+E0041]",
		"soft\u00adhyphen":      "soft[U+00AD]hyphen",
		"real \ufffd character": "real \ufffd character",
	} {
		if got := Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte(`{"evidence":[{"@odata.type":"processEvidence","processId":"7"}],"createdDateTime":"2025-01-02 03:04"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Decode(data, Limits{})
		if err != nil {
			var fe *FieldError
			if !errors.As(err, &fe) {
				t.Fatalf("not a FieldError: %v", err)
			}
			return
		}
		one, err := a.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Decode(one, Limits{})
		if err != nil {
			t.Fatalf("own output refused: %v\n%s", err, one)
		}
		two, err := b.AppendJSON(nil)
		if err != nil || !bytes.Equal(one, two) {
			t.Fatalf("second round differs: %v\n%s\n%s", err, one, two)
		}
	})
}

// bigSample is an alert of about 5 KB in the form and mixture that an endpoint
// sensor sends.
func bigSample() []byte {
	var b bytes.Buffer
	b.WriteString(`{"@odata.type":"#microsoft.graph.security.alert","id":"da77_1","incidentId":null,"status":"new","severity":"low","classification":null,` +
		`"serviceSource":"microsoftDefenderForEndpoint","detectionSource":"antivirus","detectorId":"e0da400f","title":"Hidden file started",` +
		`"description":"A hidden file has been started.","category":"DefenseEvasion","assignedTo":null,"mitreTechniques":["T1564.001"],` +
		`"createdDateTime":"2025-04-27T12:19:27.7211305Z","lastUpdateDateTime":"2025-05-02T14:19:01.3266667Z","resolvedDateTime":null,"comments":[],"evidence":[`)
	for i := range 5 {
		fmt.Fprintf(&b, `%s{"@odata.type":"#microsoft.graph.security.processEvidence","createdDateTime":"2025-04-27T12:19:27.7211305Z","verdict":"unknown",`+
			`"remediationStatus":"none","remediationStatusDetails":null,"processId":%d,"parentProcessId":668,"processCommandLine":"\"sense.exe\" -k %d",`+
			`"processCreationDateTime":"2025-04-12T12:43:19.0772577Z","detectionStatus":"detected","mdeDeviceId":"73e7e2de709dff64ef64b1d0c30e67fab63279db",`+
			`"roles":[],"detailedRoles":[],"tags":[],"imageFile":{"sha1":"5f1e8acedc065031aad553b710838eb366cfee9a",`+
			`"sha256":"8963a19fb992ad9a76576c5638fd68292cffb9aaac29eb8285f9abf6196a7dec","fileName":"sense.exe","filePath":"C:\\Program Files\\temp","fileSize":6136392,"signer":null},`+
			`"userAccount":{"accountName":"SYSTEM","domainName":"NT AUTHORITY","userSid":"S-1-5-18","azureAdUserId":null,"userPrincipalName":null,"displayName":"System"}}`,
			[]string{"", ","}[min(i, 1)], 4780+i, i)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func BenchmarkDecode(b *testing.B) {
	data := bigSample()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(data, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	a, err := Decode(bigSample(), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 8192)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.AppendJSON(buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
}
