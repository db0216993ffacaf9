package windows

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

// family returns the group of plans that an event's log has.
func (e *event) family() string {
	switch {
	case e.channel == sysmonChannel || e.provider == sysmonProvider || e.provider == linuxSysmon:
		return "sysmon"
	case strings.EqualFold(e.channel, "Security"):
		return "security"
	case e.channel == "System":
		return "system"
	case strings.HasPrefix(e.channel, "Microsoft-Windows-PowerShell/"), strings.HasPrefix(e.channel, "PowerShellCore/"):
		return "powershell"
	case strings.HasPrefix(e.channel, "Microsoft-Windows-Windows Defender/"):
		return "defender"
	}
	return "event"
}

type planKey struct {
	family string
	id     int
}

// byID are the plans of single event ids.
var byID = func() map[planKey]*plan.Plan {
	out := map[planKey]*plan.Plan{}
	for name, p := range plans {
		family, id, _ := strings.Cut(name, "/")
		if n, err := strconv.Atoi(id); err == nil {
			out[planKey{family, n}] = p
		}
	}
	return out
}()

// derive adds the fields that several columns or texts of the event make up
// together, and returns the plans to run.
func (e *event) derive(w *plan.Writer) []*plan.Plan {
	own := byID[planKey{e.kind, e.id}]
	if own != nil {
		e.derivd = append(e.derivd, own)
	}
	switch e.kind {
	case "security":
		e.security(!w.Skips(securityEvent))
		e.derivd = append(e.derivd, anySecurity)
		return e.derivd
	case "sysmon":
		e.sysmon()
	case "powershell":
		e.powershell()
	}
	if e.provider == linuxSysmon {
		return e.derivd // its lines are kept as syslog
	}
	xml, json := !w.Skips(eventTable), !w.Skips(windowsEvent)
	if !xml && !json {
		return e.derivd
	}
	e.level()
	if xml {
		e.eventXML()
	}
	if json {
		e.eventJSON()
	}
	e.derivd = append(e.derivd, anyEvent)
	return e.derivd
}

func (e *event) get(key string) []byte { return e.record.Text(key) }

func (e *event) add(name string, v plan.Value) { e.record.Add(name, v) }

func (e *event) addText(name, text string) { e.record.Add(name, plan.TextOf([]byte(text))) }

// sysmon splits the registry path and the data of a value, and packs the rights
// over a process and a name query into the objects that hunters know.
func (e *event) sysmon() {
	switch e.id {
	case 12, 13:
		kind := e.get("EventType")
		if len(kind) == 0 {
			kind = messageField(e.get("System.Message"), "EventType: ")
			e.add("System.EventType", plan.TextOf(kind))
		}
		named := e.id == 13 || bytes.HasSuffix(kind, []byte("Value"))
		e.registryPath(e.get("TargetObject"), named)
		if e.id == 13 {
			e.registryData(e.get("Details"))
		}
	case 10:
		e.desiredAccess()
	case 22:
		e.add("System.Query", e.object("DnsQueryString", "QueryName", "DnsQueryResult", "QueryResults", "QueryStatus", "QueryStatus"))
	}
}

// desiredAccess gives the rights over a process as the number by which hunters
// ask for them; the log writes them in hexadecimal digits and under a name of
// its own, which stays beside it.
func (e *event) desiredAccess() {
	rights, err := strconv.ParseUint(string(e.get("GrantedAccess")), 0, 32)
	if err != nil {
		return
	}
	n := len(e.buf)
	e.buf = append(strconv.AppendUint(append(e.buf, `{"DesiredAccess":`...), rights, 10), '}')
	e.add("System.Access", plan.TextOf(e.buf[n:len(e.buf):len(e.buf)]))
}

// messageField finds a line of the message, for collectors that put a field of
// their own over the event's.
func messageField(message []byte, prefix string) []byte {
	_, rest, _ := bytes.Cut(message, []byte(prefix))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return bytes.TrimRight(line, "\r ")
}

// object packs fields into a JSON object: pairs of a new and a present name.
func (e *event) object(names ...string) plan.Value {
	n := len(e.buf)
	e.buf = append(e.buf, '{')
	for i := 0; i+1 < len(names); i += 2 {
		v, ok := e.record.Get(names[i+1])
		if !ok {
			continue
		}
		if len(e.buf) > n+1 {
			e.buf = append(e.buf, ',')
		}
		e.buf = append(plan.AppendString(e.buf, names[i]), ':')
		e.buf = plan.AppendValue(e.buf, v)
	}
	e.buf = append(e.buf, '}')
	return plan.TextOf(e.buf[n:len(e.buf):len(e.buf)])
}

