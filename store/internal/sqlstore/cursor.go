package sqlstore

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/clew-sec/clew/store"
)

// position is where a page ended: the sort keys of its last row.
type position struct {
	numbers []int64
	text    string
}

// cursors makes the page cursors of one query. They carry a hash of the query, so
// that one that belongs to another query is noticed.
type cursors struct{ shape uint64 }

func cursorsOf(kind string, query any) cursors {
	return cursors{xxhash.Sum64String(fmt.Sprintf("%s %+v", kind, query))}
}

// pageSize gives the number of rows of a page.
func pageSize(p store.Paging) int {
	switch {
	case p.Limit <= 0:
		return 50
	case p.Limit > 500:
		return 500
	}
	return p.Limit
}

func (c cursors) write(p position) string {
	buf := binary.BigEndian.AppendUint64(nil, c.shape)
	buf = append(buf, byte(len(p.numbers)))
	for _, n := range p.numbers {
		buf = binary.AppendVarint(buf, n)
	}
	buf = append(buf, p.text...)
	buf = binary.BigEndian.AppendUint32(buf, uint32(xxhash.Sum64(buf)))
	return base64.RawURLEncoding.EncodeToString(buf)
}

// read gives nil for the first page, and ErrBadCursor for a cursor that this
// query did not give out.
func (c cursors) read(cursor string) (*position, error) {
	if cursor == "" {
		return nil, nil
	}
	buf, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(buf) < 13 {
		return nil, store.ErrBadCursor
	}
	body, sum := buf[:len(buf)-4], binary.BigEndian.Uint32(buf[len(buf)-4:])
	if uint32(xxhash.Sum64(body)) != sum || binary.BigEndian.Uint64(body) != c.shape {
		return nil, store.ErrBadCursor
	}
	p := &position{}
	count, rest := int(body[8]), body[9:]
	for range count {
		n, used := binary.Varint(rest)
		if used <= 0 {
			return nil, store.ErrBadCursor
		}
		p.numbers, rest = append(p.numbers, n), rest[used:]
	}
	p.text = strings.Clone(string(rest))
	return p, nil
}

// numbered reads a cursor that must hold n numbers.
func (c cursors) numbered(cursor string, n int) (*position, error) {
	p, err := c.read(cursor)
	if err == nil && p != nil && len(p.numbers) != n {
		return nil, store.ErrBadCursor
	}
	return p, err
}

// page cuts what was read, which is one row more than asked for if there are more.
func page[T any](items []T, limit int, c cursors, end func(T) position) store.Page[T] {
	if len(items) <= limit {
		return store.Page[T]{Items: items}
	}
	items = items[:limit]
	return store.Page[T]{Items: items, Next: c.write(end(items[limit-1]))}
}
