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

func idsOf(m entity.Mention) []entity.Identifier { return m.Identifiers }

func TestSplitStaysApart(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	whole, _ := one(t, r, user("sid", "S-1", "upn", "amy@x.example", "sam", "Aamy"))
	sep := entity.Separation{Number: 5, Going: idsOf(user("sid", "S-1")), Staying: idsOf(user("upn", "amy@x.example", "sam", "Aamy"))}
	part, known := r.Split(whole.ID, entity.User, sep)
	if part == whole.ID || len(known) != 1 || known[0].Alert != "a" {
		t.Fatalf("part %d knows %+v", part, known)
	}
	for _, c := range []struct {
		m    entity.Mention
		want entity.ID
	}{
		{user("sid", "S-1"), part}, {user("upn", "amy@x.example"), whole.ID}, {user("sid", "S-1", "upn", "amy@x.example"), part},
		{user("upn", "amy@x.example", "aadId", "9"), whole.ID}, {user("aadId", "9", "sid", "S-1"), whole.ID},
	} {
		if s, joins := one(t, r, c.m); s.ID != c.want || len(joins) > 0 {
			t.Errorf("%v: entity %d by %v, want %d", c.m.Identifiers, s.ID, joins, c.want)
		}
	}
	if got := r.Import(stock(asset(user("sid", "S-1", "upn", "amy@x.example")))); len(got.Joins) > 0 {
		t.Errorf("a row joined them: %+v", got.Joins)
	}
	r = entity.FromImage(r.Image())
	if s, _ := one(t, r, user("upn", "amy@x.example")); s.ID != whole.ID {
		t.Error("not apart after a restart")
	}
	joins, err := r.Rejoin(whole.ID, part, entity.User, 5)
	if err != nil || len(joins) != 1 || joins[0].From != part || joins[0].Into != whole.ID {
		t.Fatalf("rejoined: %+v, %v", joins, err)
	}
	if s, _ := one(t, r, user("sid", "S-1")); s.ID != whole.ID || len(r.Separations()) != 0 {
		t.Error("not one again")
	}
}

func TestSplitOffBareName(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	whole, _ := one(t, r, device("deviceId", "d1", "hostName", "pc7"))
	part, _ := r.Split(whole.ID, entity.Device, entity.Separation{Number: 1, Going: idsOf(device("hostName", "pc7")), Staying: idsOf(device("deviceId", "d1"))})
	for range 2 {
		if s, _ := one(t, r, device("hostName", "pc7")); s.ID != part {
			t.Errorf("pc7 is %d, want %d", s.ID, part)
		}
	}
	if s, _ := one(t, r, device("deviceId", "d1", "hostName", "pc7")); s.ID != whole.ID {
		t.Errorf("both names are %d", s.ID)
	}
	if _, err := r.Rejoin(whole.ID, part, entity.Device, 1); err != nil {
		t.Fatal(err)
	}
	if s, _ := one(t, r, device("hostName", "pc7")); s.ID != whole.ID {
		t.Error("pc7 is not the only pc7 again")
	}
}

func TestRejoinRefused(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	whole, _ := one(t, r, user("sid", "S-1", "upn", "amy@x.example"))
	part, _ := r.Split(whole.ID, entity.User, entity.Separation{Number: 1, Going: idsOf(user("upn", "amy@x.example")), Staying: idsOf(user("sid", "S-1"))})
	one(t, r, user("upn", "amy@x.example", "sid", "S-2"))
	if _, err := r.Rejoin(whole.ID, part, entity.User, 1); err == nil {
		t.Error("two security identifiers in one entity")
	}
	if s, _ := one(t, r, user("upn", "amy@x.example")); s.ID != part {
		t.Error("the refused rejoin changed something")
	}
}

