package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clew-sec/clew/server/auth"
)

func byMethod(item *huma.PathItem) map[string]*huma.Operation {
	out := map[string]*huma.Operation{}
	for m, op := range map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	} {
		if op != nil {
			out[m] = op
		}
	}
	return out
}

// permissions is what each operation must ask for, written down a second time:
// a change of one of them has to be meant.
var permissions = map[auth.Permission][]string{
	auth.Public: {"getSession", "signIn", "getInvitation", "acceptInvitation"},
	auth.Self:   {"signOut", "changePassword", "getSettings", "putSettings"},
	auth.Ingest: {"ingest", "ingest-telemetry", "ingest-otlp", "ingest-table"},
	auth.Read: {"listPeople", "listIncidents", "incidentFacets", "incidentHistogram", "getIncident", "incidentAlerts", "incidentEntities",
		"incidentActivities", "incidentStory", "explainIncident", "listMerges", "listAlerts", "alertFacets", "getAlert", "explainAlert",
		"listEntities", "getEntity", "entityAlerts", "entityIncidents", "search", "listSources", "listRejects", "listActivity", "events",
		"listBacktests", "getBacktest", "listModels", "getModel", "getModelFile", "getLearnable", "getInventory", "listConflicts", "getCorrelation", "correlationHistory", "correlationVersion",
		"listRules", "listSuggestions", "runQuery", "checkQuery", "huntingSchema", "listQueries", "getQuery", "huntingHistory",
		"listWatchlists", "getWatchlist", "goHunt", "entityTimeline", "listTasks", "listTables"},
	auth.Write: {"updateIncident", "updateIncidents", "commentIncident", "mergeIncidents", "undoMerge", "moveAlerts", "updateAlert", "updateAlerts",
		"startBacktest", "deleteBacktest", "uploadModel", "trainModel", "deleteModel", "importInventory", "splitEntity", "undoSplit", "acceptSuggestion", "rejectSuggestion", "reopenSuggestion",
		"createQuery", "updateQuery", "deleteQuery", "putWatchlist", "deleteWatchlist", "linkRows", "addTask", "updateTask", "deleteTask"},
	auth.Admin: {"listUsers", "createUser", "updateUser", "deleteUser", "inviteUser", "listTokens", "createToken", "deleteToken",
		"putCorrelation", "restoreCorrelation", "patchRule", "createTable", "sampleColumns", "addColumns", "deleteTable"},
}

// may is who has which permission.
var may = map[string][]auth.Permission{
	"":             {auth.Public},
	"viewer":       {auth.Public, auth.Self, auth.Read},
	"analyst":      {auth.Public, auth.Self, auth.Read, auth.Write},
	"admin":        {auth.Public, auth.Self, auth.Read, auth.Write, auth.Ingest, auth.Admin},
	"token:ingest": {auth.Public, auth.Ingest},
	"token:read":   {auth.Public, auth.Read},
	"token:write":  {auth.Public, auth.Write},
	"token:admin":  {auth.Public, auth.Admin},
}

func TestPermissionsOfEveryOperation(t *testing.T) {
	b := newBench(t)
	s := build(http.NewServeMux(), Options{})
	need := map[string]auth.Permission{}
	for p, ids := range permissions {
		for _, id := range ids {
			need[id] = p
		}
	}
	replace := strings.NewReplacer("{id}", "99", "{name}", "nobody", "{mergeId}", "99", "{taskId}", "99", "{splitId}", "99", "{backtestId}", "99", "{modelId}", "99", "{source}", "auto", "{version}", "99", "{secret}", strings.Repeat("x", 43))
	for path, item := range s.api.OpenAPI().Paths {
		for method, op := range byMethod(item) {
			p, ok := need[op.OperationID]
			if !ok || s.allowed[op.OperationID] != p {
				t.Errorf("%s needs %q, the table says %q", op.OperationID, s.allowed[op.OperationID], p)
				continue
			}
			if op.OperationID == "events" || op.OperationID == "signOut" {
				continue // they last, or end the session: tested for themselves
			}
			for who, has := range may {
				w := b.call(who, method+" "+replace.Replace(strings.TrimPrefix(path, Base)), "")
				refused := w.Code == http.StatusForbidden || (w.Code == http.StatusUnauthorized && p != auth.Public)
				if refused == slices.Contains(has, p) {
					t.Errorf("%s as %q: %d", op.OperationID, who, w.Code)
				}
				if want := http.StatusUnauthorized; refused && who == "" && w.Code != want {
					t.Errorf("%s as nobody: %d", op.OperationID, w.Code)
				}
				if refused {
					problemIn(t, w)
				}
			}
		}
	}
}
