"""Bytes as they are on the wire, written from the documents alone: connection IDs, QUIC headers, protobuf fields."""

import hashlib
import struct

ID_LENGTH = 12
SHORTEST = 1 + ID_LENGTH + 20  # of a QUIC packet that can be for a peer
VERSION_1 = 1

INITIAL, ZERO_RTT, HANDSHAKE, RETRY = range(4)


def peer_id(key, counter):
    """The connection ID `counter` of a peer's schedule (docs/protocol.md "Connection IDs")."""
    digest = hashlib.blake2b(struct.pack(">I", counter), digest_size=ID_LENGTH, key=key).digest()
    return bytes([digest[0] & 0x7F]) + digest[1:]


def short_packet(destination, size, fill=b"\x55"):
    """A packet with a short header (RFC 9000 section 17.3) of that many bytes in all."""
    start = b"\x40" + destination
    return start + fill * (size - len(start))


def long_packet(destination, source, size=1200, kind=INITIAL, version=VERSION_1):
    """A packet with a long header (RFC 9000 section 17.2) of that many bytes in all. What follows the IDs is no ciphertext."""
    start = bytes([0xC0 | kind << 4]) + struct.pack(">I", version)
    start += bytes([len(destination)]) + destination + bytes([len(source)]) + source
    rest = max(0, size - len(start))
    if kind == INITIAL and rest > 3:  # no token; a length
        start += b"\x00" + struct.pack(">H", 0x4000 | rest - 3)
    elif kind in (ZERO_RTT, HANDSHAKE) and rest > 2:
        start += struct.pack(">H", 0x4000 | rest - 2)
    return start + b"\x55" * (size - len(start))


def stun_request(size=20):
    """A STUN Binding request (RFC 8489 section 5) with an attribute that fills it up."""
    attribute = struct.pack(">HH", 0x8022, size - 24) + b" " * (size - 24) if size > 20 else b""
    return struct.pack(">HHI", 1, len(attribute), 0x2112A442) + b"\x07" * 12 + attribute


def varint(value):
    """A varint of protobuf."""
    encoded = b""
    while value >= 0x80:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


def message(**fields):
    """A protobuf message: f1=b"..." or f2=10 for the fields 1 and 2."""
    encoded = b""
    for name, value in fields.items():
        number = int(name[1:])
        if isinstance(value, int):
            encoded += varint(number << 3) + varint(value)
        else:
            encoded += varint(number << 3 | 2) + varint(len(value)) + value
    return encoded


def read_message(encoded):
    """The fields of a protobuf message by number, each the value that came last: numbers and bytes."""
    fields, position = {}, 0

    def read_varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = encoded[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    while position < len(encoded):
        tag = read_varint()
        if tag & 7 == 0:
            fields[tag >> 3] = read_varint()
        elif tag & 7 == 2:
            size = read_varint()
            fields[tag >> 3] = encoded[position:position + size]
            position += size
        else:
            raise ValueError(f"wire type {tag & 7}")
    return fields
