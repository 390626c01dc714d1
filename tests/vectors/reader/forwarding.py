"""A relay's verdicts (section 5)."""

from typing import NamedTuple

from wire import need


class Registration(NamedTuple):
    name: str
    ids: frozenset
    address: str
    session: str  # "" for none


def read_header(datagram, length):
    """(destination, source), the latter None in a short header. ValueError: rule 1."""
    need(len(datagram) >= 1 + length + 20 and datagram[0] & 0x40, "no QUIC")
    if not datagram[0] & 0x80:
        return datagram[1:1 + length], None
    at, ids = 5, []
    for _ in range(2):
        need(at < len(datagram) and datagram[at] <= 20 and at + 1 + datagram[at] <= len(datagram), "IDs")
        ids.append(datagram[at + 1:at + 1 + datagram[at]])
        at += 1 + datagram[at]
    return tuple(ids)


def judge(datagram, origin, registrations, length):
    """(rule, verdict, Registration whose sign of life it is or None)."""
    try:
        destination, source = read_header(datagram, length)
    except ValueError:
        return 1, "drop", None
    to = next((one for one in registrations if destination in one.ids), None)
    if to:
        if to.address == origin:
            return 2, "drop", None
        if not to.session:
            heard = next((one for one in registrations if not one.session and one.address == origin), None)
            return 5, "forward", heard
        party = next((one for one in registrations if one != to and one.session == to.session), None)
        if not party:
            return 4, "hold", None
        return (3, "forward", party) if party.address == origin else (3, "drop", None)
    if source is None:
        return (6, "drop", None) if destination[0] < 0x80 else (9, "http3", None)
    sender = next((one for one in registrations if source in one.ids), None)
    if sender:
        return 7, "drop", sender if sender.address == origin else None
    if len(source) == length and source[0] < 0x80 and any(one.address == origin for one in registrations):
        return 8, "drop", None
    return 9, "http3", None
