"""What a relay does about datagrams that are nobody's: by raw sockets, so that every packet it sends is seen.

An answer to a peer's packet would end the connection between two peers (docs/protocol.md "Which packet goes where").
"""

import random
import socket

import clients
import harness
import wire

KEY = bytes(range(16))
SEED = 20260101


class RawTest(clients.ClientTest):
    def setUp(self):
        super().setUp()
        self.relay = self.start_relay()

    def tearDown(self):
        self.assertEqual(self.by_our_client(self.relay.port, "GET", "/v1/info").status, 200)
        self.relay.stop()

    def open_socket(self):
        raw = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(raw.close)
        raw.bind(("127.0.0.1", 0))
        raw.setblocking(False)
        return raw

    def open_registered_socket(self, key):
        """A socket whose address holds the registration of this bearer key."""
        raw = self.open_socket()
        response = self.by_quicgo(self.relay, "POST", "/v1/register", clients.bearer(key), socket=raw)
        self.assertEqual(response.status, 200, response)
        self.relay.wait_for_metrics(lambda now: now["http3_connections"] == 0, "the end of the HTTP/3 connection")
        self.receive_all(raw)  # what its HTTP/3 left
        return raw

    @staticmethod
    def receive_all(raw):
        datagrams = []
        while True:
            try:
                datagrams.append(raw.recv(65536))
            except BlockingIOError:
                return datagrams

    def exchange(self, raw, datagrams):
        """Sends the datagrams; gives what has come back once the relay has dealt with all, and how its counters moved."""
        before = self.relay.metrics()
        for datagram in datagrams:
            raw.sendto(datagram, self.relay.address)
        arrived = before["udp_received_packets_total"] + len(datagrams)
        after = self.relay.wait_for_metrics(lambda now: now["udp_received_packets_total"] >= arrived, "their arrival")
        return self.receive_all(raw), {name: after[name] - before.get(name, 0) for name in after}

    def assert_silence(self, raw, datagrams, reason):
        """The relay drops all of these, for this reason, and sends nothing to anybody."""
        answers, moved = self.exchange(raw, datagrams)
        self.assertEqual(answers, [])
        self.assertEqual(moved["udp_sent_packets_total"], 0)
        self.assertEqual(moved[f'dropped_packets_total{{reason="{reason}"}}'], len(datagrams))

    def assert_silence_of_http3(self, raw, datagrams):
        """The relay takes these for its own HTTP/3, where they mean nothing, and sends nothing to anybody."""
        answers, moved = self.exchange(raw, datagrams)
        self.assertEqual(answers, [])
        self.assertEqual(moved["udp_sent_packets_total"], 0)
        self.assertEqual(moved["http3_dropped_packets_total"], len(datagrams))


class Stranger(RawTest):
    """Somebody who is not registered."""

    def test_gets_no_answer_to_short_headers_for_nobody(self):
        packets = [wire.short_packet(wire.peer_id(KEY, counter), size)
                   for counter in (1, 2, 3) for size in (wire.SHORTEST, 43, 100, 1200, 1500)]
        self.assert_silence(self.open_socket(), packets, "unknown_short")

    def test_gets_no_answer_to_long_headers_from_a_registered_id(self):
        self.open_registered_socket(KEY)
        packets = [wire.long_packet(bytes([7] * size), wire.peer_id(KEY, counter), kind=kind)
                   for counter in (1, 10, 256) for kind in range(4) for size in (8, 12, 20)]
        self.assert_silence(self.open_socket(), packets, "unknown_long")

    def test_gets_no_answer_to_an_unknown_version_from_a_registered_id(self):
        self.open_registered_socket(KEY)
        packet = wire.long_packet(bytes(8), wire.peer_id(KEY, 1), version=0x1A2A3A4A)
        self.assert_silence(self.open_socket(), [packet], "unknown_long")

    def test_gets_no_answer_to_short_datagrams(self):
        packets = [bytes([first]) + bytes(size - 1)
                   for size in (1, 7, 20, wire.SHORTEST - 1) for first in (0x40, 0x7F, 0xC0, 0xFF)]
        self.assert_silence(self.open_socket(), packets, "too_short")

    def test_gets_no_answer_to_seven_bytes_of_any_kind(self):
        answers, moved = self.exchange(self.open_socket(), [bytes([first]) + b"\xff" * 6 for first in range(256)])
        self.assertEqual(answers, [])
        self.assertEqual(moved["udp_sent_packets_total"], 0)

    def test_gets_no_answer_to_empty_datagrams(self):
        self.assert_silence(self.open_socket(), [b"", b""], "empty")

    def test_gets_no_answer_to_stun(self):
        self.assert_silence(self.open_socket(), [wire.stun_request(size) for size in (20, 28, 100, 1200)], "fixed_bit")

    def test_gets_no_answer_to_what_is_not_quic(self):
        packets = [bytes([first]) + b"\x99" * 1199 for first in range(256) if not first & 0x40]
        self.assert_silence(self.open_socket(), packets, "fixed_bit")

    def test_gets_no_answer_to_an_initial_with_an_empty_source_id_that_does_not_decrypt(self):
        packets = [wire.long_packet(bytes([9] * size), b"") for size in (8, 12, 20)]
        self.assert_silence_of_http3(self.open_socket(), packets)

    def test_gets_no_answer_to_an_initial_of_a_peers_form_that_does_not_decrypt(self):
        packet = wire.long_packet(wire.peer_id(KEY, 1), wire.peer_id(KEY, 2))
        self.assert_silence_of_http3(self.open_socket(), [packet])

    def test_gets_no_answer_to_handshake_zero_rtt_and_retry_packets(self):
        packets = [wire.long_packet(bytes([0x80] * 12), wire.peer_id(KEY, 2), kind=kind)
                   for kind in (wire.ZERO_RTT, wire.HANDSHAKE, wire.RETRY)]
        self.assert_silence_of_http3(self.open_socket(), packets)

    def test_gets_no_answer_to_version_negotiation(self):
        packet = wire.long_packet(bytes([0x80] * 12), bytes([0x81] * 12), version=0)
        self.assert_silence_of_http3(self.open_socket(), [packet])

    def test_gets_no_answer_to_ids_longer_than_version_1_has(self):
        sizes = ((21, 8), (8, 21), (255, 0))
        packets = [wire.long_packet(bytes(destination), bytes(source)) for destination, source in sizes]
        self.assert_silence(self.open_socket(), packets, "malformed")

    def test_gets_no_answer_to_headers_that_end_early(self):
        whole = wire.long_packet(bytes(20), bytes(20), size=47)
        self.assert_silence(self.open_socket(), [whole[:size] for size in range(wire.SHORTEST, 47)], "malformed")

    def test_gets_a_shorter_reset_to_what_may_have_been_the_relays_own_connection(self):
        answers, moved = self.exchange(self.open_socket(), [wire.short_packet(bytes([0x80] * 12), 60)])
        self.assertEqual(moved["http3_resets_total"], 1)
        self.assertEqual([len(answer) < 60 and answer[0] & 0xC0 for answer in answers], [0x40])

    def test_gets_version_negotiation_when_it_is_not_registered(self):
        destination, source = bytes([3] * 8), wire.peer_id(KEY, 1)
        answers, _ = self.exchange(self.open_socket(), [wire.long_packet(destination, source, version=0x1A2A3A4A)])
        expected = bytes(4) + bytes([12]) + source + bytes([8]) + destination + bytes([0, 0, 0, 1])
        self.assertEqual([answer[1:] for answer in answers], [expected])

    def test_never_gets_more_than_it_sent(self):
        dice = random.Random(SEED)
        raw = self.open_socket()
        for _ in range(20):
            datagrams = [dice.randbytes(dice.choice((7, 33, 60, 500, 1200, 1472))) for _ in range(50)]
            answers, _ = self.exchange(raw, datagrams)
            self.assertLessEqual(sum(map(len, answers)), sum(map(len, datagrams)), f"seed {SEED}")
            self.assertLessEqual(len(answers), len(datagrams), f"seed {SEED}")


