package view

import (
	"bytes"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/telemetry"
	"github.com/clew-sec/clew/telemetry/rowtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, file string, batch *telemetry.Batch) {
	t.Helper()
	var out bytes.Buffer
	for _, row := range batch.Rows {
		rowtest.Check(t, row)
		rowtest.Print(&out, "clew", row)
	}
	if *update {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", file, out.String())
	}
}

var at = time.Date(2026, 3, 2, 7, 14, 6, 0, time.UTC)

func sample() *alert.Alert {
	user := &alert.UserAccount{AccountName: "m.rossi", DomainName: "corp", UserSID: "S-1-5-21-1-2-3-1104", UserPrincipalName: "m.rossi@corp.example"}
	file := &alert.FileDetails{FileName: "upd.exe", FilePath: `C:\Users\Public`, SHA1: "AB12", FileSize: 512}
	impacted := alert.EvidenceBase{Roles: []alert.Role{alert.RoleCompromised}, CreatedDateTime: at}
	attacker := alert.EvidenceBase{Roles: []alert.Role{alert.RoleAttacker, alert.RoleSource}}
	return &alert.Alert{
		ID: "a1", ProviderAlertID: "p1", Title: "Suspicious tool </script> \xff", Description: "A tool ran.", Severity: alert.SeverityHigh,
		Status: alert.StatusInProgress, Category: "CredentialAccess", MITRETechniques: []string{"T1003.001", "T9999"}, DetectorID: "rule-7",
		ServiceSource: alert.ServiceSourceMicrosoftDefenderForEndpoint, DetectionSource: alert.DetectionSourceAntivirus,
		CreatedDateTime: at, LastUpdateDateTime: at.Add(time.Minute), FirstActivityDateTime: at.Add(-time.Hour), LastActivityDateTime: at,
		CustomDetails: map[string]any{"Command": "x"}, ThreatFamilyName: "Mimi",
		Evidence: []alert.Evidence{
			&alert.DeviceEvidence{EvidenceBase: impacted, DeviceDNSName: "WS-014.corp.example", MDEDeviceID: "d1", LastIPAddress: "10.20.0.14"},
			&alert.UserEvidence{UserAccount: user},
			&alert.ProcessEvidence{ProcessID: 7300, ProcessCommandLine: "upd.exe -x", ImageFile: file, UserAccount: user, MDEDeviceID: "d1"},
			&alert.FileEvidence{FileDetails: file},
			&alert.IPEvidence{EvidenceBase: attacker, IPAddress: "203.0.113.7"},
			&alert.URLEvidence{URL: "https://cdn.example.net/a"},
			&alert.RegistryValueEvidence{RegistryHive: "HKEY_LOCAL_MACHINE", RegistryKey: `SOFTWARE\Run`, RegistryValueName: "upd", RegistryValue: "C:\\upd.exe"},
			&alert.AnalyzedMessageEvidence{NetworkMessageID: "m1", Subject: "Invoice", RecipientEmailAddress: "m.rossi@corp.example"},
			&alert.AmazonResourceEvidence{AmazonResourceID: "arn:aws:s3:::acme", ResourceType: "AWS::S3::Bucket", AmazonAccountID: "111122223333"},
			&alert.OauthApplicationEvidence{AppID: "app", DisplayName: "Mail reader"},
			&alert.SecurityGroupEvidence{DisplayName: "admins"},
		},
	}
}

func TestAlertRows(t *testing.T) {
	var b telemetry.Batch
	Alert(sample(), &b, Options{Tenant: "acme", BaseURL: "https://clew.example/"})
	golden(t, "testdata/alert.rows", &b)
}

func TestBehaviorRows(t *testing.T) {
	var b telemetry.Batch
	a := sample()
	a.Evidence = a.Evidence[:3]
	Behavior(a, &b, Options{Tenant: "acme"})
	golden(t, "testdata/behavior.rows", &b)
}

func TestOtherRows(t *testing.T) {
	var b telemetry.Batch
	opt := Options{Tenant: "acme", BaseURL: "https://clew.example"}
	Incident{
		Number: 12, Name: "Hands-on-keyboard attack", Status: "redirected", Severity: alert.SeverityMedium, Owner: "anna", Labels: []string{"ransom"},
		AlertIDs: []string{"a1", "a2"}, Tactics: []string{"CredentialAccess"}, AlertCount: 2, Created: at, Modified: at.Add(time.Hour), Closed: at,
		FirstActivity: at.Add(-time.Hour), LastActivity: at, Classification: alert.ClassificationTruePositive,
		Determination: alert.DeterminationMalware, Comment: "real", ModifiedBy: "anna",
		Tasks: []Task{
			{Title: "Isolate <b>", Status: "New", CreatedAt: at, CreatedBy: "anna"},
			{Title: "Ask", Description: "by phone\nbefore noon", Status: "Completed", CreatedAt: at, CreatedBy: "anna", CompletedAt: at.Add(time.Hour), CompletedBy: "ben"},
		},
	}.Add(&b, opt)
	Incident{Number: 1 << 40, Name: "A number that is too large for the column", Status: "active", Modified: at}.Add(&b, opt)
	enabled := false
	Identity{
		Updated: at, ObjectID: "o1", UPN: "anna@corp.example", SID: "S-1-5-21-1-2-3-1105", Name: "anna", Domain: "corp", DisplayName: "Anna Berg",
		Roles: []string{"Global Administrator"}, Enabled: &enabled, Criticality: "critical", Tags: []string{"Sensitive"},
	}.Add(&b, opt)
	Device{
		Updated: at, ID: "d1", Name: "WS-014.CORP.example", OSPlatform: "Windows11", OSBuild: 22631, Tags: []string{"vip"}, Onboarded: true,
		Users: []string{`CORP\anna`, "local"}, Value: "High",
	}.Add(&b, opt)
	golden(t, "testdata/other.rows", &b)
}

// TestAlertsWithoutTimes: an alert that lacks every time still makes rows.
func TestAlertsWithoutTimes(t *testing.T) {
	var b telemetry.Batch
	Alert(&alert.Alert{ID: "a"}, &b, Options{})
	if len(b.Rows) != 2 {
		t.Errorf("%d rows", len(b.Rows))
	}
	for _, row := range b.Rows {
		rowtest.Check(t, row)
	}
}

// TestEveryEvidenceHasItsRow: whatever kind of evidence an alert has, nothing of
// it is lost.
func TestEveryEvidenceHasItsRow(t *testing.T) {
	for _, kind := range alert.EvidenceTypes() {
		var b telemetry.Batch
		Alert(&alert.Alert{ID: "a", Evidence: []alert.Evidence{alert.NewEvidence(kind)}}, &b, Options{})
		if len(b.Rows) != 3 {
			t.Errorf("%s: %d rows", kind, len(b.Rows))
			continue
		}
		rowtest.Check(t, b.Rows[1])
		for _, column := range []string{"EntityType", "EvidenceRole", "AdditionalFields"} {
			if v, _ := b.Rows[1].Field(column); v.Text == "" {
				t.Errorf("%s: %s is empty", kind, column)
			}
		}
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "unknown": "", "high": "High", "microsoftDefenderForEndpoint": "Microsoft Defender for Endpoint",
		"microsoft365Defender": "Microsoft Defender XDR", "microsoftDefenderForOffice365": "Microsoft Defender for Office 365",
		"microsoftSecurityForAI": "Microsoft Security for AI", "microsoftDefenderForDNS": "Microsoft Defender for DNS",
		"microsoftDefenderForIoT": "Microsoft Defender for IoT", "microsoftSentinel": "Microsoft Sentinel",
	} {
		if got := words(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
