"""Random fields of a body (6.4)."""

import initial
from wire import FIXED32, LENGTH_DELIMITED, VARINT, need, read_fields, read_quic_varint

PLAIN, PORT, DESTINATION, SOURCE = "plain", "port", "destination", "source"


def find(body):
    """(begin, end, kind) of each, in the order of the body's bytes."""
    places = []
    address = {(1, LENGTH_DELIMITED): PLAIN, (2, VARINT): PORT}
    relay = {(1, LENGTH_DELIMITED): address, (2, LENGTH_DELIMITED): PLAIN}
    candidate = {(1, LENGTH_DELIMITED): address}
    datagram = {(1, LENGTH_DELIMITED): find_in_packet}
    offer = {(1, FIXED32): PLAIN, (2, LENGTH_DELIMITED): relay, (3, LENGTH_DELIMITED): datagram,
             (4, LENGTH_DELIMITED): candidate, (6, LENGTH_DELIMITED): PLAIN, (7, LENGTH_DELIMITED): PLAIN}

    def walk(message, at, end):
        try:
            for number, wire, begin, stop in read_fields(body, at, end):
                what = message.get((number, wire))
                if isinstance(what, dict):
                    walk(what, begin, stop)
                elif callable(what):
                    what(body, begin, stop, places)
                elif what:
                    places.append((begin, stop, what))
        except ValueError:
            pass  # what was found counts

    walk(offer, 0, len(body))
    return places


def find_in_packet(body, begin, end, places):
    packet = body[begin:end]
    try:
        destination, source, _, at, _ = initial.read_header(packet)
    except ValueError:
        return
    source_at = begin + 6 + len(destination) + 1
    places += [(begin + 6, begin + 6 + len(destination), DESTINATION), (source_at, source_at + len(source), SOURCE)]
    try:
        frames = initial.read_frames(packet, at + (packet[0] & 3) + 1)
        start, stop = next((start, stop) for kind, offset, start, stop in frames if kind == initial.CRYPTO and offset == 0)
        find_in_client_hello(body[:begin + stop], begin + start, places)
    except (ValueError, StopIteration):
        pass


def find_in_client_hello(data, at, places):
    """`data` ends with the CRYPTO frame. ValueError where it ends too early."""

    def number(at, size):
        need(at + size <= len(data), "cut short")
        return int.from_bytes(data[at:at + size], "big"), at + size

    need(number(at, 1)[0] == 1 and at + 38 <= len(data), "no ClientHello")
    places.append((at + 6, at + 38, PLAIN))
    at += 38
    for size in (1, 2, 1):  # legacy_session_id, cipher_suites, legacy_compression_methods
        length, at = number(at, size)
        at += length
    at += 2
    while at < len(data):
        kind, at = number(at, 2)
        length, at = number(at, 2)
        end = at + length
        need(end <= len(data), "cut short")
        try:
            if kind == 51:
                find_in_key_share(data[:end], at + 2, places)
            elif kind == 0x39:
                find_in_transport_parameters(data[:end], at, places)
        except ValueError:
            pass  # what was found counts
        at = end


def find_in_key_share(data, at, places):
    while at < len(data):
        need(at + 4 <= len(data), "cut short")
        begin = at + 4
        at = begin + int.from_bytes(data[at + 2:at + 4], "big")
        need(at <= len(data), "cut short")
        places.append((begin, at, PLAIN))


def find_in_transport_parameters(data, at, places):
    while at < len(data):
        kind, at = read_quic_varint(data, at)
        length, begin = read_quic_varint(data, at)
        at = begin + length
        need(at <= len(data), "cut short")
        if kind == 0x0F:
            places.append((begin, at, SOURCE))


def with_originals(places):
    """Each place with the one that it is a copy of, or None."""
    first = {}
    for begin, end, kind in places:
        known = first.setdefault(kind, (begin, end)) if kind in (DESTINATION, SOURCE) else (begin, end)
        is_copy = known != (begin, end) and known[1] - known[0] == end - begin
        yield begin, end, kind, known if is_copy else None


def take(body):
    """(blank body, random fields)."""
    blank, fields = bytearray(body), b""
    for begin, end, kind, original in with_originals(find(body)):
        blank[begin:end] = bytes(octet & 0x80 if kind == PORT else 0 for octet in body[begin:end])
        fields += b"" if original else body[begin:end]
    return bytes(blank), fields


def fill(blank, fields):
    body = bytearray(blank)
    for begin, end, _, original in with_originals(find(blank)):
        if original:
            body[begin:end] = body[original[0]:original[1]]
            continue
        need(len(fields) >= end - begin, "too few random fields")
        body[begin:end], fields = fields[:end - begin], fields[end - begin:]
    need(not fields, "too many random fields")
    return bytes(body)
