package alert

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limits bounds what Decode accepts. A field that is zero takes the value of
// DefaultLimits, so Limits{} means the defaults.
type Limits struct {
	MaxBytes    int // size of one alert in bytes
	MaxDepth    int // nesting of objects and arrays
	MaxEvidence int // items of `evidence`
	MaxItems    int // items of any other list
	MaxString   int // bytes of a title, name, id or other short text
	MaxText     int // bytes of a description, command line, query or comment

	Earliest, Latest time.Time // bounds of every time in an alert
}

// DefaultLimits are the limits that hold where nothing else is said.
func DefaultLimits() Limits {
	return Limits{
		MaxBytes:    4 << 20,
		MaxDepth:    64,
		MaxEvidence: 2000,
		MaxItems:    10000,
		MaxString:   64 << 10,
		MaxText:     1 << 20,
		Earliest:    time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC),
		Latest:      time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

func (l Limits) orDefaults() Limits {
	d := DefaultLimits()
	for _, p := range []struct {
		have *int
		def  int
	}{
		{&l.MaxBytes, d.MaxBytes}, {&l.MaxDepth, d.MaxDepth}, {&l.MaxEvidence, d.MaxEvidence},
		{&l.MaxItems, d.MaxItems}, {&l.MaxString, d.MaxString}, {&l.MaxText, d.MaxText},
	} {
		if *p.have == 0 {
			*p.have = p.def
		}
	}
	if l.Earliest.IsZero() {
		l.Earliest = d.Earliest
	}
	if l.Latest.IsZero() {
		l.Latest = d.Latest
	}
	return l
}

// Reasons for which a field is refused. Compare with errors.Is; the FieldError
// around them names the field.
var (
	ErrSyntax     = errors.New("not valid JSON")
	ErrDuplicate  = errors.New("member name occurs twice")
	ErrEncoding   = errors.New("not valid UTF-8")
	ErrType       = errors.New("wrong type")
	ErrTooLarge   = errors.New("too large")
	ErrTooDeep    = errors.New("nested too deeply")
	ErrTooMany    = errors.New("too many items")
	ErrTime       = errors.New("not a time")
	ErrTimeRange  = errors.New("time out of range")
	ErrNumberSize = errors.New("number out of range")
)

// FieldError says which field of an alert was refused and why.
type FieldError struct {
	Path   string // RFC 6901 JSON pointer from the alert, "" for the alert itself
	Reason string // what is wrong, for a person; never contains more than a short excerpt of the value
	Err    error  // one of the Err... values of this package
}

// Error implements error.
func (e *FieldError) Error() string {
	where := e.Path
	if where == "" {
		where = "alert"
	}
	return fmt.Sprintf("%s: %s", Visible(where), e.Reason)
}

// Unwrap gives the kind of the error.
func (e *FieldError) Unwrap() error { return e.Err }

func refuse(kind error, format string, args ...any) *FieldError {
	return &FieldError{Reason: fmt.Sprintf(format, args...), Err: kind}
}

// within puts a member name in front of the path of err.
func (e *FieldError) within(name string) *FieldError {
	e.Path = "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name) + e.Path
	return e
}

func (e *FieldError) at(i int) *FieldError {
	e.Path = "/" + strconv.Itoa(i) + e.Path
	return e
}

// Excerpt shortens s to at most n bytes for use in a message, with everything
// that could disturb a terminal or a page made visible.
func Excerpt(s string, n int) string {
	if len(s) > n {
		return Visible(strings.ToValidUTF8(s[:n], "")) + "…"
	}
	return Visible(s)
}
