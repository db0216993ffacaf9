package source

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// FuzzPeek holds the quick walkers against a checking decoder.
func FuzzPeek(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"b":"\"","c":[1,{"d":null}],"\u0065":true}`, ` { "a" : [ ] , "b" : -1.5e3 } `, `[1,"x",[],{}]`, `{"a":`, `{"a"}`, `{"a":1,}`, `[,]`, `"x"`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, list := Peek(data), Items(data)
		if !jsontext.Value(data).IsValid() {
			return
		}
		var wantObject map[string]jsontext.Value
		if err := json.Unmarshal(data, &wantObject); err == nil && wantObject != nil {
			compact(t, wantObject, got)
		}
		var wantList []jsontext.Value
		if err := json.Unmarshal(data, &wantList); err == nil && wantList != nil {
			if len(list) != len(wantList) {
				t.Fatalf("%d items, want %d", len(list), len(wantList))
			}
		}
	})
}

func compact(t *testing.T, want map[string]jsontext.Value, got Object) {
	t.Helper()
	if got == nil {
		t.Fatal("no object")
	}
	for name, v := range got {
		c := jsontext.Value(bytes.Clone(v))
		if err := c.Compact(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got[name] = c
		w := want[name]
		if err := w.Compact(); err != nil {
			t.Fatal(err)
		}
		want[name] = w
	}
	if diff := cmp.Diff(Object(want), got); diff != "" {
		t.Fatal(diff)
	}
}

func TestObjectReadsLeniently(t *testing.T) {
	o := Peek(jsontext.Value(`{"s":" x ","n":12,"hex":"0x1f","none":"N/A","z":null,"list":["a","",3],"one":"b","in":"{\"k\": 1}","t":"2025-01-02 03:04:05","far":"9999-12-31T00:00:00Z"}`))
	if o.Text("none", "s") != "x" || o.Text("n") != "12" || o.Int("hex") != 31 || o.Has("z") || o.Has("missing") {
		t.Errorf("texts: %q %q %d", o.Text("none", "s"), o.Text("n"), o.Int("hex"))
	}
	if diff := cmp.Diff([]string{"a", "3"}, o.Texts("list")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"b"}, o.Texts("one")); diff != "" {
		t.Error(diff)
	}
	if o.Inner("in").Int("k") != 1 || o.Inner("s") != nil {
		t.Error("JSON inside text")
	}
	if at := o.LooseTime("t"); at.Hour() != 3 || !o.LooseTime("far").IsZero() {
		t.Errorf("time %v", at)
	}
	if _, err := o.Time("s"); err == nil {
		t.Error("a wrong time was read")
	}
}

func TestExtraIsBounded(t *testing.T) {
	o := Object{"keep": jsontext.Value(`{"a":1}`), "taken": jsontext.Value(`1`), "null": jsontext.Value(`null`), "long": jsontext.Value(`"` + string(bytes.Repeat([]byte("x"), extraValue)) + `"`)}
	got := o.Extra("taken")
	want := map[string]any{"keep": map[string]any{"a": 1.0}, "omitted": []any{"long"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestIPText(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "192.0.2.1/24": "192.0.2.1", "192.0.2.1:443": "192.0.2.1", "[2001:db8::1]:443": "2001:db8::1", "[2001:db8::1]": "2001:db8::1",
		"::ffff:192.0.2.1": "192.0.2.1", "fe80::1%eth0": "fe80::1", "0.0.0.0": "", "::": "", "host": "", "": "", "999.1.1.1": "",
	} {
		if got := IPText(in); got != want {
			t.Errorf("IPText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHashIDKeepsPartsApart(t *testing.T) {
	first, second := HashID("xx", "a"), HashID("xx", "a")
	if HashID("xx", "ab", "c") == HashID("xx", "a", "bc") || first != second {
		t.Error("ids do not tell parts apart")
	}
}

func TestProductSpellings(t *testing.T) {
	for _, name := range []string{"MDATP", "WindowsDefenderAtp", "microsoftDefenderForEndpoint", "Microsoft Defender for Endpoint"} {
		if s := ServiceOf(name); s != "microsoftDefenderForEndpoint" {
			t.Errorf("%s: %s", name, s)
		}
	}
	if ServiceOf("A Toaster") != "unknown" || DetectionOf("") != "unknown" {
		t.Error("unknown products")
	}
}
