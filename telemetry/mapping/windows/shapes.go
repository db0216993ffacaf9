package windows

import (
	"slices"
	"strings"

	"github.com/clew-sec/clew/telemetry/mapping/plan"
	"github.com/valyala/fastjson"
)

type shape func(s *Source, e *event, r *plan.Record) error

// shapeOf tells how a JSON record holds its event.
func shapeOf(r *plan.Record) (shape, bool) {
	switch {
	case r.Has("winlog"):
		return (*Source).readBeat, true
	case r.Has("Event") && r.Object.Exists("Event", "System"):
		return (*Source).readTree, true
	case r.Has("System", "EventData") && r.Object.Exists("System", "EventID"):
		return (*Source).readTree, true
	case r.Has("EventID", "Channel") && !r.Has("TimeGenerated"):
		return (*Source).readFlat, true
	case r.Has("EventID", "Computer", "TimeGenerated") && !r.Has("Type"):
		return (*Source).readFlat, true
	case r.Has("EventID") && (r.Has("SourceName", "Hostname") || r.Has("ProviderName", "Computer")):
		return (*Source).readFlat, true
	}
	return nil, false
}

// flatHeader are the keys of a flat record that are no data of the event. Those
// that map to "" are the collector's own and say nothing about the event.
var flatHeader = map[string]string{
	"Channel": "System.Channel", "SourceName": "System.Provider", "ProviderName": "System.Provider", "Provider": "System.Provider",
	"ProviderGuid": "System.ProviderGuid", "EventID": "System.EventID", "Hostname": "System.Computer", "Computer": "System.Computer",
	"RecordNumber": "System.EventRecordID", "EventRecordID": "System.EventRecordID", "RecordID": "System.EventRecordID",
	"Task": "System.Task", "OpcodeValue": "System.Opcode", "Keywords": "System.Keywords", "Level": "System.Level",
	"ExecutionProcessID": "System.ProcessID", "ThreadID": "System.ThreadID", "UserID": "System.UserID", "Version": "System.Version",
	"Message": "System.Message", "ActivityID": "System.ActivityID", "Severity": "System.GivenLevelName",
	"AccountName": "System.UserName", "EventType": "", "ProcessID": "System.ProcessID", "Domain": "", "AccountType": "", "Opcode": "", "Category": "", "SeverityValue": "",
	"EventTime": "", "TimeCreated": "", "TimeGenerated": "", "TenantId": "", "SourceSystem": "", "@timestamp": "", "EventReceivedTime": "", "MessageTitle": "", "EventTypeOrignal": "",
	"tags": "", "@version": "", "host": "", "port": "", "SourceModuleName": "", "SourceModuleType": "", "type": "", "ERROR_EVT_UNRESOLVED": "",
	"p_log_type": "", "p_event_time": "", "p_parse_time": "", "p_row_id": "",
}

// readFlat reads one object with header and data side by side.
func (s *Source) readFlat(e *event, r *plan.Record) error {
	flags := s.flags(e, r)
	e.held = e.held[:0]
	for i := range r.Pairs {
		p, k := &r.Pairs[i], s.flat[i]
		switch {
		case k.role == holdsData && p.Value.JSON.Type() == fastjson.TypeObject:
			s.reader.Pairs(p.Value.JSON, &e.record)
		case !k.header || flags.isData(k.role, p.Value):
			e.setData(p.Key, p.Value)
		case k.name != "":
			e.held = append(e.held, plan.Pair{Key: k.name, Value: p.Value})
		}
	}
	e.data = len(e.record.Pairs)
	for _, p := range e.held {
		e.setHeader(p.Key, p.Value)
	}
	if e.channel == "" && (e.provider == securityProvider || e.provider == "" && isSecurity(e.id)) {
		e.setHeader("System.Channel", plan.TextOf([]byte("Security")))
	}
	if e.time != nil {
		e.record.Add("System.TimeCreated", plan.TextOf(e.time))
	}
	return nil
}

// isSecurity tells whether an id is one of the security log, whose ids no other
// log uses in this range.
func isSecurity(id int) bool { return id >= 4608 && id <= 5168 || id == 1102 }

