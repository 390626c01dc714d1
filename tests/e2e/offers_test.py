"""What becomes of offers that are not what they should be: a clear message, the right exit code, nothing sent."""

import base64
import json
import os
import shutil
import signal
import struct

import harness
import peers


def octets_of(path):
    return base64.b64decode(json.loads(path.read_bytes())["offer"])


def text_of(octets):
    return b'{"offer":"' + base64.b64encode(octets) + b'"}\n'


class BadOffer(peers.PeerTest):
    """Each finds the same dial, which goes on waiting until it is interrupted."""

    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.open_relay_for("alice", "bob")

    def refuse(self, content, status, pattern, *options, warning=None):
        """bob refuses an offer with this content, and sends nothing to anybody."""
        with self.nothing_sent():
            accept = self.bob.accept(self.write("bad", content), *options)
            self.assert_fails(accept, status, pattern)
        if warning:
            self.assertRegex(accept.stderr.text(), f"(?m)^warning: .*{warning}")

    def cancel(self, dial):
        dial.signal(signal.SIGINT)
        dial.expect_exit(130)

    def test_cut_off_on_the_way(self):
        dial = self.alice.dial(self.bob)
        self.refuse(dial.offer.read_bytes()[:200], 65, "without an offer", warning="line 1 is not an offer")
        self.cancel(dial)

    def test_cut_off_before_it_became_text(self):
        dial = self.alice.dial(self.bob)
        octets = octets_of(dial.offer)
        for size in (0, 1, 2, 50, len(octets) - 1):
            with self.subTest(size=size):
                self.refuse(text_of(octets[:size]), 65, "offer")
        self.cancel(dial)

    def test_altered_on_the_way(self):
        dial = self.alice.dial(self.bob)
        octets = octets_of(dial.offer)
        for at, pattern in ((0, "without an offer"), (1, "without an offer"), (2, "damaged"), (60, "damaged"), (120, "damaged"),
                            (len(octets) - 1, "damaged")):
            with self.subTest(at=at):
                altered = octets[:at] + bytes([octets[at] ^ 4]) + octets[at + 1:]
                self.refuse(text_of(altered), 65, pattern)
        self.cancel(dial)

    def test_for_someone_else(self):
        carol = self.peer("carol")
        self.alice.trust(carol)
        dial = self.alice.dial(carol)
        self.refuse(dial.offer.read_bytes(), 65, f"another key.*{self.bob.id}")
        self.cancel(dial)

    def test_expired_long_ago(self):
        dial = self.alice.dial(self.bob, "--unsealed", "--json")
        expires = struct.pack("<I", peers.wait_for_event(dial, "offer")["expires"])
        octets = octets_of(dial.offer)
        self.assertEqual(octets.count(expires), 1)
        old = octets.replace(expires, struct.pack("<I", struct.unpack("<I", expires)[0] - 3600))
        self.refuse(text_of(old), 65, r"this offer from alice expired 4[45] min ago: ask for a new one", "--allow-unsealed")
        self.cancel(dial)

    def test_used_before(self):
        dial = self.alice.dial(self.bob)
        self.bob.accept(dial.offer).expect_exit(0)
        dial.expect_exit(0)
        self.refuse(dial.offer.read_bytes(), 65, "used before")

    def test_used_before_in_two_processes_at_once(self):
        dial = self.alice.dial(self.bob, sends=b"once")
        accepts = [self.bob.accept(dial.offer) for _ in range(3)]
        statuses = sorted(accept.wait() for accept in accepts)
        self.assertEqual(statuses, [0, 65, 65])
        dial.expect_exit(0)
        self.assertEqual(sorted(accept.stdout.bytes() for accept in accepts), [b"", b"", b"once"])

    def test_not_sealed(self):
        dial = self.alice.dial(self.bob, "--unsealed")
        self.refuse(dial.offer.read_bytes(), 77, "not sealed")
        self.cancel(dial)

    def test_that_leads_into_the_private_network(self):
        self.bob.finish("relay", "remove", "127.0.0.1")
        dial = self.alice.dial(self.bob)
        accept = self.bob.start("accept", "--carrier", f"stdio:in={dial.offer}")
        self.assert_fails(accept, 77, r"relay 127\.0\.0\.1:\d+ is at a private address")
        self.cancel(dial)

    def test_that_is_none(self):
        for content in (b"", b"\n\n", b"hello\n", b"{}\n", b'{"offer":7}\n', b"quicket:\n", b"\xff\x00" * 500, b"[" * 300_000):
            with self.subTest(content=content[:20]):
                self.refuse(content, 65, "offer")

    def test_in_a_file_that_is_not_there(self):
        accept = self.bob.accept(self.folder / "nowhere")
        self.assert_fails(accept, 74, "nowhere: No such file or directory")

    def test_in_a_folder(self):
        self.assert_fails(self.bob.accept(self.folder), 74, "Is a directory")

    def test_without_anybody_trusted(self):
        lonely = self.peer("lonely")
        dial = self.alice.dial(self.bob)
        self.assert_fails(lonely.accept(dial.offer), 78, "nobody is trusted.*quicket trust add NAME PEER-ID")
        self.cancel(dial)


class OfferInALog(peers.PeerTest):
    def test_is_noticed(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob)
        telling = self.start("telling", "/bin/sh", "-c", 'cut -c 50-90 "$0" >&2', dial.offer).expect_exit(0)
        with self.assertRaisesRegex(AssertionError, "telling tells of an offer"):
            self.assert_no_log_holds_an_offer()
        self._processes.remove(telling)  # it ends with the test all the same
        bob.accept(dial.offer).expect_exit(0)
        dial.expect_exit(0)


class OfferFile(peers.PeerTest):
    """Where the offer cannot be written, the dial ends, and the relay forgets it."""

    def test_on_a_full_device(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.start("dial", "bob", "--carrier", "stdio:out=/dev/full")
        self.assert_fails(dial, 74, "/dev/full: No space left on device")

    def test_on_a_full_disk(self):
        unshare = shutil.which("unshare")
        if unshare is None or os.system("unshare --user --map-root-user --mount true 2>/dev/null") != 0:
            self.skipTest("no namespaces to mount a small file system in")
        alice, bob = self.open_relay_for("alice", "bob")
        disk = self.folder / "disk"
        disk.mkdir()
        script = ('mount -t tmpfs -o size=8k tmpfs "$0" && cd "$0" && echo old >offer.json && { head -c 8192 /dev/zero >filler '
                  '2>/dev/null; "$@"; status=$?; ls; cat offer.json; exit $status; }')
        dial = self.start("alice", unshare, "--user", "--map-root-user", "--mount", "/bin/sh", "-c", script, disk,
                          harness.own("quicket"), "dial", "bob", "--carrier", "stdio:out=offer.json")
        self.assert_fails(dial, 74, "offer.json: No space left on device")
        self.assertEqual(dial.stdout.lines(), ["filler", "offer.json", "old"])

    def test_in_a_folder_that_is_not_there(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, offer="missing/offer.json", wait=False)
        self.assert_fails(dial, 74, "missing/offer.json: No such file or directory")

    def test_replaces_an_older_one_in_one_step(self):
        alice, bob = self.open_relay_for("alice", "bob")
        path = self.write("offer.json", b"x" * 10_000)
        dial = alice.dial(bob, offer="offer.json", sends=b"new")
        harness.until(lambda: path.stat().st_size < 10_000, "the new offer")
        self.assertEqual(bob.accept(path).expect_exit(0).stdout.bytes(), b"new")
        dial.expect_exit(0)


if __name__ == "__main__":
    harness.main()
