package syntax_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-sec/clew/kql/syntax"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares what a function makes of each sample of a folder.
func golden(t *testing.T, folder, ext string, make func(*testing.T, string) string) {
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.kql"))
	if err != nil || len(files) == 0 {
		t.Fatal("no samples: ", err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got := make(t, string(text))
		want := strings.TrimSuffix(path, ".kql") + ext
		if *update {
			if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if old, err := os.ReadFile(want); err != nil || string(old) != got {
			t.Errorf("%s differs (go test -update writes it anew): %v\n%s", want, err, firstDifference(string(old), got))
		}
	}
}

func TestTrees(t *testing.T) {
	golden(t, "tree", ".tree", func(t *testing.T, text string) string {
		s := syntax.Parse(text)
		if len(s.Diagnostics) > 0 {
			t.Errorf("%+v", s.Diagnostics)
		}
		return dump(s.Statements)
	})
}

func TestFormats(t *testing.T) {
	golden(t, "format", ".formatted", func(t *testing.T, text string) string {
		checkFormat(t, t.Name(), text)
		return syntax.Format(syntax.Parse(text), syntax.Options{})
	})
}

func TestMessages(t *testing.T) {
	golden(t, "errors", ".messages", func(t *testing.T, text string) string {
		var b strings.Builder
		for _, d := range syntax.Parse(text).Diagnostics {
			line := 1 + strings.Count(text[:d.Start], "\n")
			column := d.Start - strings.LastIndex(text[:d.Start], "\n")
			fmt.Fprintf(&b, "%d:%d %q %s: %s", line, column, text[d.Start:d.End], d.Code, d.Message)
			if len(d.Suggestions) > 0 {
				fmt.Fprintf(&b, " → %s", strings.Join(d.Suggestions, " | "))
			}
			b.WriteByte('\n')
		}
		return b.String()
	})
}