// flags looks over the record for what decides how it is read, and its time. It
// leaves what the keys are in s.flat.
func (s *Source) flags(e *event, r *plan.Record) flatFlags {
	f := flatFlags{userData: true, ownPID: true}
	pid, rank := false, len(flatTimes)
	s.flat = s.flat[:0]
	for i := range r.Pairs {
		p := &r.Pairs[i]
		k := s.headerAt(i, p.Key)
		s.flat = append(s.flat, k)
		if k.rank < rank {
			if text, _ := p.Value.Bytes(); len(text) > 0 {
				e.time, rank = text, k.rank
			}
			continue
		}
		switch k.role {
		case sourceName:
			text, _ := p.Value.Bytes()
			f.sysmon = string(text) == sysmonProvider
		case accountKind: // AccountName is data where no header field goes with it
			f.userData = false
		case executionPID:
			f.ownPID = false
		case processID:
			pid = true
		}
	}
	f.ownPID = f.ownPID && pid
	return f
}

// headerAt looks a key up among those of the header. It remembers the answers by
// position, since the records of a stream have their keys in the same order.
func (s *Source) headerAt(i int, key string) *flatKey {
	if i < len(s.keys) && s.keys[i].key == key {
		return s.keys[i]
	}
	k := &flatKey{key: strings.Clone(key), rank: len(flatTimes), role: flatRoles[key]}
	k.name, k.header = flatHeader[key]
	if rank := slices.Index(flatTimes, key); rank >= 0 {
		k.rank = rank
	}
	switch {
	case i < len(s.keys):
		s.keys[i] = k
	case i == len(s.keys) && i < 200:
		s.keys = append(s.keys, k)
	}
	return k
}

// flatKey is what a key of a flat record is.
type flatKey struct {
	key, name string
	header    bool
	role      flatRole
	rank      int // among the times; their number when it is none
}

// flatRole is what a key decides beside its own place.
type flatRole uint8

const (
	_ flatRole = iota
	sourceName
	accountKind
	executionPID
	processID
	eventType
	headerPID
	accountName
	holdsData // as an object
)

var flatRoles = map[string]flatRole{
	"SourceName": sourceName, "AccountType": accountKind, "ExecutionProcessID": executionPID, "ProcessId": processID, "EventType": eventType,
	"ProcessID": headerPID, "AccountName": accountName, "Domain": accountName,
	"ExtraEventData": holdsData, "EventData": holdsData, "event_data": holdsData, "UserData": holdsData,
}

type flatFlags struct{ sysmon, userData, ownPID bool }

// isData tells whether a key that may be of the header is the event's own here.
func (f flatFlags) isData(role flatRole, v plan.Value) bool {
	switch role {
	case eventType:
		return f.sysmon && !isSeverity(v)
	case headerPID:
		return !f.ownPID
	case accountName:
		return f.userData
	}
	return false
}

// isSeverity tells the collector's EventType (INFO, AUDIT_SUCCESS) from Sysmon's
// (SetValue).
func isSeverity(v plan.Value) bool {
	text, _ := v.Bytes()
	switch string(text) {
	case "", "INFO", "WARNING", "ERROR", "CRITICAL", "VERBOSE", "AUDIT_SUCCESS", "AUDIT_FAILURE":
		return true
	}
	return false
}

// flatTimes are where the time of the event is, the best first. EventTime is
// local time of an unknown zone where @timestamp, a few seconds later, is UTC.
var flatTimes = []string{"TimeCreated", "TimeGenerated", "@timestamp", "EventTime", "p_event_time", "UtcTime"}

var beatHeader = []struct {
	name string
	path []string
}{
	{"System.Provider", []string{"winlog", "provider_name"}},
	{"System.ProviderGuid", []string{"winlog", "provider_guid"}},
	{"System.Channel", []string{"winlog", "channel"}},
	{"System.EventID", []string{"winlog", "event_id"}},
	{"System.Computer", []string{"winlog", "computer_name"}},
	{"System.EventRecordID", []string{"winlog", "record_id"}},
	{"System.TimeCreated", []string{"@timestamp"}},
	{"System.Task", []string{"winlog", "task_value"}},
	{"System.Opcode", []string{"winlog", "opcode"}},
	{"System.Version", []string{"winlog", "version"}},
	{"System.ActivityID", []string{"winlog", "activity_id"}},
	{"System.Keywords", []string{"winlog", "keywords"}},
	{"System.ProcessID", []string{"winlog", "process", "pid"}},
	{"System.ThreadID", []string{"winlog", "process", "thread", "id"}},
	{"System.UserID", []string{"winlog", "user", "identifier"}},
	{"System.UserName", []string{"winlog", "user", "name"}},
	{"System.GivenLevelName", []string{"log", "level"}},
	{"System.Message", []string{"message"}},
	{"System.OSName", []string{"host", "os", "name"}},
	{"System.OSVersion", []string{"host", "os", "version"}},
	{"System.OSArchitecture", []string{"host", "architecture"}},
}

