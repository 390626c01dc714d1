"""Initial packets (RFC 9001 section 5), the flight's datagrams (6.2), and what may wake a frozen dialer (7.2)."""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wire import need, read_quic_varint

SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
TAG = 16
PADDING, PING, ACK, ACK_ECN, CRYPTO, CLOSE = 0x00, 0x01, 0x02, 0x03, 0x06, 0x1C


def expand_label(secret, label, length):
    info = bytes([0, length, 6 + len(label)]) + b"tls13 " + label + b"\0"
    return hmac.digest(secret, info + b"\x01", "sha256")[:length]


def exclusive_or(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


class Keys:
    """Initial keys of one side, b"client" or b"server". Packets are whole ones; `at` is where the packet number is."""

    def __init__(self, first_destination, side):
        secret = expand_label(hmac.digest(SALT, first_destination, "sha256"), side + b" in", 32)
        self.aead = AESGCM(expand_label(secret, b"quic key", 16))
        self.iv = expand_label(secret, b"quic iv", 12)
        self.mask = Cipher(algorithms.AES(expand_label(secret, b"quic hp", 16)), modes.ECB()).encryptor().update

    def nonce(self, number):
        return exclusive_or(self.iv, number.rjust(12, b"\0"))

    def unprotect(self, packet, at):
        """(header, frames)."""
        need(len(packet) >= at + 4 + TAG, "too short")
        mask = self.mask(packet[at + 4:at + 20])
        first = packet[0] ^ mask[0] & 0x0F
        number = exclusive_or(packet[at:at + (first & 3) + 1], mask[1:])
        header = bytes([first]) + packet[1:at] + number
        try:
            return header, self.aead.decrypt(self.nonce(number), packet[len(header):], header)
        except InvalidTag:
            raise ValueError("tag") from None

    def protect(self, header, at, frames):
        number = header[at:]
        sealed = self.aead.encrypt(self.nonce(number), frames, header)
        mask = self.mask((number + sealed)[4:20])
        return bytes([header[0] ^ mask[0] & 0x0F]) + header[1:at] + exclusive_or(number, mask[1:]) + sealed


def read_header(packet):
    """(destination, source, token, where the packet number is, end of the packet) of a version 1 Initial."""
    need(len(packet) > 5 and packet[0] & 0xF0 == 0xC0 and packet[1:5] == b"\0\0\0\1", "no Initial")
    at, ids = 5, []
    for _ in range(2):
        need(at < len(packet) and packet[at] <= 20, "IDs")
        ids.append(packet[at + 1:at + 1 + packet[at]])
        at += 1 + packet[at]
    length, at = read_quic_varint(packet, at)
    token = packet[at:at + length]
    length, at = read_quic_varint(packet, at + length)
    return ids[0], ids[1], token, at, at + length


def read_frames(data, at):
    """A list of (type, CRYPTO offset, begin and end of CRYPTO data); ValueError: another type, or not whole."""
    frames = []
    while at < len(data):
        kind, at, offset = data[at], at + 1, 0
        need(kind in (PADDING, PING, ACK, ACK_ECN, CRYPTO, CLOSE), "type")
        begin = end = at
        if kind in (ACK, ACK_ECN):
            fields = []
            while len(fields) < 4 or len(fields) < 4 + 2 * fields[2] + 3 * (kind == ACK_ECN):
                field, at = read_quic_varint(data, at)
                fields.append(field)
        elif kind in (CRYPTO, CLOSE):
            offset, at = read_quic_varint(data, at)
            if kind == CLOSE:
                _, at = read_quic_varint(data, at)
            length, begin = read_quic_varint(data, at)
            at = end = begin + length
            need(end <= len(data), "cut short")
        frames.append((kind, offset, begin, end))
    need(frames, "no frames")
    return frames


def compact_datagram(datagram):
    """packet and size of a FlightDatagram."""
    try:
        destination, _, _, at, end = read_header(datagram)
        header, frames = Keys(destination, b"client").unprotect(datagram[:end], at)
        kinds = [kind for kind, *_ in read_frames(frames, 0)]
        padding = next((i for i, kind in enumerate(reversed(kinds)) if kind != PADDING), len(kinds))
        packet = header + frames[:len(frames) - padding]
        if expand_datagram(packet, len(datagram)) == datagram:
            return packet, len(datagram)
    except ValueError:
        pass
    return datagram, 0


def expand_datagram(packet, size):
    need(1200 <= (size or len(packet)) <= 1500, "size")
    destination, _, _, at, end = read_header(packet)
    if size == 0:
        return packet
    need(end == size and len(packet) + TAG <= size, "length field")
    header_end = at + (packet[0] & 3) + 1
    frames = packet[header_end:].ljust(size - TAG - header_end, b"\0")
    return Keys(destination, b"client").protect(packet[:header_end].ljust(header_end, b"\0"), at, frames)


def judge_while_frozen(datagram, first_id, original_id, peer_length):
    """"feed", "refusal" or "other"."""
    try:
        destination, source, token, at, end = read_header(datagram)
        need(destination == first_id and not token and end <= len(datagram), "not the answer")
        header, frames = Keys(original_id, b"server").unprotect(datagram[:end], at)
        need(not header[0] & 0x0C, "reserved bits")
        found = read_frames(frames, 0)
    except ValueError:
        return "other"
    if any(kind == CLOSE for kind, *_ in found):
        return "refusal"
    answers = any(kind == CRYPTO and offset == 0 and frames[begin:end][:1] == b"\x02" for kind, offset, begin, end in found)
    return "feed" if answers and len(source) == peer_length and source[0] < 0x80 else "other"
