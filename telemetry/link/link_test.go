package link

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-sec/clew/alert"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func request() Request {
	return Request{
		Title: "Beacon", Severity: alert.SeverityHigh, Query: "T | where x", By: "mara", Now: now, Time: 0,
		Columns: []string{"Timestamp", "DeviceName", "AccountUpn", "RemoteIP"},
		Rows: [][]string{
			{"2026-03-01T10:00:00.0000000Z", "ws1.corp.example", "amy@corp.example", "203.0.113.9"},
			{"2026-03-01T09:00:00.0000000Z", "ws1.corp.example", "amy@corp.example", "203.0.113.10"},
			{"2026-03-01T11:00:00.0000000Z", "ws2.corp.example", "amy@corp.example", "203.0.113.9"},
			{"2026-03-01T11:00:00.0000000Z", "", "  ", "203.0.113.9"},
		},
		Marked: map[Kind]int{Device: 1, User: 2},
	}
}

func TestOneAlertPerCombination(t *testing.T) {
	got, err := Alerts(request())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("%d alerts, want 2: rows without a marked entity are none", len(got))
	}
	a := got[0]
	if a.FirstActivityDateTime.Hour() != 9 || a.LastActivityDateTime.Hour() != 10 {
		t.Errorf("seen from %v to %v", a.FirstActivityDateTime, a.LastActivityDateTime)
	}
	if a.DetectionSource != alert.DetectionSourceManual || a.AdditionalData["rows"] != 2 {
		t.Errorf("%v %v", a.DetectionSource, a.AdditionalData)
	}
	if diff := cmp.Diff([]any{"203.0.113.9", "203.0.113.10"}, a.CustomDetails["RemoteIP"]); diff != "" {
		t.Error(diff)
	}
	d, ok := a.Evidence[0].(*alert.DeviceEvidence)
	if !ok || d.DeviceDNSName != "ws1.corp.example" {
		t.Errorf("%+v", a.Evidence[0])
	}
}

func TestTheSameRowsGiveTheSameIDs(t *testing.T) {
	a, _ := Alerts(request())
	b, _ := Alerts(request())
	r := request()
	r.Title = "Another"
	c, _ := Alerts(r)
	if a[0].ID != b[0].ID || a[0].ID == a[1].ID || a[0].ID == c[0].ID {
		t.Error(a[0].ID, b[0].ID, a[1].ID, c[0].ID)
	}
}

func TestBounds(t *testing.T) {
	many := request()
	many.Rows = nil
	for i := range MaxCombinations + 1 {
		many.Rows = append(many.Rows, []string{"", "host" + strconv.Itoa(i)})
	}
	long := request()
	long.Rows = make([][]string, MaxRows+1)
	unmarked, empty := request(), request()
	unmarked.Marked, empty.Rows = nil, [][]string{{}, {"x"}}
	for _, c := range []struct {
		r    Request
		want error
	}{{many, ErrTooMany}, {long, ErrTooLong}, {unmarked, ErrUnmarked}, {empty, ErrNothing}} {
		if _, err := Alerts(c.r); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	huge := request()
	huge.Rows = [][]string{{"", strings.Repeat("é", maxCell)}}
	got, err := Alerts(huge)
	if err != nil || len(got[0].Evidence[0].(*alert.DeviceEvidence).HostName) > maxCell {
		t.Error(err)
	}
}

func TestWhatATextLooksLike(t *testing.T) {
	sha1, sha256 := strings.Repeat("a1", 20), strings.Repeat("b2", 32)
	guid := "6f1b2c3d-0000-4000-8000-00000000abcd"
	for _, c := range []struct {
		kind Kind
		text string
		want any
	}{
		{User, "S-1-5-21-1-2-3-1001", alert.UserAccount{UserSID: "S-1-5-21-1-2-3-1001"}},
		{User, `CORP\amy`, alert.UserAccount{DomainName: "CORP", AccountName: "amy"}},
		{User, guid, alert.UserAccount{AzureADUserID: guid}},
		{User, "amy", alert.UserAccount{AccountName: "amy"}},
		{File, sha1, alert.FileDetails{SHA1: sha1}},
		{File, sha256, alert.FileDetails{SHA256: sha256}},
		{File, `C:\Temp\a.exe`, alert.FileDetails{FilePath: `C:\Temp`, FileName: "a.exe"}},
		{File, "a.exe", alert.FileDetails{FileName: "a.exe"}},
	} {
		var got any
		switch ev := evidence(c.kind, c.text, now).(type) {
		case *alert.UserEvidence:
			got = *ev.UserAccount
		case *alert.FileEvidence:
			got = *ev.FileDetails
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %q: %s", c.kind, c.text, diff)
		}
	}
	for _, k := range Kinds() {
		if got := alert.EvidenceType(evidence(k, "x", now)); got == "" {
			t.Errorf("%s gives no evidence", k)
		}
	}
}
