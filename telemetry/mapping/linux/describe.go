package linux

import (
	"slices"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

func decimal(n int) string { return strconv.Itoa(n) }

// The system calls that make rows, by name and by their numbers on x86-64 and
// arm64.
var (
	execCalls    = []string{"execve", "execveat", "59", "322", "221", "281"}
	connectCalls = []string{"connect", "42", "203"}
	unlinkCalls  = []string{"unlink", "unlinkat", "rmdir", "87", "263", "84", "35"}
	renameCalls  = []string{"rename", "renameat", "renameat2", "82", "264", "316", "38", "276"}
)

// describe names the plan for an event and adds what it needs.
func (e *event) describe(r *plan.Record) string {
	if slices.Contains(e.types, "SYSCALL") {
		return e.describeCall(r)
	}
	if len(e.types) == 0 {
		return ""
	}
	kind := e.types[0]
	r.AddText("System.Type", kind)
	r.AddText("System.User", e.user())
	r.AddText("System.Exe", string(e.get("exe")))
	r.AddText("System.Pid", string(e.get("pid")))
	r.AddText("System.Result", string(e.get("res")))
	switch kind {
	case "USER_LOGIN", "USER_AUTH":
		r.AddText("System.Address", string(e.get("addr")))
		r.AddText("System.Remote", string(e.get("hostname")))
		r.AddText("System.LogonType", logonType(string(e.get("terminal"))))
		return "auditd/logon"
	case "ADD_USER", "DEL_USER", "ADD_GROUP", "DEL_GROUP", "USER_CHAUTHTOK", "USER_MGMT", "GRP_MGMT", "CONFIG_CHANGE", "SERVICE_START",
		"SERVICE_STOP", "ANOM_PROMISCUOUS":
		return "auditd/account"
	}
	return ""
}

// user is the account that a record is about.
func (e *event) user() string {
	for _, key := range []string{"acct", "ID", "UID", "AUID", "id", "uid", "auid"} {
		if v := e.get(key); len(v) > 0 && string(v) != "4294967295" && string(v) != "unset" {
			return string(v)
		}
	}
	return ""
}

func logonType(terminal string) string {
	switch {
	case terminal == "ssh" || strings.HasPrefix(terminal, "/dev/pts"), strings.HasPrefix(terminal, "pts"):
		return "RemoteInteractive"
	case strings.HasPrefix(terminal, "/dev/tty"), strings.HasPrefix(terminal, "tty"), strings.HasPrefix(terminal, ":"):
		return "Interactive"
	case terminal == "cron":
		return "Batch"
	}
	return "Local"
}

func (e *event) describeCall(r *plan.Record) string {
	call := string(e.get("SYSCALL.SYSCALL"))
	if call == "" {
		call = string(e.get("SYSCALL.syscall"))
	}
	succeeded := string(e.get("SYSCALL.success")) != "no"
	switch {
	case slices.Contains(execCalls, call) && succeeded:
		return "auditd/process"
	case slices.Contains(connectCalls, call):
		return e.connection(r)
	case slices.Contains(renameCalls, call) && succeeded:
		r.AddText("System.FileAction", "FileRenamed")
		r.AddText("System.Path", e.path("CREATE", "NORMAL"))
		r.AddText("System.PreviousPath", e.path("DELETE"))
		return "auditd/file"
	case slices.Contains(unlinkCalls, call) && succeeded:
		r.AddText("System.FileAction", "FileDeleted")
		r.AddText("System.Path", e.path("DELETE"))
		return "auditd/file"
	case succeeded && e.path("CREATE") != "":
		r.AddText("System.FileAction", "FileCreated")
		r.AddText("System.Path", e.path("CREATE"))
		return "auditd/file"
	}
	return ""
}

func (e *event) connection(r *plan.Record) string {
	ip, port := string(e.get("laddr")), string(e.get("lport"))
	if ip == "" {
		ip, port = address(e.get("saddr"))
	}
	if ip == "" {
		return "" // a socket of the host itself
	}
	r.AddText("System.RemoteIP", ip)
	r.AddText("System.RemotePort", port)
	return "auditd/connect"
}

// path finds the path whose record has one of the kinds, made absolute.
func (e *event) path(kinds ...string) string {
	name := ""
	for i, key := range e.keys {
		switch key {
		case "PATH.name":
			name = string(e.text[i])
		case "PATH.nametype":
			if slices.Contains(kinds, string(e.text[i])) && name != "" {
				if cwd := string(e.get("CWD.cwd")); !strings.HasPrefix(name, "/") && cwd != "" {
					return strings.TrimSuffix(cwd, "/") + "/" + name
				}
				return name
			}
		}
	}
	return ""
}
