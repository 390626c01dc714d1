"""Peers who have two relays: the one that carries a transfer dies, and the transfer goes on."""

import random
import signal
import subprocess
import threading
import time

import harness
import peers

PIECE = 1 << 20
PATIENCE = 30.0


class TwoRelays(peers.PeerTest):
    def setUp(self):
        super().setUp()
        self.relays = [self.start_relay(name=name) for name in ("relay-one", "relay-two")]
        self.alice, self.bob = self.introduce("alice", "bob", relay=self.relays[0].url)
        self.alice.finish("relay", "add", self.relays[1].url)

    def move(self, sender, receiver, content, sent):
        """Sends one more piece, and waits until it has arrived."""
        sender.stdin.write(content[sent:sent + PIECE])
        sender.stdin.flush()
        self.wait_for_bytes(receiver, content[:sent + PIECE], PATIENCE)
        return sent + PIECE

    def used_relay(self, sender, receiver, content):
        """The relay that carries the connection, once it has settled on one, and how many bytes that took."""
        def forwarded():
            return [relay.metrics()["forwarded_packets_total"] for relay in self.relays]

        sent = 0
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            before = forwarded()
            sent = self.move(sender, receiver, content, sent)
            grown = [now - then for now, then in zip(forwarded(), before)]
            if min(grown) * 20 < max(grown):
                return self.relays[grown.index(max(grown))], sent
            time.sleep(0.2)
        self.fail("both relays carry the connection")

    def survive(self, sender, receiver):
        content = random.Random(1).randbytes(64 * PIECE)
        used, sent = self.used_relay(sender, receiver, content)
        other = next(relay for relay in self.relays if relay is not used)

        def write():
            sender.stdin.write(content[sent:])
            sender.stdin.close()

        writer = threading.Thread(target=write)
        writer.start()
        size = lambda: receiver.stdout.path.stat().st_size
        harness.until(lambda: size() > sent + PIECE, receiver.story)
        used.process.signal(signal.SIGKILL)
        used.process.expect_exit(-signal.SIGKILL)
        at_death = size()
        self.assertLess(at_death, len(content) - PIECE, "the transfer was over before the relay died")
        before = other.metrics()["forwarded_packets_total"]
        self.wait_for_bytes(receiver, content, PATIENCE)
        writer.join()
        self.relay = other
        self.assertGreater(other.metrics()["forwarded_packets_total"] - before, (len(content) - at_death) / 2 / 1200)

    def test_a_dialers_transfer_survives_the_death_of_the_relay_in_use(self):
        dial, accept = self.link(self.alice, self.bob)
        self.survive(dial, accept)
        accept.stdin.close()
        dial.expect_exit(0)
        accept.expect_exit(0)

    def test_an_accepters_transfer_survives_the_death_of_the_relay_in_use(self):
        dial, accept = self.link(self.alice, self.bob)
        self.survive(accept, dial)
        dial.stdin.close()
        dial.expect_exit(0)
        accept.expect_exit(0)


if __name__ == "__main__":
    harness.main()
