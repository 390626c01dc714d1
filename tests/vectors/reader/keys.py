"""Connection IDs (section 3), proofs and sessions (4.2, 4.3), identities as X25519 keys (6.5), first contact (7.5)."""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wire import need

RAW = Encoding.Raw, PublicFormat.Raw


def connection_id(key, counter, length, http3):
    digest = hashlib.blake2b(counter.to_bytes(4, "big"), key=key, digest_size=length).digest()
    return bytes([digest[0] | 0x80 if http3 else digest[0] & 0x7F]) + digest[1:]


def hkdf(secret, info, length, salt=bytes(32)):
    """HKDF-SHA256 (RFC 5869)."""
    key, out, block = hmac.digest(salt, secret, "sha256"), b"", b""
    while len(out) < length:
        block = hmac.digest(key, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:length]


def session_id(secret, relay):
    return hkdf(secret, b"quicket relay 1" + relay, 16)


def public_key(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(*RAW)


def proof_message(exporter, key, session):
    return b"quicket register 1" + exporter + key + session


def proof(seed, exporter, session):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(proof_message(exporter, public_key(seed), session))


def mailbox_proof_message(exporter, key):
    return b"quicket mailbox 1" + exporter + key


def mailbox_proof(seed, exporter):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(mailbox_proof_message(exporter, public_key(seed)))


def pairing_proof(secret, is_dialer, exporter):
    return hmac.digest(secret, (b"\x01" if is_dialer else b"\x02") + exporter, "sha256")


P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    """The sum of two points of edwards25519 (RFC 8032 section 5.1)."""
    t = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + a[1] * b[0]) * pow(1 + t, -1, P) % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, -1, P) % P)


def x25519_public(key):
    y = int.from_bytes(key, "little") & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    need(y < P and x * x % P == square, "no point")
    power, total, n = (x, y), (0, 1), ORDER
    while n:
        total, power, n = add(total, power) if n & 1 else total, add(power, power), n >> 1
    need(total == (0, 1) and y != 1, "not of the main subgroup")
    return ((1 + y) * pow(1 - y, -1, P) % P).to_bytes(32, "little")


def x25519_secret(seed):
    secret = bytearray(hashlib.sha512(seed).digest()[:32])
    secret[0] &= 0xF8
    secret[31] = secret[31] & 0x7F | 0x40
    return bytes(secret)
