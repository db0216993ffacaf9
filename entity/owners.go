package entity

import (
	"hash/maphash"
	"math/bits"
)

// owners holds which entity each identifier names. Comparing identifiers, which lie
// all over the memory, would be most of a look-up: they are told apart by their
// digests alone.
type owners struct{ byDigest[record] }

func (o *owners) of(id *Identifier) *record        { return o.get(digestOf(id)) }
func (o *owners) give(id *Identifier, rec *record) { o.set(digestOf(id), rec) }
func (o *owners) take(id *Identifier)              { o.remove(digestOf(id)) }

// digest stands for an identifier, or for a list of them. It is keyed anew with each
// process, so that nobody can make two of one digest, and has 128 bits, so that none
// come about: among a thousand million identifiers the chance is one in 10^21.
type digest [2]uint64

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// Odd factors, which keep apart what is added up in a digest.
const (
	factorWhat  = 0x9E3779B97F4A7C15
	factorScope = 0xC2B2AE3D27D4EB4F
	factorKind  = 0xD6E8FEB86659FD93
	factorNext  = 0xA0761D6478BD642F
)

// digestOf digests an identifier.
func digestOf(id *Identifier) (d digest) {
	what := uint64(commonType(id))
	for k, seed := range seeds {
		h := maphash.String(seed, id.Value) + what*factorWhat
		if id.Scope != "" {
			h += maphash.String(seed, id.Scope) * factorScope
		}
		if what == 0 {
			h += (maphash.String(seed, string(id.Kind)) + maphash.String(seed, id.Type)*factorKind) * factorNext
		}
		d[k] = h
	}
	return d
}

// digestAt gives the digest of one of several identifiers, of the first of which the
// digests are known.
func digestAt(known []digest, ids []Identifier, n int) digest {
	if n < len(known) {
		return known[n]
	}
	return digestOf(&ids[n])
}

// then gives the digest of a list that goes on with another identifier.
func (d digest) then(next digest) digest {
	for k := range d {
		d[k] = (bits.RotateLeft64(d[k], 29) ^ next[k]) * factorNext
	}
	return d
}

// commonType numbers the commonest pairs of kind and type from 1; the others are 0.
func commonType(id *Identifier) uint8 {
	switch id.Kind {
	case User:
		return place(id.Type, 1, "aadId", "adGuid", "sid", "upn", "sam")
	case Device:
		return place(id.Type, 11, "deviceId", "aadDeviceId", "fqdn", "hostName", "resourceId")
	case IP:
		return place(id.Type, 21, "address", "", "", "", "")
	case File:
		return place(id.Type, 31, "sha256", "sha1", "md5", "path", "name")
	case Process:
		return place(id.Type, 41, "instance", "commandLine", "", "", "")
	case Mail:
		return place(id.Type, 51, "networkMessageId", "internetMessageId", "sender", "", "")
	case Mailbox:
		return place(id.Type, 61, "address", "", "", "", "")
	case Domain:
		return place(id.Type, 71, "domain", "", "", "", "")
	case URL:
		return place(id.Type, 81, "url", "", "", "", "")
	}
	return 0
}

// place is where a type stands in a list, counted from first, 0 when it does not.
func place(typ string, first uint8, a, b, c, d, e string) uint8 {
	switch typ {
	case "":
		return 0
	case a:
		return first
	case b:
		return first + 1
	case c:
		return first + 2
	case d:
		return first + 3
	case e:
		return first + 4
	}
	return 0
}
