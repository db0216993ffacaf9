//go:build !js

package main

import (
	"strings"
	"testing"
)

const schemaLine = `{"method":"schema","schema":{"tables":[{"name":"Events","description":"What happened.","columns":[{"name":"Time","type":"datetime"},{"name":"FileName","type":"string","description":"name"}]}],"functions":[{"name":"Recent","description":"New ones.","body":"(n: long) { Events | take n }"}],"watchlists":{"vip":[{"name":"User","type":"string"}]}}}`

// TestAnswers asks for everything, line by line, as a page does.
func TestAnswers(t *testing.T) {
	for ask, want := range map[string]string{
		`{"method":"check","text":"Events | where FileNme == 'a'"}`:         `"text":"FileName"`,
		`{"method":"check","text":"_GetWatchlist('vip') | project User"}`:   `[]`,
		`{"method":"complete","text":"Events | where Fi","at":17}`:          `"label":"FileName"`,
		`{"method":"complete","text":"","at":0}`:                            `"label":"Recent"`,
		`{"method":"hover","text":"Events | take 1","at":2}`:                `"text":"What happened."`,
		`{"method":"hover","text":"1","at":0}`:                              `null`,
		`{"method":"signature","text":"Recent(","at":7}`:                    `"label":"Recent(n: long)"`,
		`{"method":"format","text":"Events|take 1\n\n\nEvents|count"}`:      `"Events\n| take 1\n\n\nEvents\n| count"`,
		`{"method":"tokens","text":"Events"}`:                               `[{"start":0,"end":6,"kind":"table"}]`,
		`{"method":"queryAt","text":"A\n\nB","at":3}`:                       `{"start":3,"end":4}`,
		`{"method":"columns","text":"Events | project Time, n = 1","at":0}`: `[{"name":"Time","type":"datetime"},{"name":"n","type":"long"}]`,
		`{"method":"nonsense"}`:                                             `{"error":`,
		`{"method":"schema","schema":7}`:                                    `{"error":"reading the schema`,
		`not json`:                                                          `{"error":`,
	} {
		var out strings.Builder
		if err := serve(strings.NewReader(schemaLine+"\n"+ask+"\n"), &out); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Split(out.String(), "\n"); lines[0] != "1" || !strings.Contains(lines[1], want) {
			t.Errorf("%s: %s, want %s", ask, out.String(), want)
		}
	}
}
