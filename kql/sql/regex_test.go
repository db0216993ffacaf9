package sql

import (
	"regexp"
	"testing"
)

func TestGroupsAreWrittenForTheEngines(t *testing.T) {
	for pattern, want := range map[string]string{
		`(?<a>x)`:           `(?P<a>x)`,
		`a(?<a>(?<b>x))`:    `a(?P<a>(?P<b>x))`,
		`(?P<a>x)(?<b>y)`:   `(?P<a>x)(?P<b>y)`,
		`\(?<a>(?<b>c)`:     `\(?<a>(?P<b>c)`,
		`[(?<a>](?<b>c)`:    `[(?<a>](?P<b>c)`,
		`[](?<a>](?<b>c)`:   `[](?<a>](?P<b>c)`,
		`[^](?<a>](?<b>c)`:  `[^](?<a>](?P<b>c)`,
		`[\](?<a>](?<b>c)`:  `[\](?<a>](?P<b>c)`,
		`(?i:a)(?:b)[(?<x]`: `(?i:a)(?:b)[(?<x]`,
	} {
		if got := oldGroups(pattern); got != want {
			t.Errorf("%s is written %s, want %s", pattern, got, want)
		}
		if _, err := regexp.Compile(pattern); err != nil {
			t.Errorf("%s is no expression: %v", pattern, err)
		}
	}
}
