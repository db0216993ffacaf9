package entity_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clew-sec/clew/entity"
)

func asset(m entity.Mention, more ...entity.Lease) entity.Asset {
	return entity.Asset{Kind: m.Kind, Label: "an asset", Identifiers: m.Identifiers, Leases: more, Place: "list, row 1"}
}

func stock(assets ...entity.Asset) entity.Inventory {
	for i := range assets {
		assets[i].Place = fmt.Sprintf("list, row %d", i+1)
	}
	return entity.Inventory{At: day, Assets: assets}
}

func lease(address string, from, hours int) entity.Lease {
	at := day.Add(time.Duration(from) * time.Hour)
	return entity.Lease{Address: address, From: at, To: at.Add(time.Duration(hours) * time.Hour)}
}

func TestInventoryTeachesAliases(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	got := r.Import(stock(asset(user("aadId", "1", "sid", "S-1", "upn", "amy@x.example", "sam", "Aamy"))))
	if len(got.Entries) != 1 || !got.Entries[0].New || r.Len() != 0 {
		t.Fatalf("an asset that no alert named: %+v, %d entities", got, r.Len())
	}
	a, _ := one(t, r, user("upn", "amy@x.example"))
	b, joins := one(t, r, user("sid", "S-1"))
	if a.ID != b.ID || len(joins) != 0 {
		t.Errorf("the inventory says that they are one: %d and %d", a.ID, b.ID)
	}
	if bare, _ := one(t, r, user("name", "amy")); bare.ID != a.ID || !bare.Weak {
		t.Errorf("the only amy: %+v", bare)
	}
	for _, k := range r.Identifiers(a.ID) {
		fromAlert := k.Type == "upn" || k.Type == "name"
		if (k.Alert != "") != fromAlert || (k.Inventory != "") == fromAlert {
			t.Errorf("%s was learnt from alert %q, row %q", k.Type, k.Alert, k.Inventory)
		}
	}
}

func TestInventoryJoinsWhatAlertsNamed(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	a, _ := one(t, r, device("deviceId", "d1"))
	b, _ := one(t, r, device("fqdn", "pc7.corp.example"))
	c, _ := one(t, r, device("hostName", "pc9"))
	got := r.Import(stock(asset(device("deviceId", "d1", "fqdn", "pc7.corp.example")), asset(device("deviceId", "d9", "hostName", "pc9"))))
	if len(got.Joins) != 1 || got.Joins[0].From != b.ID || got.Joins[0].Into != a.ID || got.Joins[0].Inventory != "list, row 1" {
		t.Errorf("joins: %+v", got.Joins)
	}
	if r.Find(b.ID) != a.ID {
		t.Error("not joined")
	}
	if again, _ := one(t, r, device("deviceId", "d9")); again.ID != c.ID {
		t.Errorf("the bare name that only one asset has: %d, want %d", again.ID, c.ID)
	}
	if got := r.Import(stock(asset(device("deviceId", "d1", "fqdn", "pc7.corp.example")))); got.Entries[0].New || len(got.Joins) != 0 || len(got.Relevelled) != 0 {
		t.Errorf("the same again: %+v", got)
	}
}

func TestSameBareNameInTheInventoryNamesNobody(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	r.Import(stock(asset(user("sid", "S-1", "sam", "Aamy")), asset(user("sid", "S-2", "sam", "Bamy"))))
	a, _ := one(t, r, user("sid", "S-1"))
	b, _ := one(t, r, user("sid", "S-2"))
	bare, _ := one(t, r, user("name", "amy"))
	if a.ID == b.ID || bare.ID == a.ID || bare.ID == b.ID {
		t.Errorf("A\\amy %d, B\\amy %d, amy %d", a.ID, b.ID, bare.ID)
	}
}

