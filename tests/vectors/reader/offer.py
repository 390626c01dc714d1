"""Offers: body, compact form and seal (section 6)."""

import hashlib
import ipaddress
import re
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import initial
import keys
import random_fields
from wire import OFFER_BODY, decode, need

OPEN, SEALED, PAIRING = range(3)
LIMIT = 65536
PROLOGUE = b"quicket\x01\x01"


class Refused(ValueError):
    """Its text is the word that offers.json has for it. Any other ValueError here means malformed."""


def inflate(packed, dictionary):
    """(what came out, what is left behind it)."""
    stream = zlib.decompressobj(-15, zdict=dictionary)
    try:
        plain = stream.decompress(packed, LIMIT + 1)
    except zlib.error as error:
        raise ValueError("deflate") from error
    if len(plain) > LIMIT:
        raise Refused("too_large")
    need(stream.eof, "deflate")
    return plain, stream.unused_data


def expand_body(compact, dictionary):
    need(compact, "empty")
    form, payload = compact[0], compact[1:]
    if form > 2:
        raise Refused("version")
    if form == 0:
        return payload
    body, rest = inflate(payload, dictionary)
    if form == 1:
        return random_fields.fill(body, rest)
    need(not rest, "bytes behind it")
    return body


def check_address(address):
    ip, port = address.get("ip", b""), address.get("port", 0)
    need(len(ip) in (4, 16) and 1 <= port <= 65535, "address")
    ip = ipaddress.ip_address(ip)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    need(not ip.is_unspecified and not ip.is_multicast, "address")


def is_canonical(host):
    if ":" in host or re.fullmatch("[0-9.]+", host):
        return str(ipaddress.ip_address(host)) == host
    return re.fullmatch("[a-z0-9.-]{1,253}", host)


def check_relay(relay):
    pin, host = relay.get("pin", b""), relay.get("host", "")
    need(1 <= len(relay["addresses"]) <= 4 and bool(pin) != bool(host) and len(pin) in (0, 16), "relay")
    need(not host or is_canonical(host), "host")
    need(re.fullmatch("[!-~]{0,512}", relay.get("peer_token", "")), "token")
    for address in relay["addresses"]:
        check_address(address)


def read_body(data, kind):
    """The body as a dict; `datagrams` is its flight as sent, `candidates` those of known kinds."""
    body = decode(OFFER_BODY, data)
    if body.get("flags"):
        raise Refused("version")
    need(1 <= len(body["relays"]) <= 8 and 1 <= len(body["flight"]) <= 16, "relays or flight")
    need(len(body["candidates"]) <= (16 if kind == SEALED else 0), "candidates")
    need(len(body.get("peer", b"")) == (0 if kind == SEALED else 32), "peer")
    need(len(body.get("secret", b"")) == {OPEN: 32, SEALED: 0, PAIRING: 16}[kind], "secret")
    for relay in body["relays"]:
        check_relay(relay)
    body["candidates"] = [candidate for candidate in body["candidates"] if candidate.get("kind") in (1, 2, 3)]
    for candidate in body["candidates"]:
        check_address(candidate.get("address", {}))
    body["datagrams"] = [initial.expand_datagram(one.get("packet", b""), one.get("size", 0)) for one in body["flight"]]
    need(len({initial.read_header(datagram)[:2] for datagram in body["datagrams"]}) == 1, "IDs")
    return body


def x25519(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(*keys.RAW)


def exchange(secret, public):
    return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))


class Noise:
    """The symmetric state of Noise_X_25519_ChaChaPoly_SHA256, with the recipient's key mixed in."""

    def __init__(self, recipient):
        self.chain = self.hash = b"Noise_X_25519_ChaChaPoly_SHA256".ljust(32, b"\0")
        self.mix_hash(PROLOGUE)
        self.mix_hash(recipient)

    def mix_hash(self, data):
        self.hash = hashlib.sha256(self.hash + data).digest()

    def mix_key(self, shared):
        both = keys.hkdf(shared, b"", 64, self.chain)
        self.chain, self.aead = both[:32], ChaCha20Poly1305(both[32:])

    def encrypt(self, data):
        out = self.aead.encrypt(bytes(12), data, self.hash)
        self.mix_hash(out)
        return out

    def decrypt(self, data):
        out = self.aead.decrypt(bytes(12), data, self.hash)
        self.mix_hash(data)
        return out

    def first_key(self):
        return keys.hkdf(b"", b"", 32, self.chain)


def seal(sender_seed, recipient, ephemeral, compact):
    """(offer, first key); `recipient` is an Ed25519 key."""
    recipient, static = keys.x25519_public(recipient), keys.x25519_secret(sender_seed)
    noise = Noise(recipient)
    noise.mix_hash(x25519(ephemeral))
    noise.mix_key(exchange(ephemeral, recipient))
    sender = noise.encrypt(x25519(static))
    noise.mix_key(exchange(static, recipient))
    return bytes([1, SEALED]) + x25519(ephemeral) + sender + noise.encrypt(compact), noise.first_key()


def open_seal(recipient_seed, rest):
    """(sender's X25519 key, compact body, first key)."""
    static = keys.x25519_secret(recipient_seed)
    noise = Noise(x25519(static))
    noise.mix_hash(rest[:32])
    try:
        noise.mix_key(exchange(static, rest[:32]))
        sender = noise.decrypt(rest[32:80])
        noise.mix_key(exchange(static, sender))
        return sender, noise.decrypt(rest[80:]), noise.first_key()
    except (ValueError, InvalidTag):
        raise Refused("not_for_us") from None


def session_secret(kind, key):
    return key if kind == OPEN else keys.hkdf(key, b"quicket session 1", 32)


def open_offer(offer, seed, trusted, dictionary):
    """(body, session secret)."""
    if len(offer) > LIMIT:
        raise Refused("too_large")
    need(len(offer) >= 2, "size")
    if offer[0] != 1 or offer[1] > 2:
        raise Refused("version")
    kind, compact, first_key = offer[1], offer[2:], None
    if kind == SEALED:
        sender, compact, first_key = open_seal(seed, compact)
        if sender not in map(keys.x25519_public, trusted):
            raise Refused("unknown_sender")
    body = read_body(expand_body(compact, dictionary), kind)
    if kind != SEALED and body["peer"] not in trusted:
        raise Refused("unknown_sender")
    return body, session_secret(kind, first_key or body["secret"])
