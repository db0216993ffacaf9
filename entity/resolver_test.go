package entity_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/clew-sec/clew/entity"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var day = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func user(ids ...string) entity.Mention {
	m := entity.Mention{Kind: entity.User}
	for i := 0; i+1 < len(ids); i += 2 {
		id := entity.Identifier{Kind: entity.User, Type: ids[i], Value: ids[i+1]}
		if id.Type == "sam" {
			id.Scope, id.Value = ids[i+1][:1], ids[i+1][1:]
		}
		m.Identifiers = append(m.Identifiers, id)
	}
	return m
}

func device(ids ...string) entity.Mention {
	m := entity.Mention{Kind: entity.Device}
	for i := 0; i+1 < len(ids); i += 2 {
		m.Identifiers = append(m.Identifiers, entity.Identifier{Kind: entity.Device, Type: ids[i], Value: ids[i+1]})
	}
	return m
}

func one(t *testing.T, r *entity.Resolver, m entity.Mention) (entity.Seen, []entity.Join) {
	t.Helper()
	seen, joins := r.Resolve([]entity.Mention{m}, entity.Proof{Alert: "a", At: day})
	return seen[0], joins
}

func TestAliasesJoin(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	a, _ := one(t, r, user("upn", "amy@x.example"))
	b, _ := one(t, r, user("sid", "S-1-5-21-1"))
	if a.ID == b.ID || !a.New || !b.New {
		t.Fatal("two strangers are one")
	}
	both, joins := one(t, r, user("sid", "S-1-5-21-1", "upn", "amy@x.example"))
	if both.ID != 1 || len(joins) != 1 || joins[0].From != 2 || joins[0].Into != 1 || joins[0].Alert != "a" {
		t.Errorf("joined into %d by %+v", both.ID, joins)
	}
	if got := r.Identifiers(2); len(got) != 2 || got[0].Alert != "a" {
		t.Errorf("the larger id knows %+v", got)
	}
}

func TestSameNameInTwoDomainsIsTwoUsers(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	a, _ := one(t, r, user("sam", "Aamy", "upn", "amy@a.example"))
	b, _ := one(t, r, user("sam", "Bamy", "upn", "amy@b.example"))
	if a.ID == b.ID {
		t.Error("one user for A\\amy and B\\amy")
	}
	bare, _ := one(t, r, user("name", "amy"))
	if bare.ID == a.ID || bare.ID == b.ID {
		t.Error("an ambiguous bare name was given to one of them")
	}
}

func TestBareNames(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	full, _ := one(t, r, device("deviceId", "d1", "fqdn", "pc7.corp.example"))
	bare, _ := one(t, r, device("hostName", "pc7"))
	if bare.ID != full.ID || !bare.Weak {
		t.Errorf("pc7 is %d, the only pc7 is %d", bare.ID, full.ID)
	}
	other, _ := one(t, r, device("deviceId", "d2", "hostName", "pc7"))
	if other.ID == full.ID {
		t.Error("two sensor ids in one device")
	}
}

func TestImmutableIdsConflict(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	a, _ := one(t, r, user("aadId", "1", "upn", "amy@x.example"))
	b, joins := one(t, r, user("aadId", "2", "upn", "amy@x.example"))
	if a.ID == b.ID || len(joins) != 0 {
		t.Error("two directory ids joined by a name that was used again")
	}
	again, _ := one(t, r, user("aadId", "2", "upn", "amy@x.example"))
	if again.ID != b.ID {
		t.Error("the second user is not found again")
	}
}

func TestForgetting(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	for i := range 5000 {
		at := day.Add(time.Duration(i) * time.Hour)
		r.Resolve([]entity.Mention{device("deviceId", fmt.Sprint(i), "hostName", "h"+fmt.Sprint(i))}, entity.Proof{At: at})
		r.Forget(at.Add(-100*time.Hour), 4)
	}
	if n := r.Len(); n > 200 {
		t.Errorf("%d entities kept of the last 100", n)
	}
	if im := r.Image(); len(im.Names) != r.Len() {
		t.Errorf("%d names of %d entities", len(im.Names), r.Len())
	}
}

// mentions draws evidence about few people with few names, so that it clashes.
func mentions(t *rapid.T) [][]entity.Mention {
	one := rapid.Custom(func(t *rapid.T) entity.Mention {
		var ids []string
		for _, typ := range []string{"aadId", "sid", "upn", "sam", "name"} {
			if rapid.IntRange(0, 2).Draw(t, typ) == 0 {
				ids = append(ids, typ, rapid.SampledFrom([]string{"Aamy", "Abo", "Bamy", "Bbo"}).Draw(t, "value"))
			}
		}
		if len(ids) == 0 {
			ids = []string{"upn", "amy@x.example"}
		}
		return user(ids...)
	})
	return rapid.SliceOfN(rapid.SliceOfN(one, 1, 3), 1, 20).Draw(t, "alerts")
}

func resolveAll(r *entity.Resolver, alerts [][]entity.Mention, from int) (out []entity.Seen, joins []entity.Join) {
	for i, ms := range alerts {
		s, j := r.Resolve(ms, entity.Proof{Alert: fmt.Sprint(i + from), At: day.Add(time.Duration(i+from) * time.Minute)})
		out, joins = append(out, s...), append(joins, j...)
	}
	return out, joins
}

func TestPropertyDeterministicAndRestartable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		alerts := mentions(t)
		cut := rapid.IntRange(0, len(alerts)).Draw(t, "cut")
		whole := entity.NewResolver()
		want, _ := resolveAll(whole, alerts, 0)
		part := entity.NewResolver()
		got, _ := resolveAll(part, alerts[:cut], 0)
		part = entity.FromImage(part.Image())
		rest, _ := resolveAll(part, alerts[cut:], cut)
		if diff := cmp.Diff(want, append(got, rest...)); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(whole.Image(), part.Image()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestPropertyNoEntityHasTwoImmutableIds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := entity.NewResolver()
		resolveAll(r, mentions(t), 0)
		for _, e := range r.Image().Entities {
			for _, typ := range []string{"aadId", "sid"} {
				n := 0
				for _, k := range e.Known {
					if k.Type == typ {
						n++
					}
				}
				if n > 1 {
					t.Fatalf("entity %d has %d of type %s: %v", e.ID, n, typ, e.Known)
				}
			}
		}
	})
}

func TestPropertyEveryIdentifierHasOneOwnerAndAProof(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := entity.NewResolver()
		seen, joins := resolveAll(r, mentions(t), 0)
		var gone []entity.ID
		for _, j := range joins {
			if j.From <= j.Into || r.Find(j.From) != r.Find(j.Into) || j.Alert == "" {
				t.Fatalf("join %+v", j)
			}
			gone = append(gone, j.From)
		}
		for _, s := range seen {
			if len(r.Identifiers(s.ID)) == 0 {
				t.Fatalf("entity %d has no identifier", s.ID)
			}
		}
		owned := map[entity.Identifier]entity.ID{}
		for _, e := range r.Image().Entities {
			if slices.Contains(gone, e.ID) {
				t.Fatalf("entity %d was joined into another and is still there", e.ID)
			}
			for i, k := range e.Known {
				if k.Alert == "" {
					t.Fatalf("%v has no proof", k)
				}
				if e.Owns[i] && owned[k.Identifier] != 0 {
					t.Fatalf("%v belongs to %d and %d", k, owned[k.Identifier], e.ID)
				}
				if e.Owns[i] {
					owned[k.Identifier] = e.ID
				}
			}
		}
	})
}
