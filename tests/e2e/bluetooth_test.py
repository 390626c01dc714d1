"""Dials whose offer goes through the bluetooth carrier's spool folder."""

import signal
import subprocess

import harness
import peers


class Spool(peers.PeerTest):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.open_relay_for("alice", "bob")
        self.spool = self.folder / "spool"

    def dial(self, **more):
        return self.alice.start("dial", "bob", "--carrier", f"bluetooth:out={self.spool}", **more)

    def accept(self, *options, **more):
        return self.bob.start("accept", "--allow-private-relays", "--carrier", f"bluetooth:in={self.spool}", *options, **more)

    def files(self, part):
        return sorted((self.spool / part).iterdir()) if (self.spool / part).is_dir() else []

    def wait_for_file(self):
        return harness.until(lambda: self.files("new"), "an offer in the spool")[0]

    def test_carries_a_dial_to_an_accepter_who_comes_later(self):
        dial = self.dial(sends=b"to bob")
        file = self.wait_for_file()
        print(f"bluetooth: the sealed offer is a file of {file.stat().st_size} bytes")
        self.assertLessEqual(file.stat().st_size, 250)
        accept = self.accept(sends=b"to alice").expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"to bob")
        self.assertEqual(dial.stdout.bytes(), b"to alice")

    def test_carries_a_dial_to_an_accepter_who_waits(self):
        accept = self.accept(sends=b"to alice")
        harness.until(lambda: (self.spool / "cur").is_dir(), "the spool")
        dial = self.dial(sends=b"to bob").expect_exit(0)
        accept.expect_exit(0)
        self.assertEqual((accept.stdout.bytes(), dial.stdout.bytes()), (b"to bob", b"to alice"))

    def test_brings_a_fresh_offer_beside_one_that_was_given_up(self):
        given_up = self.dial(sends=b"stale")
        self.wait_for_file()
        given_up.signal(signal.SIGINT)
        given_up.expect_exit(130)
        dial = self.dial(sends=b"fresh")
        harness.until(lambda: len(self.files("new")) == 2, "two offers in the spool")
        accept = self.accept().expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"fresh")

    def test_takes_a_text_that_holds_the_uri(self):
        path = self.folder / "offer.uri"
        dial = self.alice.start("dial", "bob", "--carrier", f"stdio:out={path},form=uri", sends=b"typed")
        dial.offer = path
        self.wait_for_offer(dial)
        accept = self.accept()
        harness.until(lambda: (self.spool / "cur").is_dir(), "the spool")
        text = self.write("message.txt", b"Call me: " + path.read_bytes() + b"Alice\n")
        text.rename(self.spool / "new" / "message.txt")
        accept.expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"typed")

    def test_gives_one_offer_to_one_of_two_accepters(self):
        accepts = [self.accept("--keep-open", stdin=subprocess.PIPE) for _ in range(2)]
        harness.until(lambda: (self.spool / "cur").is_dir(), "the spool")
        for text in (b"one", b"two", b"three"):
            self.dial(sends=text).expect_exit(0)
        for accept in accepts:
            accept.signal(signal.SIGTERM)
            accept.wait()
        self.assertEqual(sum(len(accept.stdout.bytes()) for accept in accepts), len(b"onetwothree"))
        for accept in accepts:
            self.assertNotIn("used before", accept.stderr.text())

    def test_says_which_folder_others_may_enter(self):
        self.spool.mkdir(mode=0o755)
        self.assert_fails(self.dial(), 74, "spool is open to others: chmod 700 it")


if __name__ == "__main__":
    harness.main()
