// Package portal serves the files of the built portal. The page gets a new nonce
// for its style elements with every answer; files whose names hold a hash may be
// kept for ever; whatever is not a file is the page, when a browser navigates.
package portal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

const (
	pageName    = "index.html"
	placeholder = "__CSP_NONCE__"
	// hashed is the folder in which the build puts files named by their content.
	hashed = "assets/"
	// language begins the name of the script that runs the query language in the
	// browser: a worker, whose policy is that of its own answer. It alone may
	// compile WebAssembly, of files that come from here; the page may not.
	language       = hashed + "languageWorker-"
	languagePolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	// missing is shown when the portal was not built.
	missing = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Clew</title>
<h1>The portal is not part of this build</h1>
<p>The API works. To have the portal too, build it with <code>make build</code> (it needs Node 20 and npm) and start <code>bin/clew serve</code> again.</p>
`
)

// types are the media types of what a build holds; the system's own table would
// differ from one machine to the next.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8", ".json": "application/json", ".map": "application/json", ".svg": "image/svg+xml",
	".png": "image/png", ".jpg": "image/jpeg", ".ico": "image/x-icon", ".webp": "image/webp", ".woff2": "font/woff2",
	".wasm": "application/wasm", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
}

// Portal is an http.Handler.
type Portal struct {
	built fs.FS
	files map[string]*file
	page  [][]byte // index.html cut at the placeholders; nil when there is none
}

// file is one file of the build. Its bytes stay there: a copy of each would be
// the larger part of what an idle server holds.
type file struct {
	name  string
	size  int64
	kind  string
	etag  string
	once  sync.Once
	gz    []byte // made when first asked for
	br    *file  // packed by the build, or nil
	given *file  // gzip form from the build, or nil
}

// form is what of a file is sent: a file of the build, or bytes.
type form struct {
	file     *file
	data     []byte
	encoding string
}

func (f form) size() int64 {
	if f.file != nil {
		return f.file.size
	}
	return int64(len(f.data))
}

// New reads the portal's files. A nil file system has none.
func New(files fs.FS) (*Portal, error) {
	p := &Portal{built: files, files: map[string]*file{}}
	if files == nil {
		return p, nil
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == "." && errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		if !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		return p.add(name, d)
	})
	if err != nil {
		return nil, fmt.Errorf("reading files: %w", err)
	}
	p.pair()
	return p, p.cut()
}

func (p *Portal) add(name string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	f := &file{name: name, size: info.Size(), kind: types[path.Ext(name)], etag: strings.TrimPrefix(name, hashed)}
	if f.kind == "" {
		f.kind = "application/octet-stream"
	}
	if !strings.HasPrefix(name, hashed) {
		data, err := fs.ReadFile(p.built, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		f.etag = base64.RawURLEncoding.EncodeToString(sum[:12])
	}
	p.files[name] = f
	return nil
}

// pair gives files the packed forms that the build made of them.
func (p *Portal) pair() {
	for name, f := range p.files {
		f.br, f.given = p.files[name+".br"], p.files[name+".gz"]
	}
}

// cut reads the page and cuts it where the nonce goes.
func (p *Portal) cut() error {
	if p.files[pageName] == nil {
		return nil
	}
	delete(p.files, pageName)
	data, err := fs.ReadFile(p.built, pageName)
	if err != nil {
		return fmt.Errorf("reading files: %w", err)
	}
	p.page = bytes.Split(data, []byte(placeholder))
	return nil
}

// ServeHTTP implements http.Handler.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if f, ok := p.files[name]; ok {
		p.serve(w, r, f)
		return
	}
	if name != "" && name != pageName && (strings.HasPrefix(name, hashed) || !navigates(r)) {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	p.servePage(w)
}

// navigates tells a browser that opens an address from a script or image that
// asks for a file.
func navigates(r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (p *Portal) servePage(w http.ResponseWriter) {
	var b [18]byte
	_, _ = rand.Read(b[:]) // never fails
	nonce := base64.StdEncoding.EncodeToString(b[:])
	h := w.Header()
	h.Set("Content-Type", types[".html"])
	h.Set("Cache-Control", "no-store") // the nonce is for one answer
	h.Set("Content-Security-Policy", policy(nonce))
	if p.page == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(missing))
		return
	}
	_, _ = w.Write(bytes.Join(p.page, []byte(nonce))) // the client is gone when this fails
}

// policy lets the page load its own files and nothing else. Styles that scripts
// make must carry the nonce.
func policy(nonce string) string {
	return "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' data:; font-src 'self' data:; " +
		"connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; frame-src 'none'; frame-ancestors 'none'; form-action 'self'"
}

func (p *Portal) serve(w http.ResponseWriter, r *http.Request, f *file) {
	form := p.best(f, r.Header.Get("Accept-Encoding"))
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(f.name, language) {
		h.Set("Content-Security-Policy", languagePolicy)
	}
	if strings.HasPrefix(f.name, hashed) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	tag := f.etag
	if form.encoding != "" {
		tag += "-" + form.encoding
		h.Set("Content-Encoding", form.encoding)
	}
	tag = `"` + tag + `"`
	h.Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(form.size()))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		p.send(w, form)
	}
}

func matches(header, tag string) bool {
	for have := range strings.SplitSeq(header, ",") {
		if have = strings.TrimPrefix(strings.TrimSpace(have), "W/"); have == tag || have == "*" {
			return true
		}
	}
	return false
}

// send writes a form; where that fails the client is gone.
func (p *Portal) send(w io.Writer, f form) {
	if f.file == nil {
		_, _ = w.Write(f.data)
		return
	}
	from, err := p.built.Open(f.file.name)
	if err != nil {
		return
	}
	defer from.Close()
	_, _ = io.Copy(w, from)
}

// best gives the smallest form that the client takes.
func (p *Portal) best(f *file, accept string) form {
	if f.br != nil && accepts(accept, "br") {
		return form{file: f.br, encoding: "br"}
	}
	if !accepts(accept, "gzip") {
		return form{file: f}
	}
	if f.given != nil {
		return form{file: f.given, encoding: "gzip"}
	}
	f.once.Do(func() { f.gz = p.packed(f) })
	if f.gz != nil {
		return form{data: f.gz, encoding: "gzip"}
	}
	return form{file: f}
}

// accepts reads Accept-Encoding: the coding is named and not refused by q=0.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000"
		}
	}
	return false
}

// packed is the gzip form of what gzip makes smaller, nil of the rest.
func (p *Portal) packed(f *file) []byte {
	if !packable(f.kind) || f.size < 512 {
		return nil
	}
	data, err := fs.ReadFile(p.built, f.name)
	if err != nil {
		return nil
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(data); err != nil || z.Close() != nil || b.Len() >= len(data) {
		return nil
	}
	return b.Bytes()
}

func packable(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "application/") || kind == "image/svg+xml"
}
