package reader

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/clew-sec/clew/alert"
)

// garbageLines is how many lines without a record, from the start, make a file
// that is none of ours.
const garbageLines = 1000

var (
	utf8Mark  = []byte("\xef\xbb\xbf")
	utf16Mark = [][]byte{{0xff, 0xfe}, {0xfe, 0xff}}
)

// input is decompressed text with the place in it.
type input struct {
	*bufio.Reader
	offset int64
	line   int
}

// read tells the form of the text and cuts it.
func (f *file) read(br *bufio.Reader) {
	in := &input{Reader: br, line: 1}
	head, _ := br.Peek(3)
	for _, mark := range utf16Mark {
		if bytes.HasPrefix(head, mark) {
			f.fail(Record{}, fmt.Errorf("the text is UTF-16, only UTF-8 is read: %w", ErrNotText), nil, true)
			return
		}
	}
	if bytes.HasPrefix(head, utf8Mark) {
		in.skip(len(utf8Mark))
	}
	if err := in.space(); err != nil {
		f.end(in, err)
		return
	}
	head = in.look()
	switch {
	case f.opt.Text && isXML(head):
		f.xmlEvents(in)
	case inLines(head), f.opt.Text && head[0] == '[' && !listOfObjects(head[1:]):
		f.lines(in)
	default:
		f.values(in)
	}
}

// end reports why reading stopped, unless it is the end of the file.
func (f *file) end(in *input, err error) {
	if err != nil && err != io.EOF {
		f.fail(Record{Line: in.line, Offset: in.offset}, fmt.Errorf("after %d records: %w", f.records, err), nil, true)
	}
}

// inLines tells from the start of a text whether each line is a record. Text in
// several lines per object, lists, and objects with a list inside are cut by
// their brackets instead.
func inLines(head []byte) bool {
	if head[0] == '[' {
		return false
	}
	if head[0] != '{' {
		return true
	}
	if listAt(head) >= 0 {
		return false
	}
	first, rest, more := bytes.Cut(head, []byte("\n"))
	if b := (brackets{}); !more || b.end(first) >= 0 {
		return true
	}
	// The first line is no whole object. If another one starts the next line,
	// lines are records and the first is broken.
	rest = bytes.TrimLeft(rest, "\r\n")
	return len(rest) > 0 && rest[0] == '{'
}

// skip goes over n bytes that are buffered.
func (in *input) skip(n int) {
	head, _ := in.Peek(n)
	in.line += bytes.Count(head, []byte("\n"))
	k, _ := in.Discard(n)
	in.offset += int64(k)
}

// buffered gives what is there without reading more, at least one byte.
func (in *input) buffered() ([]byte, error) {
	if _, err := in.Peek(1); err != nil {
		return nil, err
	}
	return in.Peek(in.Buffered())
}

// look gives the text ahead: the first line if that is a whole object, so that
// a slow stream is not waited for, else as much as is ever looked at.
func (in *input) look() []byte {
	for {
		head, err := in.Peek(in.Buffered())
		if err != nil || len(head) >= peekBytes {
			return head
		}
		if i := bytes.IndexByte(head, '\n'); i >= 0 && (&brackets{}).end(head[:i]) >= 0 {
			return head
		}
		if _, err := in.Peek(len(head) + 1); err != nil {
			head, _ = in.Peek(in.Buffered())
			return head
		}
	}
}

// space goes over white space.
func (in *input) space() error {
	for {
		chunk, err := in.buffered()
		if err != nil {
			return err
		}
		text := bytes.TrimLeft(chunk, " \t\r\n")
		in.skip(len(chunk) - len(text))
		if len(text) > 0 {
			return nil
		}
	}
}

// lines reads NDJSON.
func (f *file) lines(in *input) {
	good, bad := 0, 0
	for {
		rec := Record{Number: f.records + 1, Line: in.line, Offset: in.offset}
		raw, size, err := in.readLine(f.buf[:0], f.opt.MaxRecord)
		f.buf = raw
		text := bytes.TrimSpace(raw)
		switch {
		case err != nil && err != io.EOF:
			rec.Number = f.records + 1
			f.fail(rec, fmt.Errorf("after %d records: %w", f.records, err), text, true)
			return
		case len(text) == 0 && size == len(raw):
			// an empty line is no record
		default:
			f.records++
			ok := false
			if good, bad, ok = f.lineRecord(rec, text, size, good, bad); !ok {
				return
			}
		}
		if err == io.EOF {
			return
		}
	}
}

