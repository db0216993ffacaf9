package reader

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// layers bounds compression inside compression: an archive of gzip files is
// usual, more is not.
const layers = 3

// peekBytes is how much of a stream is looked at to tell what it holds.
const peekBytes = 1 << 20

// buffers are those that no stream uses: a new one costs more than a small
// request is worth.
var buffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, peekBytes) }}

// open finds out what r holds and reads it.
func (f *file) open(r io.Reader, depth int) {
	in := buffers.Get().(*bufio.Reader)
	in.Reset(r)
	defer func() {
		in.Reset(nil)
		buffers.Put(in)
	}()
	magic, err := in.Peek(4)
	switch {
	case err != nil && err != io.EOF:
		f.fail(Record{}, fmt.Errorf("read: %w", err), nil, true)
	case depth >= layers:
		f.fail(Record{}, fmt.Errorf("compressed more than %d times: %w", layers-1, ErrBomb), nil, true)
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		f.gunzip(in, depth)
	case bytes.HasPrefix(magic, []byte("PK\x03\x04")), bytes.HasPrefix(magic, []byte("PK\x05\x06")):
		f.unzip(r, in, depth)
	default:
		f.read(in)
	}
}

func (f *file) gunzip(in io.Reader, depth int) {
	counted := &counter{r: in}
	z, err := gzip.NewReader(counted)
	if err != nil {
		f.fail(Record{}, fmt.Errorf("gzip: %w: %w", ErrArchive, err), nil, true)
		return
	}
	defer z.Close()
	f.open(&guard{r: z, packed: func() int64 { return counted.n }, opt: &f.opt, total: &f.unpacked}, depth+1)
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// guard ends a decompressed stream that grows beyond the limits.
type guard struct {
	r      io.Reader
	packed func() int64 // compressed bytes so far
	opt    *Options
	n      int64
	total  *int64 // decompressed bytes of all streams of the file
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.n += int64(n)
	*g.total += int64(n)
	switch packed := max(g.packed(), 1); {
	case *g.total > g.opt.MaxTotal:
		return 0, fmt.Errorf("more than %d bytes: %w", g.opt.MaxTotal, ErrBomb)
	case g.n > g.opt.RatioFrom && g.n/packed >= g.opt.MaxRatio:
		return 0, fmt.Errorf("%d bytes from %d: %w", g.n, packed, ErrBomb)
	}
	if err != nil && err != io.EOF {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("the compressed data is cut off: %w", ErrCutOff)
		} else {
			err = fmt.Errorf("%w: %w", ErrArchive, err)
		}
	}
	return n, err
}

// unzip reads the members of an archive. The directory of an archive stands at
// its end, so one that does not come from a file is copied to a temporary one.
func (f *file) unzip(r io.Reader, in *bufio.Reader, depth int) {
	at, size, done, err := f.seekable(r, in)
	if err != nil {
		f.fail(Record{}, err, nil, true)
		return
	}
	defer done()
	archive, err := zip.NewReader(at, size)
	if err != nil {
		f.fail(Record{}, fmt.Errorf("zip: %w: %w", ErrArchive, err), nil, true)
		return
	}
	if len(archive.File) > f.opt.MaxFiles {
		f.fail(Record{}, fmt.Errorf("zip: %d members, at most %d are read: %w", len(archive.File), f.opt.MaxFiles, ErrBomb), nil, true)
		return
	}
	outer := f.name
	for _, m := range archive.File {
		if m.FileInfo().IsDir() || f.stopped {
			continue
		}
		f.name, f.records = outer+"!"+m.Name, 0
		f.member(m, depth)
	}
	f.name = outer
}

func (f *file) member(m *zip.File, depth int) {
	body, err := m.Open()
	if err != nil {
		f.fail(Record{}, fmt.Errorf("zip: %w: %w", ErrArchive, err), nil, true)
		return
	}
	defer body.Close()
	packed := int64(min(m.CompressedSize64, 1<<62))
	f.open(&guard{r: body, packed: func() int64 { return packed }, opt: &f.opt, total: &f.unpacked}, depth+1)
}

// seekable gives random access to an archive of which in has read the start.
func (f *file) seekable(r io.Reader, in *bufio.Reader) (at io.ReaderAt, size int64, done func(), err error) {
	if osf, ok := r.(*os.File); ok {
		if info, serr := osf.Stat(); serr == nil && info.Mode().IsRegular() {
			return osf, info.Size(), func() {}, nil
		}
	}
	tmp, err := os.CreateTemp("", "clew-archive-*")
	if err != nil {
		return nil, 0, nil, fmt.Errorf("copy the archive: %w", err)
	}
	done = func() {
		tmp.Close()
		os.Remove(tmp.Name())
	}
	size, err = io.Copy(tmp, io.LimitReader(in, f.opt.MaxSpool+1))
	if err == nil && size > f.opt.MaxSpool {
		err = fmt.Errorf("an archive of more than %d bytes from a stream: %w", f.opt.MaxSpool, ErrBomb)
	}
	if err != nil {
		done()
		return nil, 0, nil, fmt.Errorf("copy the archive: %w", err)
	}
	return tmp, size, done, nil
}
