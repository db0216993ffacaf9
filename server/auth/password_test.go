package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func TestHashes(t *testing.T) {
	h := newHasher(cheap)
	ctx := context.Background()
	one, err := h.hash(ctx, phrase)
	if err != nil {
		t.Fatal(err)
	}
	two, _ := h.hash(ctx, phrase)
	if one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("%q %q", one, two)
	}
	for password, want := range map[string]bool{phrase: true, phrase + " ": false, "": false} {
		if ok, err := h.verify(ctx, password, one); err != nil || ok != want {
			t.Errorf("%q: %v %v", password, ok, err)
		}
	}
	if ok, err := h.verify(ctx, "", ""); ok || err != nil {
		t.Errorf("an account without a password: %v %v", ok, err)
	}
	for _, bad := range []string{"x", "$argon2id$v=19$m=99999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$", "$argon2id$v=19$m=64,t=1,p=1$!$!"} {
		if ok, err := h.verify(ctx, "x", bad); ok || !errors.Is(err, errHashForm) {
			t.Errorf("%q: %v %v", bad, ok, err)
		}
	}
}

// The RFC 9106 lower bounds that OWASP names, and the memory that all slots use.
func TestDefaultCost(t *testing.T) {
	c := DefaultCost()
	if c.Memory < 19<<10 || c.Time < 2 || int(c.Memory)*c.Parallel > 256<<10 {
		t.Errorf("%+v", c)
	}
}

func TestHashingWaitsForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(Cost{Memory: 64, Time: 1, Parallel: 1})
		h.slot <- struct{}{}
		began := time.Now()
		if _, err := h.hash(context.Background(), phrase); !errors.Is(err, ErrBusy) || time.Since(began) != 5*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := h.verify(ctx, phrase, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		<-h.slot
		if _, err := h.hash(context.Background(), phrase); err != nil {
			t.Error(err)
		}
	})
}

func TestPasswordPolicy(t *testing.T) {
	for password, ok := range map[string]bool{
		phrase: true, "Tr0ub4dor&3xx": true, "eleven char": false, "": false, "password1234": false, "administrator": false,
		"aaaaaaaaaaaaaaa": false, "abababababab": false, "ada.lovelace": false, "ada.lovelace1": false, "clew-security": false,
		"пароль-очень-длинный": true, "\xff\xfe123456789012345": false, strings.Repeat("a1b2c3", 100): false,
	} {
		err := checkPassword("ada.lovelace", password)
		if (err == nil) != ok {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestPHCRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Cost{Memory: rapid.Uint32Range(8, maxMemory).Draw(t, "memory"), Time: rapid.Uint32Range(1, maxTime).Draw(t, "time")}
		salt := rapid.SliceOfN(rapid.Byte(), 8, 32).Draw(t, "salt")
		sum := rapid.SliceOfN(rapid.Byte(), 16, 64).Draw(t, "sum")
		got, s, h, err := parsePHC(phc(c, salt, sum))
		if err != nil || got.Memory != c.Memory || got.Time != c.Time || string(s) != string(salt) || string(h) != string(sum) {
			t.Fatal(got, s, h, err)
		}
	})
}

func FuzzParsePHC(f *testing.F) {
	f.Add(phc(cheap, make([]byte, 16), make([]byte, 32)))
	f.Add("$argon2id$v=19$m=64,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, form string) {
		c, salt, sum, err := parsePHC(form)
		if err == nil && (c.Memory > maxMemory || c.Time > maxTime || len(salt) < 8 || len(sum) < 16) {
			t.Errorf("accepted %q", form)
		}
	})
}