class Registrant(RawTest):
    """Somebody whose address holds a registration: its other packets may be its peers'."""

    def setUp(self):
        super().setUp()
        self.raw = self.open_registered_socket(KEY)

    def test_gets_no_answer_to_short_headers_for_nobody(self):
        packets = [wire.short_packet(wire.peer_id(b"k" * 16, counter), 1200) for counter in range(1, 20)]
        self.assert_silence(self.raw, packets, "unknown_short")

    def test_gets_no_answer_while_it_waits_for_its_peer(self):
        packets = [wire.long_packet(bytes([size] * size), wire.peer_id(KEY, 1)) for size in (8, 14, 18)]
        self.assert_silence(self.raw, packets, "unknown_long")

    def test_gets_no_answer_to_long_headers_from_ids_of_a_peers_form(self):
        packets = [wire.long_packet(bytes([7] * 8), wire.peer_id(b"k" * 16, 1), kind=kind) for kind in range(4)]
        self.assert_silence(self.raw, packets, "unknown_long")

    def test_gets_no_version_negotiation_for_a_peers_packet(self):
        packets = [wire.long_packet(bytes([7] * 8), wire.peer_id(b"k" * 16, 1), version=version)
                   for version in (0, 2, 0x6B3343CF, 0x1A2A3A4A, 0xFFFFFFFF)]
        self.assert_silence(self.raw, packets, "unknown_long")

    def test_gets_nothing_back_that_it_sends_to_itself(self):
        self.assert_silence(self.raw, [wire.short_packet(wire.peer_id(KEY, 1), 1200)], "to_itself")


class Peers(RawTest):
    """Two who are registered: what is not for nobody arrives."""

    def setUp(self):
        super().setUp()
        self.alice = self.open_registered_socket(b"a" * 16)
        self.bob = self.open_registered_socket(b"b" * 16)

    def test_get_each_others_packets_unchanged_and_whole(self):
        for sender, receiver, key in ((self.alice, self.bob, b"b" * 16), (self.bob, self.alice, b"a" * 16)):
            packets = [wire.short_packet(wire.peer_id(key, counter), size, fill=bytes([counter & 0xFF]))
                       for counter, size in ((1, wire.SHORTEST), (2, 1200), (10, 1452), (11, 1453), (256, 1500))]
            packets.append(wire.long_packet(wire.peer_id(key, 1), wire.peer_id(b"x" * 16, 1), kind=wire.HANDSHAKE))
            answers, moved = self.exchange(sender, packets)
            self.assertEqual(answers, [])
            self.assertEqual(self.receive_all(receiver), packets)
            self.assertEqual(moved["forwarded_packets_total"], len(packets))

    def test_get_packets_with_their_ecn_marks(self):
        self.bob.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        for mark in (0, 1, 2, 3):
            self.alice.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, mark)
            self.exchange(self.alice, [wire.short_packet(wire.peer_id(b"b" * 16, 1), 1200)])
            _, ancillary, _, _ = self.bob.recvmsg(2048, socket.CMSG_SPACE(1))
            self.assertEqual([data[0] & 3 for _, _, data in ancillary], [mark])


if __name__ == "__main__":
    harness.main()