func (f *file) lineRecord(rec Record, text []byte, size, good, bad int) (int, int, bool) {
	rec.size = size
	if err := f.lineError(text, size); err != nil {
		if bad++; good == 0 && bad >= garbageLines {
			return good, bad, f.fail(rec, fmt.Errorf("no record in the first %d lines: %w", bad, ErrNotText), text, true)
		}
		return good, bad, f.fail(rec, err, text, false)
	}
	rec.Raw = text
	return good + 1, bad, f.give(rec)
}

func (f *file) lineError(text []byte, size int) error {
	switch {
	case size > f.opt.MaxRecord:
		return fmt.Errorf("%d bytes, at most %d are read: %w", size, f.opt.MaxRecord, ErrTooLarge)
	case text[0] != '{' && text[0] != '[' && !f.opt.Text:
		return fmt.Errorf("a record begins with {, not with %q: %w", alert.Excerpt(string(text), 20), ErrBroken)
	}
	return nil
}

// readLine appends a line to buf, without its end. Of a line longer than limit
// only the start is kept; size is its whole length.
func (in *input) readLine(buf []byte, limit int) (line []byte, size int, err error) {
	for {
		part, err := in.ReadSlice('\n')
		in.offset += int64(len(part))
		if err == nil {
			part = part[:len(part)-1]
			in.line++
		}
		size += len(part)
		if room := limit - len(buf); room > 0 {
			buf = append(buf, part[:min(room, len(part))]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return buf, size, err
		}
	}
}

// values reads values one after the other: objects over several lines, lists,
// objects with a list.
func (f *file) values(in *input) {
	for {
		if err := in.space(); err != nil {
			f.end(in, err)
			return
		}
		head, ok := in.look(), false
		switch at := listAt(head); {
		case head[0] == '[':
			in.skip(1)
			ok = f.items(in)
		case head[0] == '{' && at >= 0:
			in.skip(at + 1)
			ok = f.items(in) && f.restOfObject(in)
		case head[0] == '{':
			ok = f.value(in)
		default:
			rec := Record{Number: f.records + 1, Line: in.line, Offset: in.offset}
			f.fail(rec, fmt.Errorf("after %d records: %q where a record should begin: %w", f.records, alert.Excerpt(string(head), 20), ErrBroken), nil, true)
		}
		if !ok {
			return
		}
	}
}

// value cuts the next value out by its brackets and gives it on.
func (f *file) value(in *input) bool {
	f.records++
	rec := Record{Number: f.records, Line: in.line, Offset: in.offset}
	raw, size, err := in.readValue(f.buf[:0], f.opt.MaxRecord)
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

// items reads the items of a list of which the opening bracket was read.
func (f *file) items(in *input) bool {
	for first := true; ; first = false {
		c, err := in.next()
		if err == nil && c == ']' {
			in.skip(1)
			return true
		}
		if err == nil && !first {
			if c != ',' {
				return f.broken(in, c)
			}
			in.skip(1)
			c, err = in.next()
		}
		switch {
		case err == io.EOF:
			return f.fail(Record{Line: in.line, Offset: in.offset}, fmt.Errorf("the list is not closed after %d records: %w", f.records, ErrCutOff), nil, true)
		case err != nil:
			f.end(in, err)
			return false
		case c == ',' || c == ']' || c == '}' || c == ':':
			return f.broken(in, c)
		}
		if !f.value(in) {
			return false
		}
	}
}

// broken reports a list whose syntax is lost: what follows cannot be told from
// the inside of a record.
func (f *file) broken(in *input, c byte) bool {
	rec := Record{Number: f.records + 1, Line: in.line, Offset: in.offset}
	return f.fail(rec, fmt.Errorf("the list is broken by %q after %d records; what follows was not read: %w", string(rune(c)), f.records, ErrBroken), nil, true)
}

// next gives the next byte that is no white space, without taking it.
func (in *input) next() (byte, error) {
	if err := in.space(); err != nil {
		return 0, err
	}
	b, err := in.Peek(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// restOfObject goes over the members behind the list of an object.
func (f *file) restOfObject(in *input) bool {
	b := brackets{depth: 1}
	for {
		chunk, err := in.buffered()
		if err != nil {
			if err == io.EOF {
				err = fmt.Errorf("the object around the list is not closed: %w", ErrCutOff)
			}
			return f.fail(Record{Line: in.line, Offset: in.offset}, err, nil, true)
		}
		if n := b.end(chunk); n >= 0 {
			in.skip(n)
			return true
		}
		in.skip(len(chunk))
	}
}

// readValue appends the value at which the input stands to buf. Of a value longer than
// limit only the start is kept; size is its whole length.
func (in *input) readValue(buf []byte, limit int) (raw []byte, size int, err error) {
	raw = buf
	var b brackets
	for {
		chunk, err := in.buffered()
		if err != nil {
			if err == io.EOF && b.scalar {
				return raw, size, nil
			}
			return raw, size, err
		}
		n := b.end(chunk)
		done := n >= 0
		if !done {
			n = len(chunk)
		}
		if room := limit - len(raw); room > 0 {
			raw = append(raw, chunk[:min(room, n)]...)
		}
		size += n
		in.skip(n)
		if done {
			return raw, size, nil
		}
	}
}

// brackets follows the nesting of JSON text that arrives in parts.
type brackets struct {
	depth   int
	inText  bool
	escaped bool
	scalar  bool // inside a number or literal outside all brackets
}

// end gives the position after the value that ends in chunk, or -1.
func (b *brackets) end(chunk []byte) int {
	for i := 0; i < len(chunk); i++ {
		c := chunk[i]
		switch {
		case b.escaped:
			b.escaped = false
		case b.inText:
			if c == '\\' {
				b.escaped = true
			} else if c == '"' {
				b.inText = false
				if b.depth == 0 {
					return i + 1
				}
			}
		case c == '"':
			b.inText = true
		case c == '{' || c == '[':
			b.depth++
		case b.depth == 0:
			if bytes.IndexByte([]byte(",]} \t\r\n"), c) >= 0 {
				return i
			}
			b.scalar = true
		case c == '}' || c == ']':
			if b.depth--; b.depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// listAt gives the position of the "[" behind the member `value` of the object
// with which head begins, or -1. The member has to stand within head, behind
// nothing but texts, numbers and small objects. `Records`, in which AWS and
// Azure wrap their logs, counts when it is the first member.
func listAt(head []byte) int {
	if len(head) == 0 || head[0] != '{' {
		return -1
	}
	i := 1
	for {
		name, at := member(head, i)
		if at < 0 {
			return -1
		}
		wraps := name == `"value"` || i == 1 && (name == `"Records"` || name == `"records"`)
		if wraps && head[at] == '[' && listOfObjects(head[at+1:]) {
			return at
		}
		var b brackets
		n := b.end(head[at:])
		if n <= 0 {
			return -1
		}
		i = afterSpace(head, at+n)
		if i >= len(head) || head[i] != ',' {
			return -1
		}
		i++
	}
}

// listOfObjects tells whether a list that begins before rest can hold records.
func listOfObjects(rest []byte) bool {
	i := afterSpace(rest, 0)
	return i >= len(rest) || rest[i] == '{' || rest[i] == ']'
}

// member reads a name and a colon from i on and gives the position of the value,
// or -1.
func member(head []byte, i int) (name string, at int) {
	i = afterSpace(head, i)
	if i >= len(head) || head[i] != '"' {
		return "", -1
	}
	var b brackets
	n := b.end(head[i:])
	if n < 0 || n > 256 {
		return "", -1
	}
	name = string(head[i : i+n])
	i = afterSpace(head, i+n)
	if i >= len(head) || head[i] != ':' {
		return "", -1
	}
	if i = afterSpace(head, i+1); i >= len(head) {
		return "", -1
	}
	return name, i
}

func afterSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}
