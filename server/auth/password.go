package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Cost is the price of one argon2id hash. Memory is in KiB. At most Parallel
// hashes are computed at a time, so memory stays below Memory × Parallel.
type Cost struct {
	Memory, Time uint32
	Parallel     int
}

// DefaultCost is what new hashes cost: 32 MiB, three passes, one lane; above
// OWASP's least of 19 MiB and two passes. Four at a time use 128 MiB at most.
func DefaultCost() Cost { return Cost{Memory: 32 << 10, Time: 3, Parallel: 4} }

const (
	saltBytes   = 16
	hashBytes   = 32
	minPassword = 12  // characters
	maxPassword = 512 // bytes
	// Bounds of what a stored hash may ask for, so that a damaged row can't
	// exhaust memory.
	maxMemory = 256 << 10
	maxTime   = 16
)

type hasher struct {
	cost Cost
	slot chan struct{}
	// decoy is verified for names that don't exist, so that they take as long.
	decoy string
}

func newHasher(c Cost) *hasher {
	h := &hasher{cost: c, slot: make(chan struct{}, max(1, c.Parallel))}
	h.decoy = phc(c, make([]byte, saltBytes), make([]byte, hashBytes))
	return h
}

// acquire waits for a free slot, at most five seconds.
func (h *hasher) acquire(ctx context.Context) error {
	wait := time.NewTimer(5 * time.Second)
	defer wait.Stop()
	select {
	case h.slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-wait.C:
		return ErrBusy
	}
}

// hash gives the PHC form of a password with a new salt.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.slot }()
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	return phc(h.cost, salt, argon2.IDKey([]byte(password), salt, h.cost.Time, h.cost.Memory, 1, hashBytes)), nil
}

// verify compares a password with its PHC form in constant time. An empty form
// never matches and takes as long as a real one.
func (h *hasher) verify(ctx context.Context, password, form string) (bool, error) {
	if err := h.acquire(ctx); err != nil {
		return false, err
	}
	defer func() { <-h.slot }()
	real := form != ""
	if !real {
		form = h.decoy
	}
	c, salt, want, err := parsePHC(form)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey([]byte(password), salt, c.Time, c.Memory, 1, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && real, nil
}

func phc(c Cost, salt, sum []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, c.Memory, c.Time, b.EncodeToString(salt), b.EncodeToString(sum))
}

var errHashForm = errors.New("stored password hash has an unknown form")

func parsePHC(form string) (c Cost, salt, sum []byte, err error) {
	parts := strings.Split(form, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errHashForm
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &c.Memory, &c.Time); n != 2 || err != nil {
		return c, nil, nil, errHashForm
	}
	if c.Memory < 8 || c.Memory > maxMemory || c.Time < 1 || c.Time > maxTime {
		return c, nil, nil, errHashForm
	}
	if salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return c, nil, nil, errHashForm
	}
	if sum, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(sum) < 16 || len(sum) > 64 {
		return c, nil, nil, errHashForm
	}
	return c, salt, sum, nil
}

// checkPassword refuses what is too easy. Length is what counts; the rest is
// what guessers try first.
func checkPassword(user, password string) error {
	refuse := func(reason string) error { return &PolicyError{Field: "password", Reason: reason} }
	low := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password):
		return refuse("must be text")
	case utf8.RuneCountInString(password) < minPassword:
		return refuse(fmt.Sprintf("needs at least %d characters; several words make a good one", minPassword))
	case len(password) > maxPassword:
		return refuse(fmt.Sprintf("is longer than %d bytes", maxPassword))
	case distinct(password) < 5:
		return refuse("repeats too few characters")
	case easilyGuessed(low, user):
		return refuse("is among the first that would be guessed; several unrelated words make a good one")
	}
	return nil
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// easilyGuessed tells whether little is left of a password once the user's name
// and the words that everybody takes are gone.
func easilyGuessed(low, user string) bool {
	words := append([]string{user}, "password", "passw0rd", "administrator", "admin", "qwertyuiop", "qwerty", "letmein", "welcome",
		"changeme", "secret", "1234567890", "123456789", "12345678", "123456", "1234", "clew", "security", "incident")
	left := low
	for _, w := range words {
		if len(w) > 2 {
			left = strings.ReplaceAll(left, strings.ToLower(w), "")
		}
	}
	return utf8.RuneCountInString(left) < 5 || strings.EqualFold(low, user)
}