func TestLeasesTellTheDevice(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	r.Import(stock(
		asset(device("deviceId", "d1"), lease("10.0.0.7", 0, 24)),
		asset(device("deviceId", "d2"), lease("10.0.0.7", 24, 24), lease("10.0.0.8", 0, 48)),
		asset(device("deviceId", "d3"), lease("10.0.0.8", 24, 24)),
	))
	ip := func(address string) entity.Mention {
		return entity.Mention{Kind: entity.IP, Identifiers: []entity.Identifier{{Kind: entity.IP, Type: "address", Scope: "private", Value: address}}}
	}
	at := func(hour int, ms ...entity.Mention) (names []string) {
		seen, _ := r.Resolve(ms, entity.Proof{Alert: "a", At: day.Add(time.Duration(hour) * time.Hour)})
		for _, s := range seen[len(ms):] {
			if !s.Weak || !s.Leased || s.Mention.Evidence != -1 || s.Mention.Kind != entity.Device {
				t.Errorf("a device told by a lease: %+v", s)
			}
			names = append(names, r.Identifiers(s.ID)[0].Value)
		}
		return names
	}
	for _, c := range []struct {
		hour int
		ms   []entity.Mention
		want []string
	}{
		{1, []entity.Mention{ip("10.0.0.7")}, []string{"d1"}},
		{24, []entity.Mention{ip("10.0.0.7")}, []string{"d2"}},
		{48, []entity.Mention{ip("10.0.0.7")}, nil},
		{-1, []entity.Mention{ip("10.0.0.7")}, nil},
		{30, []entity.Mention{ip("10.0.0.8")}, nil}, // two held it
		{1, []entity.Mention{ip("10.0.0.7"), ip("10.0.0.7")}, []string{"d1"}},
		{1, []entity.Mention{device("deviceId", "d1"), ip("10.0.0.7")}, nil}, // named already
		{1, []entity.Mention{ip("203.0.113.9")}, nil},
	} {
		if got := at(c.hour, c.ms...); !slices.Equal(got, c.want) {
			t.Errorf("hour %d, %v: %v, want %v", c.hour, c.ms, got, c.want)
		}
	}
}

