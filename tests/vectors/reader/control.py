"""The control stream (8.1)."""

from wire import CONTROL_MESSAGE, decode, need, read_quic_varint


def read(stream):
    """The HELLO of a stream from its first byte, or None when it is not there yet. ValueError: a control violation."""
    at, hello = 0, None
    while at < len(stream):
        size = 1 << (stream[at] >> 6)
        if at + size > len(stream):
            break
        length, at = read_quic_varint(stream, at)
        need(length <= 16384, "oversized")
        if at + length > len(stream):
            break
        message = decode(CONTROL_MESSAGE, stream[at:at + length])
        at += length
        need(("hello" in message) == (hello is None), "misplaced")
        if hello is None:
            hello = message["hello"]
            need(hello.get("version") == 1 and len(hello["protocols"]) <= 16, "HELLO")
            need(all(1 <= len(protocol.encode()) <= 255 for protocol in hello["protocols"]), "protocol")
    return hello


def choose(dialer, accepter):
    return next((protocol for protocol in dialer if protocol in accepter), None)