// hives are the roots of the registry as logs shorten them, and in full.
var hives = []struct{ short, full string }{
	{`HKLM\`, `HKEY_LOCAL_MACHINE\`}, {`HKU\`, `HKEY_USERS\`}, {`HKCU\`, `HKEY_CURRENT_USER\`}, {`HKCR\`, `HKEY_CLASSES_ROOT\`},
	{`\REGISTRY\MACHINE\`, `HKEY_LOCAL_MACHINE\`}, {`\REGISTRY\USER\`, `HKEY_USERS\`}, {`\REGISTRY\A\`, `HKEY_APPLICATION\`},
}

// registryPath adds key and, when the path ends in one, value name.
func (e *event) registryPath(path []byte, named bool) {
	prefix := ""
	for _, h := range hives {
		if rest, ok := bytes.CutPrefix(path, []byte(h.short)); ok {
			prefix, path = h.full, rest
			break
		}
	}
	if i := bytes.LastIndexByte(path, '\\'); named && i >= 0 {
		e.add("System.RegistryValueName", plan.TextOf(path[i+1:]))
		path = path[:i]
	}
	e.add("System.RegistryKey", e.text([]byte(prefix), path))
}

// registryData reads Sysmon's way of writing a value: "DWORD (0x00000001)",
// "QWORD (0x…-0x…)", "Binary Data", or the text.
func (e *event) registryData(details []byte) {
	kind, data := "String", details
	switch {
	case bytes.HasPrefix(details, []byte("DWORD (0x")):
		kind = "Dword"
		if n, err := strconv.ParseUint(string(bytes.Trim(details[9:], ")")), 16, 32); err == nil {
			data = strconv.AppendUint(nil, n, 10)
		}
	case bytes.HasPrefix(details, []byte("QWORD (0x")):
		kind = "Qword"
		hexa := strings.NewReplacer("-0x", "", ")", "").Replace(string(details[9:]))
		if n, err := strconv.ParseUint(hexa, 16, 64); err == nil {
			data = strconv.AppendUint(nil, n, 10)
		}
	case string(details) == "Binary Data":
		kind = "Binary"
	}
	e.addText("System.RegistryValueType", kind)
	e.add("System.RegistryValueData", plan.TextOf(data))
}

// powershell packs a command into the object that hunters know.
func (e *event) powershell() {
	switch e.id {
	case 4104:
		e.add("System.Command", e.object("Command", "ScriptBlockText", "ScriptBlockId", "ScriptBlockId", "Path", "Path",
			"MessageNumber", "MessageNumber", "MessageTotal", "MessageTotal"))
	case 4103:
		e.add("System.Command", e.object("Command", "Payload", "ContextInfo", "ContextInfo"))
	}
}

var levelNames = map[string]string{"0": "LogAlways", "1": "Critical", "2": "Error", "3": "Warning", "4": "Information", "5": "Verbose"}

// levelNumbers are the words of collectors, small.
var levelNumbers = map[string]string{
	"critical": "1", "error": "2", "warning": "3", "information": "4", "info": "4", "verbose": "5", "debug": "5",
}

// level makes number and name of the importance from one another. What cannot be
// told stays as the collector wrote it.
func (e *event) level() {
	name, number := e.get("System.GivenLevelName"), string(e.get("System.Level"))
	if number == "" {
		number = levelNumbers[strings.ToLower(string(name))]
		if number != "" {
			e.addText("System.Level", number)
		}
	}
	if known, ok := levelNames[number]; ok {
		e.addText("System.LevelName", known)
	} else if len(name) > 0 {
		e.add("System.LevelName", plan.TextOf(name))
	}
}

// eventXML writes the data as the XML that Sentinel keeps in EventData.
func (e *event) eventXML() {
	n := len(e.buf)
	e.buf = append(e.buf, `<DataItem type="System.XmlData"><EventData xmlns="http://schemas.microsoft.com/win/2004/08/events/event">`...)
	for _, p := range e.record.Pairs[:e.data] {
		e.buf = append(e.buf, `<Data Name="`...)
		e.buf = appendXML(e.buf, p.Key)
		e.buf = append(e.buf, `">`...)
		if text, ok := p.Value.Bytes(); ok {
			e.buf = appendXML(e.buf, text)
		} else {
			e.buf = appendXML(e.buf, plan.AppendValue(nil, p.Value))
		}
		e.buf = append(e.buf, `</Data>`...)
	}
	e.buf = append(e.buf, `</EventData></DataItem>`...)
	e.add("System.EventXML", plan.TextOf(e.buf[n:len(e.buf):len(e.buf)]))
}

// inXML tells which bytes of a text can't stand in XML as they are.
var inXML = func() (escaped [256]bool) {
	for c := range escaped {
		escaped[c] = c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == '<' || c == '>' || c == '&' || c == '"'
	}
	return escaped
}()

// appendXML escapes a text; control characters that XML cannot hold become
// U+FFFD.
func appendXML[T string | []byte](dst []byte, s T) []byte {
	start := 0
	for i := range len(s) {
		if !inXML[s[i]] {
			continue
		}
		escape := "\uFFFD"
		switch s[i] {
		case '<':
			escape = "&lt;"
		case '>':
			escape = "&gt;"
		case '&':
			escape = "&amp;"
		case '"':
			escape = "&quot;"
		}
		dst = append(append(dst, s[start:i]...), escape...)
		start = i + 1
	}
	return append(dst, s[start:]...)
}

func (e *event) eventJSON() {
	n := len(e.buf)
	e.buf = append(e.buf, '{')
	for i, p := range e.record.Pairs[:e.data] {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = append(plan.AppendString(e.buf, p.Key), ':')
		e.buf = plan.AppendValue(e.buf, p.Value)
	}
	e.buf = append(e.buf, '}')
	e.add("System.EventJSON", plan.TextOf(e.buf[n:len(e.buf):len(e.buf)]))
}
