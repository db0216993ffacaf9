package clickhouse

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/clew-sec/clew/telemetry"
)

func TestFenceRefuses(t *testing.T) {
	for _, sql := range []string{
		"SELECT * FROM url('http://h/', 'CSV', 'a Int8')", "SELECT * FROM URL ('http://h/')", "SELECT * FROM `file`('x')", `SELECT * FROM "s3"('x')`,
		"SELECT file('/etc/passwd')", "SELECT * FROM remote('h', system, parts)", "SELECT * FROM remoteSecure('h')", "SELECT * FROM executable('x', 'CSV', 'a Int8')",
		"SELECT * FROM s3Cluster('c', 'x')", "SELECT * FROM/* */file/* */('x')", "SELECT * FROM file -- \n ('x')", "SELECT * FROM system.parts", "SELECT * FROM `system`.`parts`",
		"SELECT * FROM SYSTEM . parts", `SELECT * FROM "information_schema".tables`, "SELECT dictGetString('d', 'a', 1)", "SELECT getSetting('x')", "SELECT sleep(3)",
		"SELECT 1 AS ``, url('x')", "SELECT 1 AS \"\", url('x')", "SELECT * FROM `\\x75rl`('x')", "SELECT $x$ ' $x$, url('x')", "SELECT ‘ ' ’, url('x')", "SELECT * FROM “url”('x')",
		"SELECT /*/ url(*/ file('x')", "SELECT\vurl\f('x')",
		"SELECT 'it\\'s', url('x')", "SELECT 'it''s', url('x')", "SELECT 1 WHERE 1 IN (SELECT a FROM mysql('h:1', 'd', 't', 'u', 'p'))", "SELECT aiGenerate('x')",
	} {
		if err := fence(sql); !errors.Is(err, telemetry.ErrQuery) {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestFencePasses(t *testing.T) {
	files, err := filepath.Glob("../../kql/sql/testdata/golden/*.clickhouse.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no statements", err)
	}
	for _, f := range files {
		sql, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := fence(string(sql)); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	for _, sql := range []string{
		"SELECT 'url(1) system.parts', t.`file`, `url` FROM `clew_a`.`system` AS t WHERE t.`user` IN ('x') AND (t.`file` = 'url(')", "SELECT t1.`system` FROM numbers(3) AS t1", "SELECT 'open",
	} {
		if err := fence(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func FuzzFence(f *testing.F) {
	f.Add("SELECT `a\\`", "x")
	f.Add("\"\"b", "d")
	f.Add("`\\x75rl`(", "‘")
	f.Fuzz(func(t *testing.T, before, name string) {
		token, rest := nextToken(before)
		if token == "" && rest != "" || len(rest) > len(before) {
			t.Errorf("%q: the token %q leaves %q", before, token, rest)
		}
		_ = fence(before + name)
	})
}