func TestRowsBringAssetsUpToDate(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	high := asset(device("deviceId", "d1", "fqdn", "old.corp.example"), lease("10.0.0.7", 0, 1))
	high.Criticality = entity.CriticalityCritical
	r.Import(stock(high))
	got := r.Import(stock(asset(device("deviceId", "d1", "fqdn", "new.corp.example"), lease("10.0.0.7", 1, 1), lease("10.0.0.9", 5, 1))))
	e := got.Entries[0]
	if e.New || e.Number != 1 || e.Criticality != entity.CriticalityCritical || len(e.Identifiers) != 2 || e.Identifiers[1].Value != "new.corp.example" {
		t.Errorf("after the second row: %+v", e)
	}
	want := []entity.Lease{lease("10.0.0.7", 0, 2), lease("10.0.0.9", 5, 1)}
	if diff := cmp.Diff(want, e.Leases); diff != "" {
		t.Error(diff)
	}
	s, _ := one(t, r, device("deviceId", "d1"))
	if !s.Critical {
		t.Error("not critical")
	}
	low := asset(device("deviceId", "d1"))
	low.Criticality = entity.CriticalityLow
	if got := r.Import(stock(low)); !slices.Equal(got.Relevelled, []entity.ID{s.ID}) || r.Criticality(s.ID) != entity.CriticalityLow {
		t.Errorf("no longer critical: %+v", got.Relevelled)
	}
	r.Import(stock(high))
	if got := r.Import(entity.Inventory{Reset: true}); !slices.Equal(got.Relevelled, []entity.ID{s.ID}) || r.Assets() != 0 {
		t.Errorf("after forgetting: %+v, %d assets", got, r.Assets())
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		assets []entity.Asset
		alerts []entity.Mention
		want   string
	}{
		"one principal name, two directory ids": {nil, []entity.Mention{user("aadId", "1", "upn", "u"), user("aadId", "2", "upn", "u")}, "apart 1,2 upn u: aadId 1 / aadId 2"},
		"one device, two full names":            {nil, []entity.Mention{device("deviceId", "d", "fqdn", "a.x"), device("deviceId", "d", "fqdn", "b.x")}, "joined 1,0 deviceId d: fqdn a.x / fqdn b.x"},
		"one security id, two directory ids":    {nil, []entity.Mention{user("aadId", "1", "sid", "s"), user("aadId", "2", "sid", "s")}, "apart 1,0 sid s: aadId 1 / aadId 2"},
		"two known ones in one alert": {nil, []entity.Mention{user("aadId", "1"), user("aadId", "2", "upn", "u"), user("aadId", "1", "upn", "u")},
			"apart 1,2 upn u: aadId 1 / aadId 2"},
		"two rows": {[]entity.Asset{asset(user("sid", "1", "upn", "u")), asset(user("sid", "2", "upn", "u"))}, nil, "apart 0,0 upn u: sid 1 / sid 2"},
		"a row and an alert": {[]entity.Asset{asset(user("sid", "1", "upn", "u"))}, []entity.Mention{user("sid", "2", "upn", "u")},
			"apart 0,0 upn u: sid 1 / sid 2"},
		"names agree": {[]entity.Asset{asset(user("sid", "1", "upn", "u"))}, []entity.Mention{user("sid", "1", "upn", "u"), user("upn", "u")}, ""},
	} {
		r := entity.NewResolver()
		r.Import(stock(c.assets...))
		for _, m := range c.alerts {
			one(t, r, m)
		}
		got := ""
		for _, x := range r.TakeConflicts() {
			how := "apart"
			if x.Joined {
				how = "joined"
			}
			got += fmt.Sprintf("%s %d,%d %s %s: %s %s / %s %s", how, x.Entity, x.Other, x.By.Type, x.By.Value, x.Has.Type, x.Has.Value, x.Says.Type, x.Says.Value)
			if (x.Alert == "") == (x.Inventory == "") || x.At.IsZero() {
				t.Errorf("%s: proof of %+v", name, x)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if more := r.TakeConflicts(); len(more) != 0 {
			t.Errorf("%s: told twice", name)
		}
	}
}

// stocks draws inventories about the people of mentions.
func stocks(t *rapid.T) []entity.Inventory {
	one := rapid.Custom(func(t *rapid.T) entity.Asset {
		var ids []string
		for _, typ := range []string{"aadId", "sid", "upn", "sam"} {
			if rapid.Bool().Draw(t, typ) {
				ids = append(ids, typ, rapid.SampledFrom([]string{"Aamy", "Abo", "Bamy", "Bbo"}).Draw(t, "value"))
			}
		}
		if len(ids) == 0 {
			ids = []string{"upn", "amy@x.example"}
		}
		a := asset(user(ids...))
		a.Criticality = rapid.SampledFrom([]entity.Criticality{"", entity.CriticalityLow, entity.CriticalityHigh}).Draw(t, "criticality")
		return a
	})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) entity.Inventory {
		in := stock(rapid.SliceOfN(one, 0, 4).Draw(t, "assets")...)
		in.Reset = rapid.IntRange(0, 9).Draw(t, "reset") == 0
		return in
	}), 1, 4).Draw(t, "imports")
}

func TestPropertyInventoryIsDeterministicAndRestartable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		alerts, imports := mentions(t), stocks(t)
		run := func(restart bool) (out []any, im entity.Image) {
			r := entity.NewResolver()
			for i, ms := range alerts {
				if i < len(imports) {
					out = append(out, r.Import(imports[i]))
				}
				s, j := r.Resolve(ms, entity.Proof{Alert: fmt.Sprint(i), At: day.Add(time.Duration(i) * time.Minute)})
				out = append(out, s, j, r.TakeConflicts())
				if restart {
					r = entity.FromImage(r.Image())
				}
			}
			return out, r.Image()
		}
		want, wantImage := run(false)
		got, gotImage := run(true)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(wantImage, gotImage); diff != "" {
			t.Fatal(diff)
		}
		for _, e := range gotImage.Entities {
			for _, typ := range []string{"aadId", "sid"} {
				if n := len(slices.DeleteFunc(slices.Clone(e.Known), func(k entity.Known) bool { return k.Type != typ })); n > 1 {
					t.Fatalf("entity %d has %d of type %s: %v", e.ID, n, typ, e.Known)
				}
			}
		}
	})
}
