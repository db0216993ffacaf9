package windows

import (
	"bytes"
	"strconv"

	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

// security adds what SecurityEvent holds beside the fields of the event: the
// accounts in one piece, the title, the kind of logon in words, and what single
// events need.
func (e *event) security(kept bool) {
	e.perEvent()
	if !kept {
		return
	}
	subject := e.join("SubjectDomainName", "SubjectUserName")
	target := e.join("TargetDomainName", "TargetUserName")
	e.addIf("System.SubjectAccount", subject)
	e.addIf("System.TargetAccount", target)
	account := subject
	if len(target) > 0 && accountIsTarget[e.id] {
		account = target
	}
	if len(account) > 0 {
		e.add("System.Account", plan.TextOf(account))
		e.addText("System.AccountType", accountType(account))
	}
	e.activity()
	if path := e.firstOf("NewProcessName", "ProcessName"); len(path) > 1 {
		e.add("System.Process", plan.TextOf(path[bytes.LastIndexAny(path, `\/`)+1:]))
	}
	if name, ok := logonTypes[string(e.get("LogonType"))]; ok {
		e.addText("System.LogonTypeName", name)
	}
	e.level()
	if !e.allHaveColumns() {
		e.eventXML()
	}
}

// join returns DOMAIN\user.
func (e *event) join(domain, user string) []byte {
	d, u := e.get(domain), e.get(user)
	switch {
	case len(u) == 0 || string(u) == "-":
		return nil
	case len(d) == 0 || string(d) == "-":
		return u
	}
	return e.text(d, []byte(`\`), u).Text
}

func (e *event) addIf(name string, text []byte) {
	if len(text) > 0 {
		e.add(name, plan.TextOf(text))
	}
}

func (e *event) firstOf(keys ...string) []byte {
	for _, k := range keys {
		if text := e.get(k); len(text) > 0 {
			return text
		}
	}
	return nil
}

// accountIsTarget are the events whose account is the one that was logged on or
// validated, not the one that asked for it.
var accountIsTarget = map[int]bool{4624: true, 4625: true, 4634: true, 4647: true, 4768: true, 4769: true, 4771: true, 4776: true, 4740: true}

func accountType(account []byte) string {
	if bytes.HasSuffix(account, []byte("$")) {
		return "Machine"
	}
	return "User"
}

// activity is the number and title of an event; the title is the first line of
// the message.
func (e *event) activity() {
	title, _, _ := bytes.Cut(e.get("System.Message"), []byte("\n"))
	title = bytes.TrimRight(title, "\r .")
	number := strconv.Itoa(e.id)
	if len(title) == 0 {
		e.addText("System.Activity", number)
		return
	}
	e.add("System.Activity", e.text([]byte(number), []byte(" - "), title, []byte(".")))
}

var logonTypes = map[string]string{
	"0": "0 - System", "2": "2 - Interactive", "3": "3 - Network", "4": "4 - Batch", "5": "5 - Service", "7": "7 - Unlock",
	"8": "8 - NetworkCleartext", "9": "9 - NewCredentials", "10": "10 - RemoteInteractive", "11": "11 - CachedInteractive",
	"12": "12 - CachedRemoteInteractive", "13": "13 - CachedUnlock",
}

// The GUIDs of the three rights that copying a directory's secrets needs.
var replicationRights = [][]byte{
	[]byte("1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"), []byte("1131f6ad-9c07-11d1-f79f-00c04fc2dcd2"), []byte("89e95b76-444d-4c62-991a-0facbeda640c"),
}

// perEvent adds what single events need.
func (e *event) perEvent() {
	switch e.id {
	case 4688:
		sid, logon := "TargetUserSid", "TargetLogonId"
		if target := e.get("TargetUserName"); len(target) == 0 || string(target) == "-" {
			sid, logon = "SubjectUserSid", "SubjectLogonId"
		}
		e.addIf("System.NewProcessSid", e.get(sid))
		e.addIf("System.NewProcessLogon", e.get(logon))
	case 4624:
		if elevated := e.get("ElevatedToken"); len(elevated) > 0 && e.isPerson() {
			e.addIf("System.IsLocalAdmin", elevated)
		}
	case 4625, 4768, 4769, 4771, 4776:
		e.failureReason()
	case 4657:
		e.registryPath(e.get("ObjectName"), false)
	case 4662:
		properties := bytes.ToLower(e.get("Properties"))
		for _, right := range replicationRights {
			if bytes.Contains(properties, right) {
				e.addText("System.Replication", "true")
				return
			}
		}
	}
}

// isPerson tells a user's logon from that of a machine or a service.
func (e *event) isPerson() bool {
	kind := string(e.get("LogonType"))
	return kind != "5" && kind != "0" && !bytes.HasSuffix(e.get("TargetUserName"), []byte("$"))
}

// failures are the codes of refused logons, of Windows and of Kerberos, in the
// words of the logon tables.
var failures = map[string]string{
	"0xc000006a": "InvalidUserNameOrPassword", "0xc0000064": "InvalidUserNameOrPassword", "0xc000006d": "InvalidUserNameOrPassword",
	"0xc0000072": "AccountDisabled", "0xc0000234": "AccountLocked", "0xc0000071": "PasswordExpired", "0xc0000193": "AccountExpired",
	"0xc000006f": "InvalidLogonHours", "0xc0000070": "InvalidWorkstation", "0xc0000224": "PasswordMustChange", "0xc000015b": "LogonTypeNotGranted",
	"0xc0000133": "ClockSkew", "0x6": "UserNotFound", "0x12": "AccountDisabled", "0x17": "PasswordExpired", "0x18": "WrongPassword", "0x25": "ClockSkew",
}

func (e *event) failureReason() {
	for _, key := range []string{"SubStatus", "Status"} {
		if reason, ok := failures[string(bytes.ToLower(e.get(key)))]; ok {
			e.addText("System.FailureReason", reason)
			return
		}
	}
}

// allHaveColumns tells whether SecurityEvent has a column for every field.
func (e *event) allHaveColumns() bool {
	for _, p := range e.record.Pairs[:e.data] {
		if _, ok := securityEvent.Column(p.Key); !ok {
			return false
		}
	}
	return true
}
