package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/clew-sec/clew/"

// mayImport is the agreed shape: what each room of the house may see of the
// others. Arrows point inward only. A room that is missing here fails the test,
// so a new one is a decision and not an accident.
var mayImport = map[string][]string{
	"alert":     {},
	"entity":    {"alert"},
	"correlate": {"alert", "entity"},
	"incident":  {"alert", "entity", "correlate"},
	"kql":       {},
	// source/reader cuts the files of events as it cuts those of alerts.
	"telemetry": {"alert", "kql", "source"},
	"source":    {"alert"},
	"store":     {"alert", "entity", "correlate", "incident"},
	"story":     {"alert", "entity", "correlate", "incident", "store"},
	// demo makes rows of the tables, which is what its raw events are.
	"demo":      {"alert", "kql", "telemetry"},
	"jobs":      {"store"},
	"workspace": {"alert", "entity", "correlate", "incident", "source", "store"},
	"server":    {"alert", "entity", "correlate", "incident", "source", "store", "story", "workspace", "kql", "telemetry"},
	"web":       {},
	"app":       {"alert", "entity", "correlate", "incident", "source", "store", "story", "demo", "jobs", "workspace", "server", "web", "kql", "telemetry"},
	"cmd":       {"app"},
}

// keepOut names libraries that may be used in some rooms only, with the reason.
var keepOut = []struct {
	prefix string
	rooms  []string
	reason string
}{
	{"database/sql", []string{"store", "jobs", "telemetry"}, "SQL lives behind the store's contract"},
	{"github.com/jackc/", []string{"store", "jobs"}, "SQL lives behind the store's contract"},
	{"github.com/mattn/go-sqlite3", []string{"store"}, "SQL lives behind the store's contract"},
	// ClickHouse is spoken to over its HTTP interface.
	{"net/http", []string{"server", "app", "cmd", "web", "telemetry"}, "the domain does not know HTTP"},
	{"log", []string{}, "logging is log/slog, handed in"},
	{"math/rand", []string{}, "math/rand/v2 with a seed, or crypto/rand"},
	{"io/ioutil", []string{}, "replaced by io and os"},
	{"encoding/gob", []string{"correlate", "entity"}, "only for snapshots, which the log can rebuild"},
}

// clockless rooms get the time as a value; they must not read it.
var clockless = []string{"alert", "entity", "correlate", "incident", "source", "story", "demo", "kql"}

type goFile struct {
	path string
	room string
	test bool
	ast  *ast.File
	fset *token.FileSet
}

func sources(t *testing.T) []goFile {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	var files []goFile
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n == "node_modules" || n == "testdata" || n == "tools" || n == "bin" || (strings.HasPrefix(n, ".") && path != root) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		rel, _ := filepath.Rel(root, path)
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		room, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		files = append(files, goFile{path: rel, room: room, test: strings.HasSuffix(path, "_test.go"), ast: f, fset: fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found only %d Go files", len(files))
	}
	return files
}

func imports(f goFile) []string {
	var out []string
	for _, i := range f.ast.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

func TestArrowsPointInward(t *testing.T) {
	for _, f := range sources(t) {
		allowed, known := mayImport[f.room]
		if !known {
			t.Errorf("%s: the room %q is not in the plan of the house", f.path, f.room)
			continue
		}
		for _, p := range imports(f) {
			other, ok := strings.CutPrefix(p, module)
			if !ok || f.test {
				continue
			}
			room, _, _ := strings.Cut(other, "/")
			if room != f.room && !slices.Contains(allowed, room) {
				t.Errorf("%s imports %s: %s may only see %v", f.path, p, f.room, allowed)
			}
		}
	}
}

func TestLibrariesStayInTheirRooms(t *testing.T) {
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		for _, p := range imports(f) {
			for _, k := range keepOut {
				hit := p == k.prefix || (strings.Contains(k.prefix, ".") || strings.HasSuffix(k.prefix, "/")) && strings.HasPrefix(p, k.prefix)
				if hit && !slices.Contains(k.rooms, f.room) {
					t.Errorf("%s imports %s: %s", f.path, p, k.reason)
				}
			}
		}
	}
}

func TestTimeIsHandedIn(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || !slices.Contains(clockless, f.room) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick"}, s.Sel.Name) {
				t.Errorf("%s: time.%s in a room without a clock", f.fset.Position(s.Pos()), s.Sel.Name)
			}
			return true
		})
	}
}

func TestNoSleepingTests(t *testing.T) {
	for _, f := range sources(t) {
		if !f.test || slices.Contains(imports(f), "testing/synctest") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Sleep" {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" {
					t.Errorf("%s: a test that sleeps", f.fset.Position(s.Pos()))
				}
			}
			return true
		})
	}
}

// TestSizes keeps functions and files readable. Tables (composite literals that
// fill a function) and generated files are left out.
func TestSizes(t *testing.T) {
	const maxFunc, maxFile = 100, 800
	var lengths []int
	for _, f := range sources(t) {
		if ast.IsGenerated(f.ast) {
			continue
		}
		if n := f.fset.File(f.ast.Pos()).LineCount(); n > maxFile && !f.test {
			t.Errorf("%s has %d lines: split it", f.path, n)
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil || f.test {
				continue
			}
			n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1
			lengths = append(lengths, n)
			if n > maxFunc {
				t.Errorf("%s: %s has %d lines", f.fset.Position(fn.Pos()), fn.Name.Name, n)
			}
		}
	}
	slices.Sort(lengths)
	if m := lengths[len(lengths)/2]; m > 12 {
		t.Errorf("the median function has %d lines, want at most 12", m)
	}
}

// TestNamesSayWhatTheyHold refuses names that say nothing.
func TestNamesSayWhatTheyHold(t *testing.T) {
	empty := []string{"util", "utils", "common", "models", "helpers", "manager", "misc"}
	for _, f := range sources(t) {
		for _, part := range strings.Split(strings.TrimSuffix(filepath.ToSlash(f.path), ".go"), "/") {
			if slices.Contains(empty, part) {
				t.Errorf("%s: %q says nothing about what is inside", f.path, part)
			}
		}
	}
}

// TestEveryPackageIsIntroduced wants a paragraph on top of each package.
func TestEveryPackageIsIntroduced(t *testing.T) {
	docs := map[string]bool{}
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		dir := filepath.Dir(f.path)
		docs[dir] = docs[dir] || f.ast.Doc != nil
	}
	for dir, ok := range docs {
		if !ok {
			t.Errorf("package %s has no paragraph that says what it is for", dir)
		}
	}
}

// TestNoMachinePaths keeps the paths of one machine out of the sources.
func TestNoMachinePaths(t *testing.T) {
	bad := []string{"/" + "work/main", "/" + "work/shared"}
	for _, f := range sources(t) {
		b, err := os.ReadFile(filepath.Join("..", f.path))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range bad {
			if strings.Contains(string(b), s) {
				t.Errorf("%s names the path %s", f.path, s)
			}
		}
	}
}
