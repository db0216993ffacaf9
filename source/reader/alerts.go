package reader

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
)

// Conversion says how records become alerts.
type Conversion struct {
	// Sources are asked which of them reads a record, as catalog.All lists them.
	// With a single one, it reads every record.
	Sources []source.Source
	Options source.Options
}

// Result is what one record of a file became.
type Result struct {
	Record Record // Raw is valid until the next step only
	Source source.Source
	Alerts []*alert.Alert
	// Skipped says what a well-formed record is that holds no alert, else "".
	Skipped string
}

// ErrUnrecognised says that no source reads a record.
var ErrUnrecognised = fmt.Errorf("no source recognises the record")

// Alerts goes over the records of r and turns each into alerts. A record of
// which some alerts can be read and others cannot gives two steps: the result,
// then the error. Errors are as in Records; one that names a field wraps an
// *alert.FieldError.
func Alerts(ctx context.Context, r io.Reader, conv Conversion, opt Options) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		c := converter{conv: conv}
		for rec, err := range Records(ctx, r, opt) {
			if err != nil {
				if !yield(Result{}, err) {
					return
				}
				continue
			}
			if !c.step(rec, yield) {
				return
			}
		}
	}
}

// converter remembers how the last record began and which source read it: the
// records of a file are nearly always of one kind, and asking every source about
// every record would cost more than reading it.
type converter struct {
	conv  Conversion
	last  source.Source
	begin string
}

func (c *converter) step(rec Record, yield func(Result, error) bool) bool {
	src := c.sourceOf(rec)
	if src == nil {
		// Broken text is no question of the source: say what is broken.
		err := alert.Check(rec.Raw, c.conv.Options.Limits)
		if err == nil {
			err = ErrUnrecognised
		}
		return yield(Result{}, recordError(rec, err))
	}
	alerts, err := src.Alerts(rec.Raw, c.conv.Options)
	res := Result{Record: rec, Source: src, Alerts: alerts}
	if err != nil && len(alerts) == 0 && source.IsNotAlert(err) {
		res.Skipped, err = err.Error(), nil
	}
	if (len(alerts) > 0 || err == nil) && !yield(res, nil) {
		return false
	}
	return err == nil || yield(Result{}, recordError(rec, err))
}

func (c *converter) sourceOf(rec Record) source.Source {
	if len(c.conv.Sources) == 1 {
		return c.conv.Sources[0]
	}
	begin := beginning(rec.Raw)
	if c.last == nil || begin == "" || begin != c.begin {
		c.begin = begin
		c.last, _ = source.Recognise(c.conv.Sources, rec.Raw)
	}
	return c.last
}

// beginning gives the names of the first members of an object.
func beginning(raw []byte) string {
	out := ""
	i := 1
	for range 3 {
		name, at := member(raw, i)
		if at < 0 {
			break
		}
		out += name
		var b brackets
		n := b.end(raw[at:])
		if n <= 0 {
			break
		}
		i = afterSpace(raw, at+n) + 1
	}
	return out
}

func recordError(rec Record, err error) *RecordError {
	raw := rec.Raw
	if len(raw) > excerptBytes {
		raw = raw[:excerptBytes]
	}
	return &RecordError{File: rec.File, Record: rec.Number, Line: rec.Line, Offset: rec.Offset, Err: err, Raw: append([]byte(nil), raw...), Size: int64(len(rec.Raw))}
}
