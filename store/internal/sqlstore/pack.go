package sqlstore

import (
	_ "embed"
	"errors"
	"fmt"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// dictionary is text as it stands in stored documents: alerts of many kinds, a
// few links and heads. Most documents are short and much alike, so against it
// they become a fifth of their size in a tenth of the time that compressing them
// by themselves would take. It must never change: what was stored with it can
// only be read with it. A better one gets a mark of its own.
//
//go:embed dictionary_v1.txt
var dictionary []byte

// The first byte of what is stored says how it is packed. Whole zstd frames begin
// with markFrame by themselves.
const (
	markPlain      = 0x00 // as it is
	markDictionary = 0x01 // S2 block against the dictionary
	markFrame      = 0x28 // zstd
)

// maxShort is the size up to which documents are packed against the dictionary.
// Longer ones hold enough repetition themselves.
const maxShort = 64 << 10

// maxUnpacked bounds what one stored document may grow to.
const maxUnpacked = 1 << 30

var (
	shared      = s2.MakeDict(dictionary, nil)
	packer, _   = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(0), zstd.WithWindowSize(256<<10))
	unpacker, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxUnpacked))
)

var errPacked = errors.New("stored data is damaged")

// pack compresses; nothing stays nothing.
func pack(data []byte) []byte {
	switch {
	case len(data) == 0:
		return nil
	case len(data) > maxShort:
		return packer.EncodeAll(data, make([]byte, 0, len(data)/2+64))
	}
	out := make([]byte, 1+s2.MaxEncodedLen(len(data)))
	out[0] = markDictionary
	n := len(shared.Encode(out[1:], data))
	return append([]byte(nil), out[:1+n]...)
}

func unpack(data []byte) ([]byte, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var out []byte
	var err error
	switch data[0] {
	case markPlain:
		return data[1:], nil
	case markDictionary:
		out, err = unpackShort(data[1:])
	case markFrame:
		out, err = unpackFrame(data)
	default:
		err = errPacked
	}
	if err != nil {
		return nil, fmt.Errorf("unpacking stored data: %w", err)
	}
	return out, nil
}

// maxShared is the size of a frame up to which the shared decoder reads it. That
// holds on to the last frame and what became of it, so the snapshot of an engine
// would stay in memory for good.
const maxShared = 1 << 20

func unpackFrame(data []byte) ([]byte, error) {
	if len(data) <= maxShared {
		return unpacker.DecodeAll(data, nil)
	}
	own, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxUnpacked))
	if err != nil {
		return nil, err
	}
	defer own.Close()
	return own.DecodeAll(data, nil)
}

func unpackShort(data []byte) ([]byte, error) {
	n, err := s2.DecodedLen(data)
	if err != nil || n > maxShort {
		return nil, errPacked
	}
	out, err := shared.Decode(make([]byte, n), data)
	if err != nil {
		return nil, errPacked
	}
	return out, nil
}
