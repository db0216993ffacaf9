package portal

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

var script = strings.Repeat("console.log('hello');\n", 100)

func built(t *testing.T) *Portal {
	t.Helper()
	p, err := New(fstest.MapFS{
		"index.html":                  {Data: []byte(`<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>`)},
		"assets/app-1a2b.js":          {Data: []byte(script)},
		"assets/languageWorker-3c.js": {Data: []byte("self")},
		"assets/x.css":                {Data: []byte(strings.Repeat("a{}", 300))},
		"assets/x.css.br":             {Data: []byte("brotli")},
		"clew.svg":                    {Data: []byte("<svg/>")},
		"odd.xyz":                     {Data: []byte("<script>")},
		".keep":                       {Data: []byte("")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(p *Portal, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func TestPageHasANewNonceEachTime(t *testing.T) {
	p := built(t)
	form := regexp.MustCompile(`content="([A-Za-z0-9+/=]{24})"><style nonce="([A-Za-z0-9+/=]{24})">`)
	seen := map[string]bool{}
	for range 20 {
		w := ask(p, "GET", "/")
		m := form.FindStringSubmatch(w.Body.String())
		if m == nil || m[1] != m[2] || seen[m[1]] {
			t.Fatalf("%s", w.Body)
		}
		seen[m[1]] = true
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(csp, "style-src 'self' 'nonce-"+m[1]+"';") || w.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("%v", w.Header())
		}
		for _, never := range []string{"unsafe-inline", "unsafe-eval", "*", "http:", "https:"} {
			if strings.Contains(csp, never) {
				t.Errorf("the policy has %s: %s", never, csp)
			}
		}
	}
}

func TestOnlyTheLanguageCompilesWebAssembly(t *testing.T) {
	p := built(t)
	if csp := ask(p, "GET", "/assets/languageWorker-3c.js").Header().Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self' 'wasm-unsafe-eval';") {
		t.Errorf("the worker of the language: %q", csp)
	}
	for _, other := range []string{"/", "/assets/app-1a2b.js"} {
		if csp := ask(p, "GET", other).Header().Get("Content-Security-Policy"); strings.Contains(csp, "wasm") {
			t.Errorf("%s: %q", other, csp)
		}
	}
}

func TestPaths(t *testing.T) {
	p := built(t)
	for _, c := range []struct {
		target, mode string
		status       int
		kind         string
	}{
		{"/", "", 200, "text/html"},
		{"/index.html", "", 200, "text/html"},
		{"/incidents/12", "navigate", 200, "text/html"},
		{"/setup/abc", "navigate", 200, "text/html"},
		{"/incidents/12", "no-cors", 404, "text/plain"},
		{"/assets/gone.js", "navigate", 404, "text/plain"},
		{"/assets/app-1a2b.js", "no-cors", 200, "text/javascript"},
		{"/clew.svg", "no-cors", 200, "image/svg+xml"},
		{"/odd.xyz", "navigate", 200, "application/octet-stream"},
		{"/.keep", "no-cors", 404, "text/plain"},
		{"/assets/../index.html", "no-cors", 404, "text/plain"},
		{"/..%2f..%2fetc/passwd", "no-cors", 404, "text/plain"},
	} {
		w := ask(p, "GET", c.target, "Sec-Fetch-Mode", c.mode)
		if w.Code != c.status || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) {
			t.Errorf("%s (%s): %d %s", c.target, c.mode, w.Code, w.Header().Get("Content-Type"))
		}
	}
	if w := ask(p, "GET", "/incidents", "Accept", "text/html,*/*"); w.Code != 200 {
		t.Errorf("an old browser that navigates: %d", w.Code)
	}
	if w := ask(p, "POST", "/"); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("POST: %d", w.Code)
	}
	if w := ask(p, "HEAD", "/assets/app-1a2b.js"); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestCachingAndPacking(t *testing.T) {
	p := built(t)
	plain := ask(p, "GET", "/assets/app-1a2b.js")
	if plain.Body.String() != script || plain.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || plain.Header().Get("Content-Encoding") != "" {
		t.Errorf("%v", plain.Header())
	}
	packed := ask(p, "GET", "/assets/app-1a2b.js", "Accept-Encoding", "br;q=0, gzip")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := io.ReadAll(z); string(data) != script || packed.Header().Get("Content-Encoding") != "gzip" || packed.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("%v", packed.Header())
	}
	if a, b := plain.Header().Get("ETag"), packed.Header().Get("ETag"); a == b || a == "" {
		t.Errorf("one tag for two forms: %s", a)
	}
	again := ask(p, "GET", "/assets/app-1a2b.js", "If-None-Match", `"x", W/`+plain.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("%d", again.Code)
	}
	if w := ask(p, "GET", "/assets/x.css", "Accept-Encoding", "gzip, br"); w.Body.String() != "brotli" || w.Header().Get("Content-Encoding") != "br" {
		t.Errorf("%v", w.Header())
	}
	if w := ask(p, "GET", "/assets/x.css", "Accept-Encoding", "gzip;q=0, br; q=0.0"); w.Header().Get("Content-Encoding") != "" {
		t.Errorf("refused codings are used: %v", w.Header())
	}
	if w := ask(p, "GET", "/clew.svg"); w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%v", w.Header())
	}
}

func TestWithoutABuild(t *testing.T) {
	empty, err := New(fstest.MapFS{".keep": {}})
	if err != nil {
		t.Fatal(err)
	}
	none, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := New(os.DirFS(t.TempDir() + "/none"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Portal{empty, none, gone} {
		if w := ask(p, "GET", "/"); w.Code != 503 || !strings.Contains(w.Body.String(), "make build") || strings.Contains(w.Body.String(), "http") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}
