package main

import (
	"encoding/binary"

	"github.com/quic-go/quic-go"
	"golang.org/x/crypto/blake2b"
)

const idLength = 12

// schedule gives connection IDs as docs/protocol.md derives them ("Connection IDs"), from counter 1 on: a
// quic.ConnectionIDGenerator. quic-go calls it from one goroutine at a time.
type schedule struct {
	key      []byte
	forRelay bool // IDs for HTTP/3, with a set top bit
	counter  uint32
}

func (s *schedule) GenerateConnectionID() (quic.ConnectionID, error) {
	s.counter++
	hash, err := blake2b.New(idLength, s.key)
	if err != nil {
		return quic.ConnectionID{}, err
	}
	hash.Write(binary.BigEndian.AppendUint32(nil, s.counter))
	id := hash.Sum(nil)
	if s.forRelay {
		id[0] |= 0x80
	} else {
		id[0] &= 0x7f
	}
	return quic.ConnectionIDFromBytes(id), nil
}

func (s *schedule) ConnectionIDLen() int { return idLength }
