package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answers are requests whose whole answers are kept in testdata/answers.
var answers = []struct{ name, who, route, body string }{
	{"entity-split", "analyst", "POST /entities/3/split", `{"identifiers":[{"type":"upn","value":"ada@harbor.example"}],"reason":"two people"}`},
	{"entity-split-preview", "analyst", "POST /entities/3/split", `{"identifiers":[{"type":"sam","scope":"harbor","value":"ada"}],"preview":true}`},
	{"entity-split-of-nothing", "analyst", "POST /entities/3/split", `{"identifiers":[]}`},
	{"entity-split-unknown", "analyst", "POST /entities/99/split", `{"identifiers":[{"type":"upn","value":"x"}]}`},
	{"entity-split-as-viewer", "viewer", "POST /entities/3/split", `{"identifiers":[{"type":"upn","value":"x"}]}`},
	{"split-undo", "analyst", "POST /splits/7/undo", `{"reason":"one after all"}`},
	{"split-undo-without-body", "token:write", "POST /splits/7/undo", ""},
	{"inventory", "viewer", "GET /inventory", ""},
	{"inventory-conflicts", "viewer", "GET /inventory/conflicts", ""},
	{"inventory-import", "analyst", "POST /inventory?origin=people.csv&replace=true", "upn,sid,department\nmara@harbor.example,S-1-5-21-1-2-3-1104,Finance\nbroken,,\n"},
	{"inventory-import-unreadable", "analyst", "POST /inventory", "a,b\n1,2\n"},
	{"inventory-import-as-viewer", "viewer", "POST /inventory", "upn\na@x.example\n"},
	{"session", "analyst", "GET /session", ""},
	{"session-token", "token:read", "GET /session", ""},
	{"session-nobody", "", "GET /session", ""},
	{"sign-in-wrong", "", "POST /session", `{"user":"the-analyst","password":"wrong wrong wrong"}`},
	{"sign-in-unknown-field", "", "POST /session", `{"user":"the-analyst","password":"secret secret","admin":true}`},
	{"sign-in-not-json", "", "POST /session", `{"user":"the-analyst","password":"secret secret"`},
	{"sign-in-twice-named", "", "POST /session", `{"user":"a","user":"b","password":"secret secret"}`},
	{"setup-used", "", "GET /setup/0123456789012345678901234567890123456789abc", ""},
	{"people", "viewer", "GET /people", ""},
	{"users", "admin", "GET /users", ""},
	{"user-patch", "admin", "PATCH /users/the-viewer", `{"role":"analyst"}`},
	{"user-last-admin", "admin", "DELETE /users/the-admin", ""},
	{"user-taken", "admin", "POST /users", `{"name":"the-viewer","role":"viewer"}`},
	{"user-bad-name", "admin", "POST /users", `{"name":"<b>","role":"viewer"}`},
	{"incidents", "viewer", "GET /incidents", ""},
	{"incidents-page", "viewer", "GET /incidents?limit=1", ""},
	{"incidents-bad-cursor", "viewer", "GET /incidents?cursor=zzz", ""},
	{"incidents-bad-parameters", "viewer", "GET /incidents?limit=0&status=open&nonsense=1", ""},
	{"incidents-bad-time", "viewer", "GET /incidents?from=yesterday", ""},
	{"facets", "viewer", "GET /incidents/facets", ""},
	{"histogram", "viewer", "GET /incidents/histogram", ""},
	{"histogram-backwards", "viewer", "GET /incidents/histogram?from=2026-03-04T00:00:00Z&to=2026-03-03T00:00:00Z", ""},
	{"incident", "viewer", "GET /incidents/1", ""},
	{"incident-redirected", "viewer", "GET /incidents/2", ""},
	{"incident-unknown", "viewer", "GET /incidents/99", ""},
	{"incident-not-a-number", "viewer", "GET /incidents/one", ""},
	{"incident-other-workspace", "viewer", "GET /incidents/1?workspace=other", ""},
	{"incident-patch", "analyst", "PATCH /incidents/1", `{"status":"inProgress","owner":"me","tags":["a"],"comment":"on it"}`},
	{"incident-patch-by-token", "token:write", "PATCH /incidents/1", `{"severity":""}`},
	{"incident-patch-unknown-owner", "analyst", "PATCH /incidents/1", `{"owner":"nobody"}`},
	{"incident-patch-bad-value", "analyst", "PATCH /incidents/1", `{"status":"redirected"}`},
	{"incidents-update", "analyst", "POST /incidents/update", `{"ids":[1,2,1],"patch":{"owner":""}}`},
	{"comment", "analyst", "POST /incidents/1/comments", `{"text":"<b>look</b>"}`},
	{"tasks", "viewer", "GET /incidents/1/tasks", ""},
	{"tasks-unknown-incident", "viewer", "GET /incidents/99/tasks", ""},
	{"task-add", "analyst", "POST /incidents/1/tasks", `{"title":"<b>ask</b> the user","description":"why","position":1}`},
	{"task-add-without-title", "analyst", "POST /incidents/1/tasks", `{"title":"","status":"completed"}`},
	{"task-patch", "token:write", "PATCH /incidents/1/tasks/30", `{"status":"completed","position":2}`},
	{"task-patch-bad", "analyst", "PATCH /incidents/1/tasks/30", `{"status":"done","position":0}`},
	{"task-delete", "analyst", "DELETE /incidents/1/tasks/30", ""},
	{"task-delete-as-viewer", "viewer", "DELETE /incidents/1/tasks/30", ""},
	{"incident-alerts", "viewer", "GET /incidents/1/alerts", ""},
	{"incident-entities", "viewer", "GET /incidents/1/entities?kind=device&kind=file", ""},
	{"incident-activities", "viewer", "GET /incidents/1/activities", ""},
	{"incident-story", "viewer", "GET /incidents/1/story", ""},
	{"incident-explain", "viewer", "GET /incidents/1/explain", ""},
	{"merge", "analyst", "POST /incidents/merge", `{"ids":[1,2],"reason":"same attack","reasons":["sameActor"]}`},
	{"merges", "viewer", "GET /incidents/1/merges", ""},
	{"merge-undo", "analyst", "POST /merges/1/undo", `{"reason":"no"}`},
	{"merge-undo-without-body", "analyst", "POST /merges/1/undo", ""},
	{"move", "analyst", "POST /alerts/move", `{"alertIds":["a1"],"incident":2}`},
	{"alerts", "viewer", "GET /alerts?sort=received&asc=true", ""},
	{"alert-facets", "viewer", "GET /alerts/facets?product=x", ""},
	{"alert", "viewer", "GET /alerts/a2", ""},
	{"alert-patch", "analyst", "PATCH /alerts/a2", `{"status":"resolved","owner":"The-Viewer"}`},
	{"alerts-update", "analyst", "POST /alerts/update", `{"ids":["a2","a1","a2"],"patch":{"classification":"truePositive"}}`},
	{"alert-explain", "viewer", "GET /alerts/a2/explain", ""},
	{"entities", "viewer", "GET /entities?q=fin", ""},
	{"entity", "viewer", "GET /entities/1", ""},
	{"entity-alerts", "viewer", "GET /entities/1/alerts?limit=1", ""},
	{"entity-incidents", "viewer", "GET /entities/1/incidents", ""},
	{"search", "viewer", "GET /search?q=fin-01", ""},
	{"search-number", "viewer", "GET /search?q=%232", ""},
	{"search-empty", "viewer", "GET /search", ""},
	{"sources", "viewer", "GET /sources", ""},
	{"rejects", "viewer", "GET /rejects", ""},
	{"activity", "viewer", "GET /activity", ""},
	{"ingest", "token:ingest", "POST /ingest/graph?origin=test", `{"id":"a9","title":"Test","severity":"high","createdDateTime":"2026-03-04T10:00:00Z","@odata.type":"#microsoft.graph.security.alert"}`},
	{"ingest-nothing", "token:ingest", "POST /ingest/auto", ``},
	{"ingest-no-json", "token:ingest", "POST /ingest/auto", `hello`},
	{"telemetry", "token:ingest", "POST /telemetry/auto", `{"Channel":"Security"}`},
	{"telemetry-no-format", "token:ingest", "POST /telemetry/nagios", `{}`},
	{"telemetry-otlp", "token:ingest", "POST /telemetry/otlp/v1/logs", `{"resourceLogs":[]}`},
	{"ingest-no-source", "token:ingest", "POST /ingest/nagios", `{}`},
	{"backtests", "viewer", "GET /backtests", ""},
	{"backtest", "viewer", "GET /backtests/1", ""},
	{"backtest-start", "analyst", "POST /backtests", `{"days":14,"settings":{"default":"enabled","rules":[{"rule":"Port scan","state":"disabled"}],"excludedEntities":[],"assetCriticality":[],"thresholds":{"join":0.7,"merge":0}}}`},
	{"backtest-start-bad-settings", "analyst", "POST /backtests", `{"days":14,"settings":{"default":"enabled","rules":[],"excludedEntities":[{"kind":"cidr","value":"10.0.0.0/64"}],"assetCriticality":[]}}`},
	{"backtest-start-too-long", "analyst", "POST /backtests", `{"days":400,"settings":{"default":"enabled","rules":[],"excludedEntities":[],"assetCriticality":[]}}`},
	{"backtest-delete", "analyst", "DELETE /backtests/1", ""},
	{"backtest-start-with-model", "analyst", "POST /backtests", `{"days":14,"settings":{"default":"enabled","rules":[],"excludedEntities":[],"assetCriticality":[],"model":1}}`},
	{"backtest-start-unknown-model", "analyst", "POST /backtests", `{"days":14,"settings":{"default":"enabled","rules":[],"excludedEntities":[],"assetCriticality":[],"model":9}}`},
	{"models", "viewer", "GET /correlation/models", ""},
	{"model", "viewer", "GET /correlation/models/1", ""},
	{"model-own", "viewer", "GET /correlation/models/0", ""},
	{"model-training", "viewer", "GET /correlation/models/2", ""},
	{"model-unknown", "viewer", "GET /correlation/models/9", ""},
	{"model-file", "viewer", "GET /correlation/models/0/file", ""},
	{"model-file-training", "viewer", "GET /correlation/models/2/file", ""},
	{"model-upload", "analyst", "POST /correlation/models", smallModel("fresh")},
	{"model-upload-taken", "analyst", "POST /correlation/models", smallModel("own")},
	{"model-upload-broken", "analyst", "POST /correlation/models", strings.Replace(smallModel("fresh"), `"base":-1`, `"base":"<b>"`, 1)},
	{"model-upload-hostile", "analyst", "POST /correlation/models", strings.Replace(smallModel("fresh"), `"left":[1,0,0]`, `"left":[0,0,0]`, 1)},
	{"model-upload-nothing", "analyst", "POST /correlation/models", "[]"},
	{"model-upload-by-viewer", "viewer", "POST /correlation/models", smallModel("fresh")},
	{"model-train", "analyst", "POST /correlation/models/train", `{"version":"more"}`},
	{"model-train-nameless", "analyst", "POST /correlation/models/train", `{"version":""}`},
	{"model-delete", "analyst", "DELETE /correlation/models/1", ""},
	{"learnable", "viewer", "GET /correlation/learnable", ""},
	{"correlation", "viewer", "GET /correlation/settings", ""},
	{"correlation-put", "admin", "PUT /correlation/settings", `{"settings":{"default":"enabled","rules":[{"rule":"r1","state":"disabled"}],"excludedEntities":[{"kind":"cidr","value":"10.0.0.0/8"}],"assetCriticality":[{"value":"fin-01","level":"critical"}]},"reason":"too loud"}`},
	{"correlation-put-bad", "admin", "PUT /correlation/settings", `{"settings":{"default":"maybe","rules":[],"excludedEntities":[],"assetCriticality":[]}}`},
	{"correlation-history", "viewer", "GET /correlation/history", ""},
	{"correlation-version", "viewer", "GET /correlation/history/1", ""},
	{"correlation-version-unknown", "viewer", "GET /correlation/history/9", ""},
	{"correlation-restore", "admin", "POST /correlation/restore", `{"version":1}`},
	{"rules", "viewer", "GET /correlation/rules", ""},
	{"rules-filtered", "viewer", "GET /correlation/rules?state=disabled&effective=disabled&q=scan&limit=1", ""},
	{"rules-bad-cursor", "viewer", "GET /correlation/rules?cursor=x", ""},
	{"rule-patch", "admin", "PATCH /correlation/rules", `{"rule":"r1","state":"disabled","grouping":{"windowSeconds":600,"match":"selected","kinds":["user"],"details":["title"]},"reason":"noise"}`},
	{"rule-patch-by-analyst", "analyst", "PATCH /correlation/rules", `{"rule":"r1","state":"disabled"}`},
	{"suggestions", "viewer", "GET /incidents/1/suggestions", ""},
	{"suggestions-rejected", "viewer", "GET /incidents/1/suggestions?state=rejected", ""},
	{"suggestion-accept", "analyst", "POST /suggestions/5/accept", `{"reason":"same attack"}`},
	{"suggestion-accept-without-body", "analyst", "POST /suggestions/5/accept", ""},
	{"suggestion-reject", "analyst", "POST /suggestions/5/reject", `{"reason":"other shift"}`},
	{"suggestion-reopen", "analyst", "POST /suggestions/5/reopen", ""},
	{"hunting-run", "viewer", "POST /hunting/query", `{"query":"T | take 2"}`},
	{"hunting-run-wrong", "viewer", "POST /hunting/query", `{"query":"T | wehre"}`},
	{"hunting-run-slow", "viewer", "POST /hunting/query", `{"query":"slow"}`},
	{"hunting-run-many", "viewer", "POST /hunting/query", `{"query":"many"}`},
	{"hunting-run-by-ingest-token", "token:ingest", "POST /hunting/query", `{"query":"T"}`},
	{"hunting-check", "viewer", "POST /hunting/check", `{"query":"T"}`},
	{"hunting-schema", "viewer", "GET /hunting/schema", ""},
	{"queries", "viewer", "GET /hunting/queries", ""},
	{"queries-by-owner", "admin", "GET /hunting/queries", ""},
	{"query", "viewer", "GET /hunting/queries/1", ""},
	{"query-private", "viewer", "GET /hunting/queries/2", ""},
	{"query-save", "analyst", "POST /hunting/queries", `{"name":"<b>","query":"T","function":"Mine","parameters":"(x:string)"}`},
	{"query-save-bad-function", "analyst", "POST /hunting/queries", `{"name":"x","query":"T","function":"1 + 1"}`},
	{"query-save-as-viewer", "viewer", "POST /hunting/queries", `{"name":"x","query":"T"}`},
	{"query-update", "analyst", "PUT /hunting/queries/1", `{"name":"better","query":"T","shared":true,"version":1}`},
	{"query-update-old", "analyst", "PUT /hunting/queries/1", `{"name":"better","query":"T","shared":true,"version":7}`},
	{"query-update-unshare", "analyst", "PUT /hunting/queries/1", `{"name":"better","query":"T","version":1}`},
	{"query-delete", "admin", "DELETE /hunting/queries/1", ""},
	{"query-delete-anothers", "analyst", "DELETE /hunting/queries/1", ""},
	{"hunting-history", "viewer", "GET /hunting/history?limit=1", ""},
	{"hunting-history-all", "admin", "GET /hunting/history?all=true", ""},
	{"hunting-history-all-as-viewer", "viewer", "GET /hunting/history?all=true", ""},
	{"hunting-history-bad-cursor", "viewer", "GET /hunting/history?cursor=x", ""},
	{"watchlists", "viewer", "GET /hunting/watchlists", ""},
	{"watchlist", "viewer", "GET /hunting/watchlists/vip", ""},
	{"watchlist-put", "analyst", "PUT /hunting/watchlists/hosts", `{"searchKey":"h","columns":["h","why"],"items":[["a","b"]]}`},
	{"watchlist-put-ragged", "analyst", "PUT /hunting/watchlists/hosts", `{"searchKey":"h","columns":["h","why"],"items":[["a"]]}`},
	{"watchlist-delete", "analyst", "DELETE /hunting/watchlists/vip", ""},
	{"tables", "viewer", "GET /hunting/tables", ""},
	{"table-create", "admin", "POST /hunting/tables", `{"name":"Badge_CL","description":"<b>","columns":[{"name":"door","type":"string","description":"Which"}]}`},
	{"table-create-taken", "admin", "POST /hunting/tables", `{"name":"Things_CL","columns":[{"name":"door","type":"string"}]}`},
	{"table-create-bad-sample", "admin", "POST /hunting/tables", `{"name":"Badge_CL","sample":"{\"a\":1}\nno"}`},
	{"table-create-as-analyst", "analyst", "POST /hunting/tables", `{"name":"Badge_CL","sample":"{\"a\":1}"}`},
	{"table-sample", "admin", "POST /hunting/tables/sample", `{"sample":"[{\"a\":1,\"b c\":\"x\"}]"}`},
	{"table-columns", "admin", "POST /hunting/tables/Things_CL/columns", `{"columns":[{"name":"n","type":"long"}]}`},
	{"table-delete", "admin", "DELETE /hunting/tables/Things_CL", ""},
	{"table-delete-unknown", "admin", "DELETE /hunting/tables/Nothing_CL", ""},
	{"table-deliver", "token:ingest", "POST /telemetry/tables/Things_CL", `{"a":1}`},
	{"link-preview", "analyst", "POST /hunting/link", `{"title":"Beacon","severity":"high","query":"T","columns":["Timestamp","DeviceName"],"rows":[["2026-03-04T10:00:00.0000000Z","ws1.harbor.example"],[null,"ws2"],[null,""]],"impacted":{"device":"DeviceName"},"preview":true}`},
	{"link-bad-column", "analyst", "POST /hunting/link", `{"title":"Beacon","severity":"high","query":"T","columns":["A"],"rows":[["x"]],"impacted":{"device":"B"}}`},
	{"link-nothing", "analyst", "POST /hunting/link", `{"title":"Beacon","severity":"high","query":"T","columns":["A"],"rows":[[""]],"impacted":{"device":"A"}}`},
	{"link-unknown-incident", "analyst", "POST /hunting/link", `{"incidentId":99,"title":"Beacon","severity":"high","query":"T","columns":["A"],"rows":[["x"]],"impacted":{"device":"A"}}`},
	{"go-hunt", "viewer", "GET /hunting/go?entity=1", ""},
	{"go-hunt-by-name", "viewer", "GET /hunting/go?kind=ip&type=address&value=203.0.113.9&at=2026-03-04T10:00:00Z", ""},
	{"entity-timeline", "viewer", "GET /entities/1/timeline?limit=50", ""},
	{"nothing-here", "viewer", "GET /nothing", ""},
	{"wrong-method", "viewer", "PUT /incidents/1", `{}`},
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, a := range answers {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, withHunter)
			stockHunting(b)
			b.desk.taken()
			w := b.call(a.who, a.route, a.body)
			var out bytes.Buffer
			fmt.Fprintf(&out, "%s  (%s)\n", a.route, a.who)
			if a.body != "" {
				fmt.Fprintf(&out, "%s\n", a.body)
			}
			fmt.Fprintf(&out, "\n%d\n", w.Code)
			for _, h := range []string{"Content-Type", "ETag", "Retry-After", "Allow", "WWW-Authenticate", "Set-Cookie"} {
				if v := w.Header().Get(h); v != "" {
					fmt.Fprintf(&out, "%s: %s\n", h, v)
				}
			}
			out.WriteString("\n")
			if w.Body.Len() > 0 {
				if err := json.Indent(&out, w.Body.Bytes(), "", "  "); err != nil {
					t.Fatalf("%v: %s", err, w.Body)
				}
				out.WriteString("\n")
			}
			for _, c := range b.desk.taken() {
				fmt.Fprintf(&out, "\n%s\n", c)
			}
			golden(t, filepath.Join("testdata", "answers", a.name+".txt"), out.Bytes())
			if w.Code >= 500 {
				t.Errorf("%d: %s", w.Code, b.log)
			}
			for _, secret := range []string{"argon2", phrase, "secret secret", "wrong wrong"} {
				if strings.Contains(w.Body.String(), secret) || strings.Contains(b.log.String(), secret) {
					t.Errorf("the answer or the log holds %q", secret)
				}
			}
		})
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// Every operation that is described has a kept answer, but for those that are
// tested for themselves.
func TestAnswersAreComplete(t *testing.T) {
	s := build(http.NewServeMux(), Options{})
	tested := map[string]bool{"events": true, "signOut": true, "acceptInvitation": true, "getInvitation": true, "changePassword": true,
		"getSettings": true, "putSettings": true, "inviteUser": true, "createToken": true, "listTokens": true, "deleteToken": true, "createUser": true}
	for path, item := range s.api.OpenAPI().Paths {
		for method, op := range byMethod(item) {
			form := regexp.MustCompile(`\\\{[^/]*\\\}`).ReplaceAllString(regexp.QuoteMeta(strings.TrimPrefix(path, Base)), `[^/?]+`)
			match := regexp.MustCompile("^" + method + " " + form + `(\?.*)?$`)
			for _, a := range answers {
				if match.MatchString(a.route) {
					tested[op.OperationID] = true
				}
			}
			if !tested[op.OperationID] {
				t.Errorf("no kept answer of %s", op.OperationID)
			}
		}
	}
}