func TestForgottenEntitiesStayApart(t *testing.T) {
	t.Parallel()
	r := entity.NewResolver()
	whole, _ := one(t, r, user("sid", "S-1", "upn", "amy@x.example"))
	part, _ := r.Split(whole.ID, entity.User, entity.Separation{Number: 1, Going: idsOf(user("sid", "S-1")), Staying: idsOf(user("upn", "amy@x.example"))})
	if gone := r.Forget(day.Add(time.Hour), 9); len(gone) != 2 {
		t.Fatalf("forgot %v", gone)
	}
	both, _ := one(t, r, user("sid", "S-1", "upn", "amy@x.example"))
	upn, _ := one(t, r, user("upn", "amy@x.example"))
	if both.ID == upn.ID {
		t.Error("one again after they were forgotten")
	}
	if joins, err := r.Rejoin(whole.ID, part, entity.User, 1); err != nil || len(joins) != 1 {
		t.Errorf("rejoined: %v, %v", joins, err)
	}
}

// TestPropertySplitsJoinsAndUndosInAnyOrder holds: every mention has exactly one
// living entity, no entity has identifiers of both sides of a separation that
// stands, and a restart at any time changes nothing.
func TestPropertySplitsJoinsAndUndosInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		alerts := mentions(t)
		type undone struct {
			whole, part entity.ID
			number      int64
		}
		r, copied := entity.NewResolver(), entity.NewResolver()
		var standing []undone
		for i, ms := range alerts {
			by := entity.Proof{Alert: fmt.Sprint(i), At: day.Add(time.Duration(i) * time.Minute)}
			seen, joins := r.Resolve(ms, by)
			again, joinsAgain := copied.Resolve(ms, by)
			if diff := cmp.Diff([]any{seen, joins}, []any{again, joinsAgain}); diff != "" {
				t.Fatal(diff)
			}
			for k, s := range seen {
				if r.Find(s.ID) != s.ID || len(r.Identifiers(s.ID)) == 0 {
					t.Fatalf("mention %d of alert %d: %+v", k, i, s)
				}
			}
			switch rapid.IntRange(0, 3).Draw(t, "then") {
			case 0:
				known := r.Identifiers(seen[0].ID)
				if len(known) < 2 {
					break
				}
				n := rapid.IntRange(1, len(known)-1).Draw(t, "going")
				sep := entity.Separation{Number: int64(i + 1)}
				for k, id := range rapid.Permutation(known).Draw(t, "which") {
					if k < n {
						sep.Going = append(sep.Going, id.Identifier)
					} else {
						sep.Staying = append(sep.Staying, id.Identifier)
					}
				}
				part, got := r.Split(seen[0].ID, entity.User, sep)
				same, _ := copied.Split(seen[0].ID, entity.User, sep)
				if same != part || len(got) != n {
					t.Fatalf("split into %d and %d: %v", part, same, got)
				}
				standing = append(standing, undone{seen[0].ID, part, sep.Number})
			case 1:
				if len(standing) == 0 {
					break
				}
				k := rapid.IntRange(0, len(standing)-1).Draw(t, "undo")
				u := standing[k]
				_, err := r.Rejoin(u.whole, u.part, entity.User, u.number)
				_, errAgain := copied.Rejoin(u.whole, u.part, entity.User, u.number)
				if (err == nil) != (errAgain == nil) {
					t.Fatal(err, errAgain)
				}
				if err == nil {
					standing = slices.Delete(standing, k, k+1)
					if r.Find(u.whole) != r.Find(u.part) {
						t.Fatal("not one again")
					}
				}
			case 2:
				copied = entity.FromImage(copied.Image())
			}
			separated(t, r)
		}
		if diff := cmp.Diff(r.Image(), entity.FromImage(r.Image()).Image()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func separated(t *rapid.T, r *entity.Resolver) {
	owner := map[entity.Identifier]entity.ID{}
	for _, e := range r.Image().Entities {
		for i, k := range e.Known {
			if e.Owns[i] && owner[k.Identifier] != 0 {
				t.Fatalf("%v belongs to two", k)
			}
			if e.Owns[i] {
				owner[k.Identifier] = e.ID
			}
		}
		for _, s := range r.Separations() {
			has := func(side []entity.Identifier) bool {
				// Strangers may have had the same bare names all along.
				return slices.ContainsFunc(e.Known, func(k entity.Known) bool { return !k.Weak() && slices.Contains(side, k.Identifier) })
			}
			if has(s.Going) && has(s.Staying) {
				t.Fatalf("entity %d has both sides of %+v: %+v", e.ID, s, e.Known)
			}
		}
	}
}
