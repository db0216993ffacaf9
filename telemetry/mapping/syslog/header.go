package syslog

import (
	"bytes"
	"strconv"
	"time"

	"github.com/clew-sec/clew/kql/value"
	"github.com/clew-sec/clew/telemetry/mapping/plan"
)

// header is the head of a syslog line. Fields that the line lacks are empty.
type header struct {
	priority int // -1: none
	time     int64
	timed    bool
	host     []byte
	process  []byte
	pid      []byte
	message  []byte
}

// parse reads the head of a line: RFC 5424, RFC 3164, and what is written in
// practice: no priority, an ISO time, no host, no process. ok is false when
// neither a priority nor a time is there. A year-less time is put into the year
// around received, and is local time of zone, both in ticks.
func parse(line []byte, received, zone int64) (h header, ok bool) {
	h.priority = -1
	line = h.takePriority(line)
	if rest, is5424 := bytes.CutPrefix(line, []byte("1 ")); is5424 && h.priority >= 0 && h.read5424(rest) {
		return h, true
	}
	rest := h.takeTime(line, received, zone)
	if h.priority < 0 && !h.timed {
		return h, false
	}
	h.read3164(rest)
	return h, true
}

func (h *header) takePriority(line []byte) []byte {
	if len(line) < 3 || line[0] != '<' {
		return line
	}
	end := bytes.IndexByte(line[:min(len(line), 5)], '>')
	if end < 2 {
		return line
	}
	n, err := strconv.Atoi(string(line[1:end]))
	if err != nil || n < 0 || n > 191 {
		return line
	}
	h.priority = n
	return line[end+1:]
}

// word cuts the next word off; "-" is nothing.
func word(p []byte) (word, rest []byte) {
	word, rest, _ = bytes.Cut(p, []byte(" "))
	if string(word) == "-" {
		word = nil
	}
	return word, rest
}

func (h *header) read5424(p []byte) bool {
	stamp, p := word(p)
	if stamp != nil {
		if h.time, h.timed = plan.ParseTime(stamp); !h.timed {
			return false
		}
	}
	h.host, p = word(p)
	h.process, p = word(p)
	h.pid, p = word(p)
	_, p = word(p) // the id of the kind of message
	h.message = bytes.TrimPrefix(skipStructured(p), []byte("\xef\xbb\xbf"))
	return true
}

// skipStructured goes past the structured data, unless it holds something: then
// it stays part of the message, so that nothing is lost.
func skipStructured(p []byte) []byte {
	if rest, ok := bytes.CutPrefix(p, []byte("-")); ok {
		return bytes.TrimPrefix(rest, []byte(" "))
	}
	return p
}

// takeTime reads a time at the beginning: ISO, or "Mar  2 07:14:06", with or
// without a year after it.
func (h *header) takeTime(p []byte, received, zone int64) []byte {
	if stamp, rest := word(p); len(stamp) >= 19 && stamp[4] == '-' {
		if t, ok := plan.ParseTime(stamp); ok {
			h.time, h.timed = t, true
			return rest
		}
	}
	const layout = "Jan _2 15:04:05"
	if len(p) < len(layout)+1 || p[3] != ' ' {
		return p
	}
	t, err := time.Parse(layout, string(p[:len(layout)]))
	if err != nil {
		if t, err = time.Parse("Jan 02 15:04:05", string(p[:len(layout)])); err != nil {
			return p
		}
	}
	rest := bytes.TrimPrefix(p[len(layout):], []byte(" "))
	year, after := word(rest)
	if n, err := strconv.Atoi(string(year)); err == nil && n > 1970 && n < 2200 {
		return h.setTime(t, n, zone, after)
	}
	if received == 0 {
		return p // nobody knows the year
	}
	return h.setTime(t, yearNear(t, received, zone), zone, rest)
}

func (h *header) setTime(t time.Time, year int, zone int64, rest []byte) []byte {
	ticks, ok := plan.Ticks(time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC))
	h.time, h.timed = ticks-zone, ok
	return rest
}

// yearNear is the year that puts a time into the past, or at most two days
// ahead, for clocks that are wrong.
func yearNear(t time.Time, received, zone int64) int {
	now := time.Unix((received+zone-value.UnixEpoch)/value.Second, 0).UTC()
	year := now.Year()
	if time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC).Sub(now) > 48*time.Hour {
		return year - 1
	}
	return year
}

// read3164 takes "host process[pid]: message" apart. The host may be missing.
func (h *header) read3164(p []byte) {
	h.message = p
	first, rest := word(p)
	if len(first) == 0 || isTag(first) || bytes.HasPrefix(first, []byte("CEF:")) || first[0] == '{' {
		h.tag(p)
		return
	}
	h.host = first
	h.message = rest
	h.tag(rest)
}

func isTag(w []byte) bool {
	return bytes.HasSuffix(w, []byte(":")) || bytes.HasSuffix(w, []byte("]"))
}

// tag takes the name of the process off, when there is one.
func (h *header) tag(p []byte) {
	first, rest := word(p)
	if len(first) == 0 || len(first) > 128 || !isTag(first) {
		return
	}
	name := bytes.TrimSuffix(first, []byte(":"))
	if open := bytes.IndexByte(name, '['); open > 0 && bytes.HasSuffix(name, []byte("]")) {
		name, h.pid = name[:open], name[open+1:len(name)-1]
	}
	h.process, h.message = name, rest
}

var facilities = []string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit",
	"alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

var severities = []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
