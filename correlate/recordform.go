package correlate

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/clew-sec/clew/entity"
)

// ErrRecord says that what was kept of a decision can't be read.
var ErrRecord = errors.New("record of a decision not readable")

// recordForm is the version of the binary form.
const recordForm = 1

// The first byte behind the version says what is true and what follows.
const (
	bitCreated = 1 << iota
	bitUpdate
	bitFolded
	bitExcluded
	bitMerges
	bitMoves
	bitMade
	bitJoins
)

// Append adds the binary form to dst: a few bytes for most alerts.
func (r *Recorded) Append(dst []byte) []byte {
	number := func(v int64) { dst = binary.AppendUvarint(dst, uint64(v)) }
	bits := r.bits()
	dst = append(dst, recordForm, bits)
	number(int64(r.Incident))
	if bits&bitMerges != 0 {
		number(int64(len(r.Merges)))
		for _, m := range r.Merges {
			number(int64(m.From))
			number(int64(m.Into))
		}
	}
	if bits&bitMoves != 0 {
		number(int64(len(r.Moves)))
		for _, m := range r.Moves {
			number(int64(len(m.Alert)))
			dst = append(dst, m.Alert...)
			number(int64(m.To)<<1 | int64(bit(m.Created, 1)))
		}
	}
	if bits&bitMade != 0 {
		number(int64(r.Made.First))
		number(int64(len(r.Made.Digests)))
		for _, d := range r.Made.Digests {
			dst = binary.LittleEndian.AppendUint64(dst, d)
		}
	}
	if bits&bitJoins != 0 {
		number(int64(len(r.Joins)))
		for _, j := range r.Joins {
			number(int64(j.From))
			number(int64(j.Into))
		}
	}
	return dst
}

func (r *Recorded) bits() byte {
	return bit(r.Created, bitCreated) | bit(r.Update, bitUpdate) | bit(r.Folded, bitFolded) | bit(r.Excluded, bitExcluded) |
		bit(len(r.Merges) > 0, bitMerges) | bit(len(r.Moves) > 0, bitMoves) | bit(len(r.Made.Digests) > 0, bitMade) | bit(len(r.Joins) > 0, bitJoins)
}

func bit(is bool, b byte) byte {
	if is {
		return b
	}
	return 0
}

// ParseRecorded reads the binary form; nothing gives nil. It fails with ErrRecord.
func ParseRecorded(data []byte) (*Recorded, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if len(data) < 3 || data[0] != recordForm {
		return nil, fmt.Errorf("%w: not of the form that this version reads", ErrRecord)
	}
	in := recordReader{bits: data[1], rest: data[2:]}
	r := &Recorded{
		Incident: IncidentID(in.number()), Created: in.has(bitCreated), Update: in.has(bitUpdate), Folded: in.has(bitFolded), Excluded: in.has(bitExcluded),
	}
	for range in.count(bitMerges, 2) {
		r.Merges = append(r.Merges, Merged{IncidentID(in.number()), IncidentID(in.number())})
	}
	for range in.count(bitMoves, 2) {
		alert, to := string(in.take(in.length(1))), in.number()
		r.Moves = append(r.Moves, Moved{alert, IncidentID(to >> 1), to&1 != 0})
	}
	if in.has(bitMade) {
		r.Made.First = entity.ID(in.number())
	}
	for range in.count(bitMade, 8) {
		r.Made.Digests = append(r.Made.Digests, binary.LittleEndian.Uint64(in.take(8)))
	}
	for range in.count(bitJoins, 2) {
		r.Joins = append(r.Joins, Joined{entity.ID(in.number()), entity.ID(in.number())})
	}
	if in.broken || len(in.rest) > 0 {
		return nil, fmt.Errorf("%w: it is damaged", ErrRecord)
	}
	return r, nil
}

// recordReader reads the parts of a record. Once one is missing all are 0.
type recordReader struct {
	bits   byte
	rest   []byte
	broken bool
}

func (r *recordReader) has(b byte) bool { return r.bits&b != 0 }

func (r *recordReader) end() { r.broken, r.rest = true, nil }

// maxNumber is above all numbers of incidents and entities, doubled for a flag.
const maxNumber = 1 << 42

func (r *recordReader) number() int64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > maxNumber {
		r.end()
		return 0
	}
	r.rest = r.rest[n:]
	return int64(v)
}

// length reads how many things follow that take at least so many bytes each.
func (r *recordReader) length(each int) int {
	n := r.number()
	if n > int64(len(r.rest)/each) {
		r.end()
		return 0
	}
	return int(n)
}

// count is length where a bit says that such things follow, else 0. The bit is not
// set for none.
func (r *recordReader) count(b byte, each int) int {
	if !r.has(b) {
		return 0
	}
	n := r.length(each)
	if n == 0 {
		r.end()
	}
	return n
}

func (r *recordReader) take(n int) []byte {
	if n > len(r.rest) {
		r.end()
		return make([]byte, n)
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}
