"""Writes seeds of the fuzz targets, made of the test vectors: valid inputs, and inputs that are nearly valid.

Usage: make_seeds.py VECTORS FOLDER. Each target gets a folder of its own; files are named after their content.
"""

import hashlib
import json
import pathlib
import struct
import sys
import zlib


class Seeds:
    def __init__(self, vectors, folder):
        self.vectors, self.folder = vectors, folder

    def read(self, name):
        return json.loads((self.vectors / f"{name}.json").read_text(encoding="utf-8"))

    def add(self, target, *parts):
        content = b"".join(part.encode() if isinstance(part, str) else bytes(part) for part in parts)
        folder = self.folder / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def sized(content):
    """One byte says how long it is."""
    content = content.encode() if isinstance(content, str) else bytes(content)
    return bytes([len(content)]) + content


def http_post(body, more=b""):
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), more, body)


def packets(seeds):
    vectors = seeds.read("initial_filter")
    ids = [vector["id"] for vector in seeds.read("connection_ids")["vectors"] if vector["length"] == 12]
    datagrams = [bytes.fromhex(datagram["datagram"]) for datagram in vectors["datagrams"]]
    datagrams += [bytes.fromhex(one["datagram"]) for one in seeds.read("offers")["flight"]]
    for number, datagram in enumerate(datagrams):
        seeds.add("quic_header", [12, number], datagram[:200])
    for number, text in enumerate(ids[:4]):
        own = bytes.fromhex(text)
        seeds.add("quic_header", [12, number], b"\x41", own, bytes(40))
        seeds.add("quic_header", [8, number], b"\xc3\0\0\0\1\x0c", own, b"\x0c", own[::-1], b"\0\x40\x20", bytes(40))
    seeds.add("quic_header", [0, 0], b"\xc0\0\0\0\0\x15", bytes(60))  # Version Negotiation, an ID of 21 bytes
    for version in (b"\x6b\x33\x43\xcf", b"\xff\0\0\x1d", b"\x1a\x2a\x3a\x4a"):
        seeds.add("quic_header", [12, 7], b"\xc0", version, b"\x14", bytes(range(20)), b"\0", bytes(1180))

    ack, server_hello = b"\x02\0\0\0\0", b"\x06\0\x05\x02\0\0\1\0"
    client_hello = b"\x06\0\x04\x01\0\0\0"
    close = b"\x1c\x02\0\x03bye"
    for flags in (0x20, 0x23, 0x30, 0x28, 0x41, 0x43, 0x01):
        for frames in (ack + server_hello, server_hello + bytes(20), close, b"\1" + client_hello, b"\x03" + bytes(9), b"\x1e"):
            seeds.add("initial_packet", [flags, 0, 200, 12, 0x11], frames, bytes(24))


def offers(seeds):
    vectors = seeds.read("offers")
    for form in vectors["forms"]:
        seeds.add("offer_expand", bytes.fromhex(form["compact"]))
    kinds = {"open": 0, "sealed": 1, "pairing": 2}
    for offer in vectors["offers"]:
        kind = offer["kind"] if isinstance(offer["kind"], int) else kinds[offer["kind"]]
        seeds.add("offer_expand", bytes.fromhex(offer["compact"]))
        for flag in (0, 0x80):
            seeds.add("offer_body", [next(n for n in range(flag, flag + 3) if n % 3 == kind)], bytes.fromhex(offer["body"]))
        for text in offer["texts"].values() if isinstance(offer["texts"], dict) else offer["texts"]:
            seeds.add("uri", text)
            seeds.add("carrier_lines", b"\0\1\x20\0", "not an offer\n", text, "\n")
            seeds.add("spool_file", text)
            for flags in (0, 1, 3):
                seeds.add("webhook_request", [flags, 7], http_post(text.encode()))
            seeds.add("spool_file", b"\xef\xbb\xbfhere it is:\r\n", text, b" bye")
        if "offer" in offer:
            seeds.add("spool_file", bytes.fromhex(offer["offer"]))
            seeds.add("webhook_request", [3, 200], http_post(bytes.fromhex(offer["offer"]), b"Expect: 100-continue\r\n"))
    for refused in vectors["refused"]:
        seeds.add("uri", "quicket:" + refused["offer"][:40])
    for digits in seeds.read("digits")["valid"] + seeds.read("digits")["invalid"]:
        seeds.add("uri", "QUICKET:/" + digits["digits"])


