package main

import (
	"crypto/ed25519"
	"encoding/binary"
)

// registration writes a RegisterRequest (docs/protocol.md "Registration") with the proof that the key's holder sends it on
// the TLS connection of this exporter.
func registration(key ed25519.PrivateKey, exporter, session []byte, num uint64) []byte {
	public := key.Public().(ed25519.PublicKey)
	signed := []byte("quicket register 1")
	signed = append(signed, exporter...)
	signed = append(signed, public...)
	signed = append(signed, session...)

	message := appendBytes(nil, 1, public)
	message = binary.AppendUvarint(message, 2<<3) // num, a varint
	message = binary.AppendUvarint(message, num)
	message = appendBytes(message, 4, session)
	return appendBytes(message, 5, ed25519.Sign(key, signed))
}

// appendBytes appends a field of protobuf's wire type 2; an empty value is left out, as proto3 does.
func appendBytes(message []byte, field uint64, value []byte) []byte {
	if len(value) == 0 {
		return message
	}
	message = binary.AppendUvarint(message, field<<3|2)
	message = binary.AppendUvarint(message, uint64(len(value)))
	return append(message, value...)
}
