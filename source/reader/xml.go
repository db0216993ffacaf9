package reader

import (
	"bytes"
	"fmt"
	"io"
)

// isXML tells XML from a syslog line, which begins with < and a number.
func isXML(head []byte) bool {
	return len(head) > 1 && head[0] == '<' && (head[1] == '?' || head[1] >= 'A' && head[1] <= 'Z' || head[1] >= 'a' && head[1] <= 'z')
}

var (
	eventStarts = [][]byte{[]byte("<Event "), []byte("<Event>")}
	eventEnd    = []byte("</Event>")
)

// xmlEvents cuts the Event elements out of a text, whatever stands around them.
func (f *file) xmlEvents(in *input) {
	for {
		line := in.line
		found, err := in.skipToEvent()
		if err != nil && err != io.EOF {
			f.end(in, err)
			return
		}
		if !found {
			if f.records == 0 {
				f.fail(Record{Line: line}, fmt.Errorf("XML without a Windows event: %w", ErrNotText), nil, true)
			}
			return
		}
		if !f.event(in) {
			return
		}
	}
}

// event reads one element to its end and gives it on.
func (f *file) event(in *input) bool {
	f.records++
	rec := Record{Number: f.records, Line: in.line, Offset: in.offset}
	raw, size, err := in.readThrough(f.buf[:0], eventEnd, f.opt.MaxRecord)
	f.buf, rec.size = raw, size
	switch {
	case err == io.EOF:
		return f.fail(rec, fmt.Errorf("after %d whole records: %w", f.records-1, ErrCutOff), raw, true)
	case err != nil:
		return f.fail(rec, fmt.Errorf("after %d whole records: %w", f.records-1, err), raw, true)
	case size > f.opt.MaxRecord:
		return f.fail(rec, fmt.Errorf("%d bytes, at most %d are read: %w", size, f.opt.MaxRecord, ErrTooLarge), raw, false)
	}
	rec.Raw = raw
	return f.give(rec)
}

// skipToEvent goes to the next "<Event" that begins an event.
func (in *input) skipToEvent() (bool, error) {
	longest := len(eventStarts[0])
	for {
		if _, err := in.Peek(longest); err != nil {
			return false, err
		}
		chunk, err := in.Peek(in.Buffered())
		if err != nil {
			return false, err
		}
		at := -1
		for _, start := range eventStarts {
			if i := bytes.Index(chunk, start); i >= 0 && (at < 0 || i < at) {
				at = i
			}
		}
		if at >= 0 {
			in.skip(at)
			return true, nil
		}
		in.skip(len(chunk) - longest + 1)
	}
}

// readThrough appends to buf up to and with a mark. Of what is longer than limit
// only the start is kept; size is the whole length.
func (in *input) readThrough(buf, mark []byte, limit int) (out []byte, size int, err error) {
	for {
		if _, err := in.Peek(len(mark)); err != nil {
			return buf, size, err
		}
		chunk, _ := in.Peek(in.Buffered())
		n := len(chunk) - len(mark) + 1
		at := bytes.Index(chunk, mark)
		if at >= 0 {
			n = at + len(mark)
		}
		if room := limit - len(buf); room > 0 {
			buf = append(buf, chunk[:min(room, n)]...)
		}
		size += n
		in.skip(n)
		if at >= 0 {
			return buf, size, nil
		}
	}
}
