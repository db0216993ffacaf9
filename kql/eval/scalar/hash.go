package scalar

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"

	"github.com/clew-sec/clew/kql/value"
)

var hashes = map[string]*Function{
	"hash":          ranged(1, 2, value.Long, func(a []value.Value) value.Value { return hashOf(a, XXHash64(hashBytes(a[0]))) }),
	"hash_xxhash64": ranged(1, 2, value.Long, func(a []value.Value) value.Value { return hashOf(a, XXHash64(hashBytes(a[0]))) }),
	"hash_many":     lenient(1, -1, value.Long, hashMany),
	"hash_combine": lenient(1, -1, value.Long, func(a []value.Value) value.Value {
		var h uint64
		for i := range a {
			h = combine(h, uint64(whole(a, i, 0)))
		}
		return value.LongOf(int64(h))
	}),
	"hash_md5":    digest(func(b []byte) []byte { h := md5.Sum(b); return h[:] }),
	"hash_sha1":   digest(func(b []byte) []byte { h := sha1.Sum(b); return h[:] }),
	"hash_sha256": digest(func(b []byte) []byte { h := sha256.Sum256(b); return h[:] }),
	"hash_sha512": digest(func(b []byte) []byte { h := sha512.Sum512(b); return h[:] }),
}

func digest(sum func([]byte) []byte) *Function {
	return fixed(1, value.String, func(a []value.Value) value.Value {
		return value.StringOf(hex.EncodeToString(sum([]byte(a[0].String()))))
	})
}

// hashBytes are the bytes of texts, and of numbers and times in little endian.
func hashBytes(v value.Value) []byte {
	switch v.Type {
	case value.String, value.Guid, value.Dynamic, value.Decimal:
		return []byte(v.String())
	case value.Bool:
		return []byte{byte(v.Num)}
	case value.Int:
		return binary.LittleEndian.AppendUint32(nil, uint32(v.Num))
	case value.Real:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v.Float))
	}
	return binary.LittleEndian.AppendUint64(nil, uint64(v.Num))
}

func hashOf(a []value.Value, h uint64) value.Value {
	if len(a) < 2 {
		return value.LongOf(int64(h))
	}
	mod := whole(a, 1, 0)
	if mod <= 0 {
		return noLong
	}
	return value.LongOf(remainder(int64(h), mod))
}

func hashMany(a []value.Value) value.Value {
	var h uint64
	for _, v := range a {
		h = combine(h, XXHash64(hashBytes(v)))
	}
	return value.LongOf(int64(h))
}

func combine(h, k uint64) uint64 { return h ^ (k + 0x9e3779b97f4a7c15 + h<<6 + h>>2) }

const (
	prime1 uint64 = 11400714785074694791
	prime2 uint64 = 14029467366897019727
	prime3 uint64 = 1609587929392839161
	prime4 uint64 = 9650029242287828579
	prime5 uint64 = 2870177450012600261
)

func xxRound(acc, lane uint64) uint64 { return bits.RotateLeft64(acc+lane*prime2, 31) * prime1 }

// XXHash64 is the 64-bit xxHash with the seed 0.
func XXHash64(b []byte) uint64 {
	n := uint64(len(b))
	h := prime5
	if len(b) >= 32 {
		h, b = xxStripes(b)
	}
	h += n
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^xxRound(0, binary.LittleEndian.Uint64(b)), 27)*prime1 + prime4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(b))*prime1, 23)*prime2 + prime3
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*prime5, 11) * prime1
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}

// xxStripes takes in whole blocks of 32 bytes and returns the rest.
func xxStripes(b []byte) (uint64, []byte) {
	var zero uint64
	first := prime1
	first += prime2 // wraps around
	acc := [4]uint64{first, prime2, 0, zero - prime1}
	for ; len(b) >= 32; b = b[32:] {
		for i := range acc {
			acc[i] = xxRound(acc[i], binary.LittleEndian.Uint64(b[8*i:]))
		}
	}
	h := bits.RotateLeft64(acc[0], 1) + bits.RotateLeft64(acc[1], 7) + bits.RotateLeft64(acc[2], 12) + bits.RotateLeft64(acc[3], 18)
	for _, a := range acc {
		h = (h^xxRound(0, a))*prime1 + prime4
	}
	return h, b
}