def texts(seeds):
    relays = seeds.read("relay_urls")
    for url in relays["valid"] + relays["invalid"]:
        seeds.add("uri", url["url"])
        seeds.add("configuration", "r", url["url"], "\n")
    valid = [url["url"] for url in relays["valid"]]
    seeds.add("configuration", "r# mine\n\n", "\n".join(url + "  # near" for url in valid))
    ids = seeds.read("peer_ids")
    for peer in ids["valid"] + ids["invalid"]:
        seeds.add("uri", peer["id"])
        seeds.add("trust_store", "someone ", peer["id"], "\n")


def control(seeds):
    vectors = seeds.read("control")
    for number, vector in enumerate(vectors["hello"] + vectors["accepted"] + vectors["refused"]):
        seeds.add("control_stream", [0, number], bytes.fromhex(vector["stream"]))


def registration(seeds):
    bodies = [(one["message"], bytes.fromhex(one["protobuf"]), one["json"]) for one in seeds.read("registration")["messages"]]

    def request(what, who, body):
        return bytes([what, who]) + len(body).to_bytes(2, "big") + body

    for name, protobuf, text in bodies:
        text = (text if isinstance(text, str) else json.dumps(text)).encode()
        path = 2 if "Release" in name else 0
        for manner in (0, 1, 2):
            seeds.add("registration_request", [manner], request(path, 0, protobuf), request(path | 4, 1, text))
            seeds.add("registration_request", [manner], request(path | 8, 0, protobuf), request(path | 0x28, 1, protobuf),
                      request(path | 16, 2, protobuf))
        for status in (200, 409, 429, 503):
            seeds.add("registration_answer", b"\0\0\0\1\0\x40", b"\x10", status.to_bytes(2, "big"), b"\x21", len(protobuf).to_bytes(2, "big"),
                      protobuf)
            seeds.add("registration_answer", b"\0\0\0\1\0\x40", b"\x13", status.to_bytes(2, "big"), b"\x23", b"30",
                      len(protobuf).to_bytes(2, "big"), protobuf)
    # A window for a bearer key: key = 1, num = 2, first = 3, session = 4 of RegisterRequest.
    for key in (b"k" * 16, b"l" * 16, b"m" * 32):
        for window in (b"\x10\x08", b"\x10\x0c\x18\x05", b"\x10\x01\x18\xff\xff\xff\xff\x0f"):
            for session in (b"", b"\x22\x10" + b"s" * 16):
                body = b"\x0a" + sized(key) + window + session
                seeds.add("registration_request", [0], request(0, 0, body), request(8, 1, body), request(0x20, 2, body))


def mailboxes(seeds):
    vectors = seeds.read("mailbox")

    def request(what, who, rest=b"", body=b""):
        return bytes([what, who]) + sized(rest) + len(body).to_bytes(2, "big") + body

    json_post, post, get, delete, of_bob, proven, raw = 0, 1, 2, 3, 4, 8, 16
    messages = [(one["message"], bytes.fromhex(one["protobuf"]), one["json"].encode()) for one in vectors["messages"]]
    for name, protobuf, text in messages:
        for status in (200, 204, 429):
            seeds.add("mailbox_answer", status.to_bytes(2, "big"), text)
        if name != "MailboxMessage":
            continue
        for mailbox in (0, of_bob):
            leave = request(post | mailbox, 2, body=protobuf) + request(json_post | mailbox, 0, body=text)
            owner = 1 if mailbox else 0
            fetch, wait = (request(get | mailbox | proven, owner, rest) for rest in (b"", b"?wait=20"))
            forget = request(delete | mailbox | proven, owner)
            seeds.add("mailbox_request", leave + fetch + forget + fetch + forget + fetch)
            seeds.add("mailbox_request", wait * 6 + leave + wait + forget + wait)
            seeds.add("mailbox_request", leave * 4 + fetch + forget + leave)
            seeds.add("mailbox_request", leave + request(get | mailbox | proven, 1 - owner) + request(delete | mailbox, owner, b"1"))
            seeds.add("mailbox_request", request(0xe0 | post | mailbox, 2, body=protobuf) * 3 + fetch)
    for proof in vectors["proofs"]:
        for path in (proof["peer"], proof["peer"] + "?wait=25", proof["peer"] + "/1f", proof["peer"].upper()):
            seeds.add("mailbox_request", *(request(what | raw, 0, path.encode(), proof["header"].encode()) for what in range(4)))
    for problem in ('{"type":"quicket:full","status":503,"detail":"no room"}', '{"detail":"\\u001b[2J"}', '{"detail":7}', "[]"):
        seeds.add("mailbox_answer", b"\1\xf7", problem)


