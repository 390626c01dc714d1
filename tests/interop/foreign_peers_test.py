"""Two peers on quic-go, which know of Quicket what its first implementation knew, talk through the relay."""

import clients
import harness

ALICE = "01" * 32  # seeds of their keys
BOB = "02" * 32


class QuicGoPeers(clients.ClientTest):
    def setUp(self):
        super().setUp()
        self.relay = self.start_relay()

    def dial(self, *options):
        dialer = self.start("alice", clients.quicgo(), "dial", "-relay", self.relay.url, "-identity", ALICE, "-trust", BOB,
                            *options)
        dialer.stdout.wait_for(r'^\{"packet":".*"\}$')
        return dialer

    def accept(self, dialer, identity=BOB):
        with dialer.stdout.path.open("rb") as offer:
            return self.start("bob", clients.quicgo(), "accept", "-relay", self.relay.url, "-identity", identity, "-trust", ALICE,
                              stdin=offer)

    def test_greet_each_other(self):
        dialer = self.dial("-hellos", 5)
        accepter = self.accept(dialer)
        dialer.expect_exit(0)
        accepter.expect_exit(0)
        self.assertEqual(accepter.stdout.lines(), [f"hello {number}" for number in range(1, 6)])
        self.assertGreater(self.relay.metrics()["forwarded_packets_total"], 10)
        self.relay.stop()

    def test_meet_though_the_accepter_comes_late(self):
        dialer = self.dial("-hellos", 1)
        dropped = 'dropped_packets_total{reason="unknown_long"}'
        self.relay.wait_for_metrics(lambda now: now[dropped] >= 4, "the waiting dialer's packets")
        self.assertEqual(self.relay.metrics()["forwarded_packets_total"], 0)
        accepter = self.accept(dialer)
        dialer.expect_exit(0)
        accepter.expect_exit(0)
        self.relay.stop()

    def test_exchange_megabytes(self):
        dialer = self.dial("-hellos", 8, "-padding", 128 * 1024)
        accepter = self.accept(dialer)
        dialer.expect_exit(0)
        accepter.expect_exit(0)
        self.assertGreater(len(accepter.stdout.bytes()), 1024 * 1024)
        self.assertGreater(self.relay.metrics()["forwarded_bytes_total"], 2 * 1024 * 1024)

    def test_never_meet_when_the_accepter_has_another_key(self):
        dialer = self.dial()
        accepter = self.accept(dialer, identity="03" * 32)
        dialer.expect_exit(1)
        self.assertIn("the peer's key is not the expected one", dialer.stderr.text())
        self.assertEqual(accepter.stdout.text(), "")


if __name__ == "__main__":
    harness.main()
