"""Protobuf's wire format and QUIC's variable-length integers, as far as docs/protocol.md needs them."""

ADDRESS = {"ip": (1, "bytes"), "port": (2, "number")}
CANDIDATE = {"address": (1, ADDRESS), "kind": (2, "number")}
RELAY = {"addresses": (1, [ADDRESS]), "pin": (2, "bytes"), "host": (3, "text"), "peer_token": (4, "text")}
FLIGHT_DATAGRAM = {"packet": (1, "bytes"), "size": (2, "number")}
OFFER_BODY = {"expires": (1, "fixed32"), "relays": (2, [RELAY]), "flight": (3, [FLIGHT_DATAGRAM]),
              "candidates": (4, [CANDIDATE]), "flags": (5, "number"), "peer": (6, "bytes"), "secret": (7, "bytes")}
HELLO = {"version": (1, "number"), "protocols": (2, ["text"]), "candidates": (3, [CANDIDATE]),
         "pairing_proof": (4, "bytes")}
CONTROL_MESSAGE = {"hello": (1, HELLO)}
MAILBOX_MESSAGE = {"offer": (1, "bytes"), "id": (2, "text"), "keepSeconds": (3, "number")}
MAILBOX_RECEIPT = {"run": (1, "text"), "keepSeconds": (2, "number")}

VARINT, FIXED64, LENGTH_DELIMITED, FIXED32 = 0, 1, 2, 5
WIRE_TYPES = {"number": VARINT, "fixed32": FIXED32}  # of the others: LENGTH_DELIMITED


def need(holds, why):
    if not holds:
        raise ValueError(why)


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def read_varint(data, at):
    value = 0
    for shift in range(0, 70, 7):
        need(at < len(data), "cut short")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise ValueError("varint")


def read_fields(data, at, end):
    """Yields (number, wire type, begin, end of the value); ValueError where the message cannot be read on."""
    data = data[:end]
    while at < end:
        tag, begin = read_varint(data, at)
        wire = tag & 7
        if wire == VARINT:
            at = read_varint(data, begin)[1]
        elif wire == LENGTH_DELIMITED:
            length, begin = read_varint(data, begin)
            at = begin + length
        else:
            need(wire in (FIXED64, FIXED32), "wire type")
            at = begin + (8 if wire == FIXED64 else 4)
        need(at <= end and tag >> 3, "cut short")
        yield tag >> 3, wire, begin, at


def decode(message, data):
    """The fields as a dict: lists always, others where they are there; unknown ones are left out."""
    by_number = {number: (name, kind) for name, (number, kind) in message.items()}
    out = {name: [] for name, (_, kind) in message.items() if isinstance(kind, list)}
    for number, wire, begin, end in read_fields(data, 0, len(data)):
        name, kind = by_number.get(number, (None, None))
        is_list = isinstance(kind, list)
        kind = kind[0] if is_list else kind
        if name is None or wire != WIRE_TYPES.get(str(kind), LENGTH_DELIMITED):
            continue
        value = read_value(kind, data[begin:end])
        if is_list:
            out[name].append(value)
        else:
            out[name] = value
    return out


def read_value(kind, raw):
    if isinstance(kind, dict):
        return decode(kind, raw)
    if kind == "number":
        return read_varint(raw, 0)[0] & 0xFFFFFFFF
    if kind == "fixed32":
        return int.from_bytes(raw, "little")
    return raw.decode("utf-8") if kind == "text" else raw


def encode(message, fields):
    """Fields in the order of their numbers, zero values left out."""
    out = b""
    for name, (number, kind) in message.items():
        is_list = isinstance(kind, list)
        kind = kind[0] if is_list else kind
        for value in fields.get(name, []) if is_list else [fields.get(name)]:
            if not value and not is_list:
                continue
            wire = WIRE_TYPES.get(str(kind), LENGTH_DELIMITED)
            raw = write_value(kind, value)
            out += varint(number << 3 | wire) + (varint(len(raw)) if wire == LENGTH_DELIMITED else b"") + raw
    return out


def write_value(kind, value):
    if isinstance(kind, dict):
        return encode(kind, value)
    if kind == "number":
        return varint(value)
    if kind == "fixed32":
        return value.to_bytes(4, "little")
    return value.encode() if kind == "text" else value


def read_quic_varint(data, at):
    need(at < len(data) and at + (1 << (data[at] >> 6)) <= len(data), "cut short")
    size = 1 << (data[at] >> 6)
    return int.from_bytes(data[at:at + size], "big") & (1 << 8 * size - 2) - 1, at + size