def http3(seeds):
    fields = bytes.fromhex("0000d1d7c1500161")  # GET https://a/
    get = b"\1" + sized(fields)
    status = b"\1" + sized(b"\0\0\xd9")  # :status 200
    interim = b"\1" + sized(b"\0\0\xd8")  # :status 103
    data = b"\0" + sized(b"hello")
    settings, goaway = b"\0\4\0", b"\7\1\4"
    for role, control, message in ((1, 2, get), (0, 2, status), (0, 2, interim + status)):
        for rest in (b"", data, data + message, b"\x21\3abc" + data, b"\4\0", b"\0" + sized(bytes(80))):
            seeds.add("http3_stream", [role, 0, 1], [control], sized(settings), [0x80], sized(message + rest))
        seeds.add("http3_stream", [role, 3, 1], [control], sized(settings + goaway), [3], sized(b"\2\x3f"), [7], sized(b"\3"),
                  [1], sized(message), [0x41], sized(b""))
        seeds.add("http3_stream", [role, 3, 1], [control], sized(b"\0" + message), [control | 0x80], sized(settings))
    names = [("x-a", "1"), ("accept", "application/json"), ("content-length", "5"), ("Bad", "x"), (":path", "/"), ("te", "gzip"),
             ("connection", "close"), ("cookie", "a=b"), ("host", "other"), ("a", "b\n"), ("", ""), ("content-length", "+3")]
    for mode in (0x00, 0x05, 0x40, 0x45, 0x80, 0xc0):
        for count in range(1, len(names)):
            seeds.add("http3_fields", [mode, 0, count], sized("POST"), sized("relay.example"), sized("/v1/register"), b"\0\xc8",
                      b"".join(sized(name) + sized(value) for name, value in names[count - 1:count + 2]))
    pseudo = [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a")]
    for order in (pseudo, pseudo[1:], pseudo + pseudo[:1], [("a", "b")] + pseudo, pseudo + [("a", "b")]):
        seeds.add("http3_fields", [0xc0, 0, 0], sized(""), sized(""), sized(""), b"\0\0",
                  b"".join(sized(name) + sized(value) for name, value in order))


def pictures(seeds):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    grey = bytes(range(6))
    png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 0)) +
           chunk(b"IDAT", zlib.compress(b"\0" + grey[:3] + b"\0" + grey[3:])) + chunk(b"IEND", b""))
    segment = b"\xff\xe0\0\x10JFIF" + bytes(10)
    jpeg = b"\xff\xd8" + segment + b"\xff\xda\0\x04ab" + b"scan\xff\0more\xff\xd0more" + b"\xff\xff\xd9"
    pnm = [b"P5 3 2 255\n" + grey, b"P4\n# bits\n3 2\n" + grey[:2], b"P6 1 2 200 " + grey, b"P5 3 1 65535\n" + grey]
    y4m = [b"YUV4MPEG2 W3 H2 F25:1 Cmono\n" + (b"FRAME\n" + grey) * 2, b"YUV4MPEG2 W2 H2 Ip\nFRAME Ixyz\n" + grey,
           b"YUV4MPEG2 W3 H2 C420p10\nFRAME\n" + grey * 3]
    for one in [png, jpeg, *pnm, *y4m]:
        seeds.add("picture", one)
        for stream in (one, b"between" + one + one, one[:-3] + one, one + png + jpeg, one + pnm[0]):
            seeds.add("picture_frames", [1, len(stream) & 255], stream)


def webhooks(seeds):
    signed = b"webhook-id: msg_1\r\nwebhook-timestamp: 1800000000\r\nwebhook-signature: v1,AAAA v2,x v1,BBBB\r\n"
    chunked = b"POST /?a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nquick\r\n0\r\nA: b\r\n\r\n"
    for flags in (0, 1):
        for request in (http_post(b"{}", signed), chunked, b"GET / HTTP/1.0\r\n\r\n", http_post(b"x", b"Content-Encoding: gzip\r\n"),
                        http_post(b"x", b"Content-Length: 2\r\n"), http_post(b"x", signed + signed)):
            seeds.add("webhook_request", [flags, 0], request)


def main():
    seeds = Seeds(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    for make in (packets, offers, texts, control, registration, mailboxes, http3, pictures, webhooks):
        make(seeds)


if __name__ == "__main__":
    main()
