package windows

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

func isXML(raw []byte) bool {
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(raw, []byte("<?xml")) {
		if i := bytes.Index(raw, []byte("?>")); i >= 0 {
			raw = bytes.TrimSpace(raw[i+2:])
		}
	}
	return bytes.HasPrefix(raw, []byte("<Event ")) || bytes.HasPrefix(raw, []byte("<Event>"))
}

type xmlLimits struct{ size, depth, fields int }

func xmlLimitsOf(l plan.Limits) xmlLimits { return xmlLimits{l.Size, l.Depth, l.Fields} }

// xmlReader walks one event. The decoder knows no external entities, and those
// of a document type are refused with the first directive.
type xmlReader struct {
	event  *event
	limits xmlLimits
	path   []string
	name   string // of the Data element that is open
	text   []byte
	unnamd int
	fields int
}

// readXML reads the XML of one event.
func (e *event) readXML(raw []byte, limits xmlLimits) error {
	if len(raw) > limits.size {
		return plan.Refuse("", "%d bytes, at most %d are taken", len(raw), limits.size)
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(raw, []byte("\uFFFD"))))
	r := xmlReader{event: e, limits: limits}
	var header []plan.Pair
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("no XML: %w", err)
		}
		if err := r.token(token, &header); err != nil {
			return err
		}
	}
	e.data = len(e.record.Pairs)
	for _, p := range header {
		e.setHeader(p.Key, p.Value)
	}
	return nil
}

func (r *xmlReader) token(t xml.Token, header *[]plan.Pair) error {
	switch t := t.(type) {
	case xml.Directive:
		return plan.Refuse("", "a document type is not taken")
	case xml.StartElement:
		return r.start(t, header)
	case xml.CharData:
		r.text = append(r.text, t...)
	case xml.EndElement:
		r.end(header)
	}
	return nil
}

func (r *xmlReader) start(t xml.StartElement, header *[]plan.Pair) error {
	r.fields++
	if len(r.path) >= r.limits.depth || r.fields > r.limits.fields {
		return plan.Refuse(t.Name.Local, "nested too deep, or too many elements")
	}
	r.path = append(r.path, t.Name.Local)
	r.text, r.name = r.text[:0], t.Name.Local
	for _, a := range t.Attr {
		if a.Name.Local == "Name" && r.in("EventData") {
			r.name = a.Value
		}
		if name, ok := xmlAttributes[t.Name.Local+"/"+a.Name.Local]; ok && r.in("System") {
			*header = append(*header, plan.Pair{Key: name, Value: plan.TextOf([]byte(a.Value))})
		}
	}
	return nil
}

// in tells whether the walk is within a part of the event.
func (r *xmlReader) in(part string) bool { return len(r.path) > 1 && r.path[1] == part }

func (r *xmlReader) end(header *[]plan.Pair) {
	if len(r.path) == 0 {
		return
	}
	last := r.path[len(r.path)-1]
	text := bytes.Clone(bytes.TrimSpace(r.text))
	switch {
	case r.in("EventData") && len(r.path) > 2, r.in("UserData") && len(text) > 0:
		r.data(text)
	case r.in("System") && xmlElements[last] != "" && len(text) > 0:
		*header = append(*header, plan.Pair{Key: xmlElements[last], Value: plan.TextOf(text)})
	case r.in("RenderingInfo") && (last == "Message" || last == "Level"):
		name := map[string]string{"Message": "System.Message", "Level": "System.GivenLevelName"}[last]
		*header = append(*header, plan.Pair{Key: name, Value: plan.TextOf(text)})
	}
	r.path, r.text, r.name = r.path[:len(r.path)-1], r.text[:0], ""
}

// data adds a field; one without a name gets the name of its position.
func (r *xmlReader) data(text []byte) {
	if r.name == "" {
		return // the end of an element that holds others
	}
	if r.name == "Data" {
		r.unnamd++
		r.name = "param" + strconv.Itoa(r.unnamd)
	}
	r.event.setData(r.name, plan.TextOf(text))
}

var xmlElements = map[string]string{
	"EventID": "System.EventID", "Version": "System.Version", "Level": "System.Level", "Task": "System.Task", "Opcode": "System.Opcode",
	"Keywords": "System.Keywords", "EventRecordID": "System.EventRecordID", "Channel": "System.Channel", "Computer": "System.Computer",
}

var xmlAttributes = map[string]string{
	"Provider/Name": "System.Provider", "Provider/Guid": "System.ProviderGuid", "TimeCreated/SystemTime": "System.TimeCreated",
	"Execution/ProcessID": "System.ProcessID", "Execution/ThreadID": "System.ThreadID", "Security/UserID": "System.UserID",
	"Correlation/ActivityID": "System.ActivityID",
}
