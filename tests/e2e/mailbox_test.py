"""The relay as the carrier: what people use when they have nothing else."""

import time

import harness
import peers


class Mailbox(peers.PeerTest):
    def accept(self, bob, *options, **more):
        accept = bob.start("accept", "--allow-private-relays", *options, **more)
        return accept

    def test_carries_a_dial_that_needs_nothing_but_a_relay(self):
        alice, bob = self.open_relay_for("alice", "bob")
        accept = self.accept(bob, sends=b"to alice")
        dial = alice.start("dial", "bob", sends=b"to bob")
        dial.expect_exit(0)
        accept.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"to bob")
        self.assertEqual(dial.stdout.bytes(), b"to alice")
        size = int(dial.stderr.wait_for(r"offer   sealed for bob, (\d+) bytes").group(1))
        print(f"offer by mailbox: {size} bytes")
        self.assertLessEqual(size, 250)

    def test_keeps_the_offer_for_who_comes_later(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.start("dial", "bob", sends=b"early")
        dial.stderr.wait_for(r"(?m)^offer   ")
        self.relay.wait_for_metrics(lambda now: now["mailbox_messages"] == 1, "an offer in the mailbox")
        accept = self.accept(bob).expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"early")
        self.relay.wait_for_metrics(lambda now: now["mailbox_messages"] == 0, "an empty mailbox")

    def test_serves_several_dialers_in_a_row(self):
        alice, bob, carol = self.open_relay_for("alice", "bob", "carol")
        accept = self.accept(bob, "--keep-open")
        expected = b""
        for number, dialer in enumerate((alice, carol, alice)):
            text = f"{number} from {dialer.name}\n".encode()
            dialer.start("dial", "bob", "--send-only", sends=text).expect_exit(0)
            expected += text
            self.wait_for_bytes(accept, expected)
        accept.signal(2)
        accept.expect_exit(130)

    def test_brings_a_friends_offer_behind_a_strangers_one(self):
        alice, bob = self.open_relay_for("alice", "bob")
        mallory = self.peer("mallory")
        mallory.finish("relay", "add", self.relay.url)
        mallory.trust(bob)
        accept = self.accept(bob, sends=b"to alice")
        stranger = mallory.start("dial", "bob", "--send-only")
        accept.stderr.wait_for("^warning: refused: .*trusted")
        dial = alice.start("dial", "bob", sends=b"to bob")
        dial.expect_exit(0)
        accept.expect_exit(0)
        self.assertEqual((accept.stdout.bytes(), dial.stdout.bytes()), (b"to bob", b"to alice"))
        stranger.signal(2)
        stranger.expect_exit(130)

    def test_brings_a_fresh_offer_behind_one_that_was_given_up(self):
        alice, bob = self.open_relay_for("alice", "bob")
        given_up = alice.start("dial", "bob", "--send-only", sends=b"stale")
        self.relay.wait_for_metrics(lambda now: now["mailbox_messages"] == 1, "an offer in the mailbox")
        given_up.signal(2)
        given_up.expect_exit(130)
        dial = alice.start("dial", "bob", sends=b"fresh")
        self.relay.wait_for_metrics(lambda now: now["mailbox_messages"] == 2, "two offers in the mailbox")
        start = time.monotonic()
        accept = self.accept(bob)
        accept.stderr.wait_for("^linked  alice")
        print(f"linked {time.monotonic() - start:.2f} s after the start, with a void offer in front")
        accept.expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"fresh")

    def test_lets_two_accept_from_one_mailbox(self):
        alice, bob = self.open_relay_for("alice", "bob")
        accepts = [self.accept(bob) for _ in range(2)]
        self.relay.wait_for_metrics(lambda now: now["mailbox_waiting"] == 2, "two at the mailbox")
        for text in (b"one", b"two"):
            alice.start("dial", "bob", sends=text).expect_exit(0)
        for accept in accepts:
            accept.expect_exit(0)
        self.assertEqual({accept.stdout.bytes() for accept in accepts}, {b"one", b"two"})

    def test_finds_a_relay_again_that_was_away(self):
        alice, bob = self.open_relay_for("alice", "bob")
        accept = self.accept(bob, "--carrier", "mailbox:wait=1s")
        self.relay.wait_for_metrics(lambda now: now["mailbox_waiting"] == 1, "bob at the mailbox")
        self.relay.stop()
        self.relay = self.start_relay(port=self.relay.port)
        dial = alice.start("dial", "bob", sends=b"after all")
        dial.expect_exit(0)
        accept.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"after all")

    def test_leaves_the_offer_again_at_a_relay_that_was_restarted(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.start("dial", "bob", sends=b"still wanted")
        self.relay.wait_for_metrics(lambda now: now["mailbox_messages"] == 1, "an offer in the mailbox")
        self.relay.stop()
        self.relay = self.start_relay(port=self.relay.port)
        self.relay.wait_for_metrics(lambda now: now["mailbox_messages"] == 1, "the offer in the mailbox again")
        accept = self.accept(bob).expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"still wanted")

    def test_reaches_a_peer_who_has_another_relay(self):
        alice, = self.open_relay_for("alice")
        theirs = self.start_relay(name="their-relay")
        bob, = self.introduce("bob", relay=theirs.url)
        alice.trust(bob)
        bob.trust(alice)
        accept = self.accept(bob, sends=b"to alice")
        dial = alice.start("dial", "bob", "--carrier", f"mailbox:relay={theirs.url}", sends=b"to bob")
        dial.expect_exit(0)
        accept.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"to bob")
        self.assertEqual(dial.stdout.bytes(), b"to alice")
        theirs.stop()

    def test_says_what_is_missing_without_a_relay(self):
        alice, bob = self.peer("alice"), self.peer("bob")
        alice.trust(bob)
        bob.trust(alice)
        self.assert_fails(bob.start("accept"), 78, "quicket relay add URL")
        self.assert_fails(alice.start("dial", "bob"), 78, "quicket relay add URL")

    def test_ends_at_once_when_interrupted(self):
        _, bob = self.open_relay_for("alice", "bob")
        accept = self.accept(bob)
        self.relay.wait_for_metrics(lambda now: now["mailbox_waiting"] == 1, "bob at the mailbox")
        accept.signal(2)
        accept.expect_exit(130)
        self.relay.wait_for_metrics(lambda now: now["mailbox_waiting"] == 0, "nobody at the mailbox")


if __name__ == "__main__":
    harness.main()
