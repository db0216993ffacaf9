package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// dice is the only source of chance. Each part of a scenario has its own
// stream, so that more background does not change an attack.
type dice struct{ *rand.Rand }

func newDice(seed, stream uint64) *dice {
	return &dice{rand.New(rand.NewPCG(seed, mix(stream)))}
}

// mix is the finaliser of SplitMix64: a bijection, so distinct numbers stay
// distinct.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func pick[T any](d *dice, from []T) T { return from[d.IntN(len(from))] }

// some gives n different members of from, or all in another order when there
// are fewer.
func some[T any](d *dice, n int, from []T) []T {
	n = min(n, len(from))
	out := make([]T, 0, n)
	for _, i := range d.Perm(len(from))[:n] {
		out = append(out, from[i])
	}
	return out
}

func (d *dice) chance(p float64) bool { return d.Float64() < p }

// count is between least and most, both included.
func (d *dice) count(least, most int) int { return least + d.IntN(most-least+1) }

func (d *dice) span(least, most time.Duration) time.Duration {
	if most <= least {
		return least
	}
	return (least + time.Duration(d.Int64N(int64(most-least)))).Truncate(time.Millisecond)
}

func (d *dice) hex(digits int) string {
	const set = "0123456789abcdef"
	out := make([]byte, digits)
	var bits uint64
	for i := range out {
		if i%16 == 0 {
			bits = d.Uint64()
		}
		out[i] = set[bits&15]
		bits >>= 4
	}
	return string(out)
}

func (d *dice) guid() string { return asGUID(d.hex(32)) }

func asGUID(h string) string {
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:32]
}

// digest is the SHA-256 that a made-up file has: always the same for the same
// text.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