// readBeat reads winlogbeat's form.
func (s *Source) readBeat(e *event, r *plan.Record) error {
	if data := r.Object.Get("winlog", "event_data"); data != nil {
		s.reader.Pairs(data, &e.record)
	}
	if data := r.Object.Get("winlog", "user_data"); data != nil {
		s.reader.Pairs(data, &e.record)
	}
	e.data = len(e.record.Pairs)
	for _, h := range beatHeader {
		if v := r.Object.Get(h.path...); v != nil && v.Type() != fastjson.TypeNull {
			e.setHeader(h.name, plan.Value{JSON: v})
		}
	}
	if e.id == 0 {
		if v := r.Object.Get("event", "code"); v != nil {
			e.setHeader("System.EventID", plan.Value{JSON: v})
		}
	}
	return nil
}

var treeHeader = []struct {
	name string
	path []string
}{
	{"System.Provider", []string{"Provider", "Name"}},
	{"System.ProviderGuid", []string{"Provider", "Guid"}},
	{"System.Channel", []string{"Channel"}},
	{"System.EventID", []string{"EventID"}},
	{"System.Computer", []string{"Computer"}},
	{"System.EventRecordID", []string{"EventRecordID"}},
	{"System.TimeCreated", []string{"TimeCreated", "SystemTime"}},
	{"System.Task", []string{"Task"}},
	{"System.Level", []string{"Level"}},
	{"System.Opcode", []string{"Opcode"}},
	{"System.Version", []string{"Version"}},
	{"System.Keywords", []string{"Keywords"}},
	{"System.ProcessID", []string{"Execution", "ProcessID"}},
	{"System.ThreadID", []string{"Execution", "ThreadID"}},
	{"System.UserID", []string{"Security", "UserID"}},
	{"System.ActivityID", []string{"Correlation", "ActivityID"}},
}

// readTree reads the event as the tree of its XML, as tools that read evtx files
// write it: with or without the root, attributes beside or under "#attributes".
func (s *Source) readTree(e *event, r *plan.Record) error {
	root := r.Object
	if v := root.Get("Event"); v != nil {
		root = v
	}
	for _, part := range []string{"EventData", "UserData"} {
		v := root.Get(part)
		for v != nil && part == "UserData" && onlyObject(v) != nil {
			v = onlyObject(v)
		}
		if v != nil {
			s.reader.Pairs(v, &e.record)
		}
	}
	e.data = len(e.record.Pairs)
	system := root.Get("System")
	for _, h := range treeHeader {
		if v := attribute(system, h.path); v != nil {
			e.setHeader(h.name, plan.Value{JSON: v})
		}
	}
	if v := root.Get("Message"); v != nil {
		e.setHeader("System.Message", plan.Value{JSON: v})
	}
	return nil
}

// attribute finds a value of a tree, be it an attribute or a text.
func attribute(v *fastjson.Value, path []string) *fastjson.Value {
	for i, key := range path {
		next := v.Get(key)
		if next == nil && i > 0 {
			next = v.Get("#attributes", key)
		}
		if next == nil {
			next = v.Get("@" + key)
		}
		if v = next; v == nil {
			return nil
		}
	}
	if v.Type() != fastjson.TypeObject {
		return v
	}
	for _, key := range []string{"#text", "Value", "value"} {
		if text := v.Get(key); text != nil {
			return text
		}
	}
	return nil
}

// onlyObject returns the one object that an object holds, else nil.
func onlyObject(v *fastjson.Value) *fastjson.Value {
	o, err := v.Object()
	if err != nil || o.Len() != 1 {
		return nil
	}
	var only *fastjson.Value
	o.Visit(func(_ []byte, v *fastjson.Value) { only = v })
	if only.Type() != fastjson.TypeObject {
		return nil
	}
	return only
}
