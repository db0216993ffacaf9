package wazuh

import (
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
)

// windows reads an event of the Windows event log or of Sysmon. The agent writes
// the names of event data with a small first letter.
func windows(a *alert.Alert, win source.Object) {
	data := win.Object("eventdata")
	if data == nil {
		return
	}
	addUser(a, data.Text("targetUserName"), data.Text("targetDomainName"), data.Text("targetUserSid", "targetSid"), alert.RoleDestination)
	addUser(a, data.Text("subjectUserName"), data.Text("subjectDomainName"), data.Text("subjectUserSid"), alert.RoleSource)
	addUser(a, data.Text("user"), "", "")
	source.AddIP(a, data.Text("ipAddress", "sourceIp"), alert.RoleSource)
	source.AddIP(a, data.Text("destinationIp"), alert.RoleDestination)
	windowsProcess(a, data)
	if d := image(data.Text("targetFilename", "imageLoaded")); d != nil {
		if data.Has("imageLoaded") {
			hashes(d, data.Text("hashes"))
		}
		a.Evidence = append(a.Evidence, &alert.FileEvidence{FileDetails: d})
	}
	defender(a, data)
	if object := data.Text("targetObject"); object != "" {
		windowsRegistry(a, object, data.Text("details"))
	}
	if name := data.Text("queryName"); name != "" {
		a.Evidence = append(a.Evidence, &alert.DNSEvidence{DomainName: name})
	}
}

func windowsProcess(a *alert.Alert, data source.Object) {
	p := &alert.ProcessEvidence{
		ImageFile:              image(data.Text("image", "newProcessName", "sourceImage", "processName")),
		ProcessCommandLine:     data.Text("commandLine"),
		ProcessID:              data.Int("processId", "newProcessId", "sourceProcessId"),
		ParentProcessID:        data.Int("parentProcessId"),
		ParentProcessImageFile: image(data.Text("parentImage", "parentProcessName")),
	}
	if data.Has("newProcessName") {
		p.ProcessID, p.ParentProcessID = data.Int("newProcessId"), data.Int("processId")
	}
	if p.ImageFile == nil && p.ProcessCommandLine == "" {
		return
	}
	if p.ImageFile != nil && !data.Has("imageLoaded") {
		hashes(p.ImageFile, data.Text("hashes"))
	}
	if name, domain, upn := source.SplitAccount(data.Text("user", "subjectUserName")); name != "" {
		if domain == "" {
			domain = data.Text("subjectDomainName")
		}
		p.UserAccount = &alert.UserAccount{AccountName: name, DomainName: domain, UserPrincipalName: upn}
	}
	a.Evidence = append(a.Evidence, p)
}

// hashes reads Sysmon's "SHA1=…,MD5=…,SHA256=…,IMPHASH=…".
func hashes(d *alert.FileDetails, text string) {
	for _, part := range strings.Split(text, ",") {
		algorithm, value, ok := strings.Cut(part, "=")
		switch algorithm {
		case "MD5", "SHA1", "SHA256":
			if ok {
				source.SetHash(d, algorithm, value)
			}
		}
	}
}

// registryHives maps Sysmon's short names of hives to the usual ones.
var registryHives = map[string]string{"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS", "HKCR": "HKEY_CLASSES_ROOT", "HKCU": "HKEY_CURRENT_USER"}

func windowsRegistry(a *alert.Alert, object, details string) {
	hive, rest, _ := strings.Cut(object, `\`)
	if full, ok := registryHives[hive]; ok {
		hive = full
	}
	key, value := source.SplitPath(rest)
	a.Evidence = append(a.Evidence, &alert.RegistryValueEvidence{RegistryHive: hive, RegistryKey: key, RegistryValueName: value, RegistryValue: details})
}

// defender reads a detection that Windows Defender wrote to the event log. Its
// fields have spaces in their names, its path a kind in front.
func defender(a *alert.Alert, data source.Object) {
	threat := data.Text("threat Name")
	if threat == "" {
		return
	}
	a.ThreatDisplayName = threat
	m := &alert.MalwareEvidence{Name: threat, Category: data.Text("category Name")}
	m.Verdict = alert.VerdictMalicious
	a.Evidence = append(a.Evidence, m)
	for _, part := range strings.Split(data.Text("path"), ";") {
		path, ok := strings.CutPrefix(strings.TrimSpace(part), "file:_")
		if d := image(path); ok && d != nil {
			a.Evidence = append(a.Evidence, &alert.FileEvidence{EvidenceBase: alert.EvidenceBase{Verdict: alert.VerdictMalicious}, FileDetails: d})
		}
	}
	addUser(a, data.Text("detection User"), "", "")
}
