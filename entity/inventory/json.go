package inventory

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/entity"
	"github.com/go-json-experiment/json/jsontext"
)

// context is what a file says for all of its rows.
type context struct {
	kind  entity.Kind
	start time.Time // of the first day of address lists
}

// json reads one object with the lists users and devices, an array of rows, or
// rows one after the other.
func (f *file) json(in io.Reader) error {
	f.lines = &lines{r: in, most: f.opt.MaxRow}
	d := jsontext.NewDecoder(f.lines, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	for {
		var err error
		switch d.PeekKind() {
		case '{':
			err = f.object(d)
		case '[':
			err = f.array(d, "", context{})
		default:
			_, err = d.ReadToken()
			if err == io.EOF {
				return nil
			}
			if err == nil {
				err = fmt.Errorf("a row must be an object: %w", ErrForm)
			}
		}
		if err != nil || f.stopped {
			return err
		}
	}
}

// object reads the whole inventory, or a single row. Which it is shows by its
// fields; those of a row are kept until its end.
func (f *file) object(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return broken(err)
	}
	in, row, whole := context{}, fields{}, false
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return broken(err)
		}
		text := name.String()
		kind := listKind(text)
		switch {
		case kind != "" && d.PeekKind() == '[':
			whole = true
			err = f.array(d, text, context{kind: kind, start: in.start})
		case strings.EqualFold(text, "start"):
			err = f.start(d, &in)
		default:
			err = f.field(d, row, text)
		}
		if err != nil || f.stopped {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return broken(err)
	}
	if whole {
		return nil
	}
	if err := f.next(); err != nil {
		return err
	}
	f.use(row, nil, in)
	return nil
}

func listKind(name string) entity.Kind {
	switch strings.ToLower(name) {
	case "users":
		return entity.User
	case "devices", "computers", "hosts":
		return entity.Device
	}
	return ""
}

func (f *file) start(d *jsontext.Decoder, in *context) error {
	v, err := d.ReadValue()
	if err != nil {
		return broken(err)
	}
	text, _ := jsontext.AppendUnquote(nil, v)
	if in.start, err = moment(string(text)); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	return nil
}

// array reads rows. One that can't be used is passed over.
func (f *file) array(d *jsontext.Decoder, list string, in context) error {
	if _, err := d.ReadToken(); err != nil {
		return broken(err)
	}
	for n := 0; d.PeekKind() != ']'; n++ {
		raw, err := d.ReadValue()
		if err != nil {
			return broken(err)
		}
		if err := f.next(); err != nil {
			return err
		}
		switch {
		case len(raw) > f.opt.MaxRow:
			f.give(Row{}, rowError(f.rows, "", raw, fmt.Errorf("%d bytes, at most %d are read: %w", len(raw), f.opt.MaxRow, ErrTooLarge)))
		case raw.Kind() != '{':
			f.give(Row{}, rowError(f.rows, list, raw, errors.New("a row must be an object")))
		default:
			f.row(raw, in)
		}
		if f.stopped {
			return nil
		}
	}
	_, err := d.ReadToken()
	return broken(err)
}

func (f *file) row(raw jsontext.Value, in context) {
	d := jsontext.NewDecoder(strings.NewReader(string(raw)), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	_, err := d.ReadToken()
	fs := fields{}
	for n := 0; err == nil && d.PeekKind() != '}' && n < maxColumns; n++ {
		var name jsontext.Token
		if name, err = d.ReadToken(); err == nil {
			err = f.field(d, fs, name.String())
		}
	}
	if err != nil {
		f.give(Row{}, rowError(f.rows, "", raw, err))
		return
	}
	f.use(fs, append([]byte(nil), raw...), in)
}

// field keeps one field of a row: a text, number or truth value, a list of
// texts, or leases.
func (f *file) field(d *jsontext.Decoder, fs fields, name string) error {
	v, err := d.ReadValue()
	if err != nil {
		return broken(err)
	}
	k := fieldOf(name)
	switch v.Kind() {
	case 'n':
	case '[':
		if k == addresses || k == leases {
			return fs.list(k, name, v)
		}
	case '"':
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fs.set(k, name, strings.TrimSpace(string(text)))
	case '{':
	default:
		fs.set(k, name, string(v))
	}
	return nil
}

// list keeps a list: addresses by day, or leases with from and to.
func (fs fields) list(k field, name string, v jsontext.Value) error {
	d := jsontext.NewDecoder(strings.NewReader(string(v)))
	if _, err := d.ReadToken(); err != nil {
		return broken(err)
	}
	for day := 0; d.PeekKind() != ']'; day++ {
		item, err := d.ReadValue()
		if err != nil {
			return broken(err)
		}
		switch {
		case day >= maxListed:
			return fmt.Errorf("%s: more than %d items", name, maxListed)
		case item.Kind() == '"':
			text, err := jsontext.AppendUnquote(nil, item)
			if err != nil {
				return broken(err)
			}
			fs.add(k, name, strconv.Itoa(day), string(text))
		case item.Kind() == '{' && k == leases:
			if err := fs.leaseObject(name, item); err != nil {
				return err
			}
		case item.Kind() != 'n':
			return fmt.Errorf("%s: item %d is neither a text nor a lease", name, day+1)
		}
	}
	return nil
}

func (fs fields) leaseObject(name string, v jsontext.Value) error {
	d := jsontext.NewDecoder(strings.NewReader(string(v)), jsontext.AllowDuplicateNames(true))
	if _, err := d.ReadToken(); err != nil {
		return broken(err)
	}
	parts := map[string]string{}
	for d.PeekKind() != '}' {
		key, err := d.ReadToken()
		if err != nil {
			return broken(err)
		}
		part := strings.ToLower(key.String())
		item, err := d.ReadValue()
		if err != nil {
			return broken(err)
		}
		if item.Kind() == '"' {
			text, _ := jsontext.AppendUnquote(nil, item)
			parts[part] = string(text)
		}
	}
	fs.add(leases, name, "", parts["address"]+"@"+parts["from"]+"/"+parts["to"])
	return nil
}

// broken says that the file is no JSON from here on.
func broken(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("not valid JSON: %w", err)
}
