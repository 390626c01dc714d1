"""What the readme promises: two peers, a relay, one offer."""

import os
import subprocess
import time

import harness
import peers


class Call(peers.PeerTest):
    def test_carries_bytes_both_ways(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, sends=b"to bob")
        dial.stderr.wait_for(r"(?m)^offer   sealed for bob, \d+ bytes, valid 15 min -> .*\.json$")
        accept = bob.accept(dial.offer, sends=b"to alice").expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"to bob")
        self.assertEqual(dial.stdout.bytes(), b"to alice")
        self.assertRegex(accept.stderr.text(), r"(?m)^linked  alice via relay 127\.0\.0\.1 · .* after the offer was read$")
        self.assertRegex(dial.stderr.text(), r"(?m)^sent    6 bytes in ")
        self.assertRegex(dial.stderr.text(), r"(?m)^received 8 bytes in ")

    def test_keeps_its_offer_from_other_users(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob)
        self.assertEqual(dial.offer.stat().st_mode & 0o777, 0o600)
        bob.accept(dial.offer).expect_exit(0)
        dial.expect_exit(0)

    def test_works_from_an_offer_that_lay_around(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, "--quiet", sends=b"patient")
        forwarded = self.relay.metrics()["forwarded_packets_total"]
        time.sleep(3)  # the walk-through's minutes: nothing to wait for but time
        self.assertEqual(self.relay.metrics()["forwarded_packets_total"], forwarded, "a waiting dial is silent")
        copy = self.write("copy", dial.offer.read_bytes())
        accept = bob.accept(copy).expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"patient")

    def test_works_by_pipes_alone(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, sends=b"by a pipe")
        script = 'cat "$1" | "$2" accept --carrier stdio --allow-private-relays'
        accept = self.finish("bob", "/bin/sh", "-c", script, "sh", dial.offer, harness.own("quicket"))
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"by a pipe")

    def test_writes_the_offer_to_standard_output_when_nothing_else_goes_there(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.start("dial", "bob", "--carrier", "stdio", "--send-only", sends=b"one way")
        dial.stdout.wait_for(r'^\{"offer":"[A-Za-z0-9+/=]+"\}$')
        accept = bob.accept(dial.stdout.path, "--receive-only").expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"one way")
        self.assertEqual(len(dial.stdout.lines()), 1)

    def test_takes_the_offer_in_every_form(self):
        alice, bob = self.open_relay_for("alice", "bob")
        for form in ("json", "uri", "digits", "binary"):
            with self.subTest(form=form):
                path = self.folder / f"{form}.offer"
                dial = alice.start("dial", "bob", "--carrier", f"stdio:out={path},form={form}", sends=form.encode())
                dial.offer = path
                self.wait_for_offer(dial)
                carrier = f"stdio:in={path}" + (",form=binary" if form == "binary" else "")
                accept = bob.finish("accept", "--allow-private-relays", "--carrier", carrier)
                dial.expect_exit(0)
                self.assertEqual(accept.stdout.bytes(), form.encode())

    def test_dials_a_peer_by_its_id(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob.id, sends=b"x")
        bob.accept(dial.offer).expect_exit(0)
        dial.expect_exit(0)

    def test_works_without_a_seal_where_both_say_so(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, "--unsealed", sends=b"open")
        accept = bob.accept(dial.offer, "--allow-unsealed").expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"open")

    def test_leaves_the_relay_empty(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob)
        self.assertEqual(self.relay.metrics()["registrations"], 1)
        bob.accept(dial.offer).expect_exit(0)
        dial.expect_exit(0)
        now = self.relay.metrics()  # at once: both said good-bye before they ended
        self.assertEqual((now["registrations"], now["sessions"], now["connection_ids"]), (0, 0, 0))


class Transfer(peers.PeerTest):
    SIZE = 20_000_000

    def test_brings_20_mb_each_way_intact(self):
        alice, bob = self.open_relay_for("alice", "bob")
        out, back = peers.payload(self.SIZE), peers.payload(self.SIZE)
        dial = alice.dial(bob, sends=out)
        accept = bob.accept(dial.offer, sends=back)
        for process in (accept, dial):
            process.expect_exit(0, timeout=25)
        self.assert_same(accept.stdout.bytes(), out)
        self.assert_same(dial.stdout.bytes(), back)

    def make_conversation(self):
        """A request, and the answer of a program that sorts: it can give that only behind the request's end."""
        os.mkfifo(self.folder / "answer")
        words = [f"{number * 7919 % 10007:05d}\n" for number in range(10007)]
        return "".join(words).encode(), "".join(sorted(words)).encode()

    SORTING = 'fifo=$1; shift; "$@" <"$fifo" | sort >"$fifo"'

    def test_lets_the_accepter_answer_behind_the_end_of_the_request(self):
        alice, bob = self.open_relay_for("alice", "bob")
        request, answer = self.make_conversation()
        dial = alice.dial(bob, sends=request)
        accept = self.start("bob", "/bin/sh", "-c", self.SORTING, "sh", self.folder / "answer", harness.own("quicket"),
                            "accept", "--allow-private-relays", "--carrier", f"stdio:in={dial.offer}")
        dial.expect_exit(0)
        accept.expect_exit(0)
        self.assert_same(dial.stdout.bytes(), answer)

    def test_lets_the_dialer_answer_behind_the_end_of_the_request(self):
        alice, bob = self.open_relay_for("alice", "bob")
        request, answer = self.make_conversation()
        path = self.folder / "offer.json"
        dial = self.start("alice", "/bin/sh", "-c", self.SORTING, "sh", self.folder / "answer", harness.own("quicket"),
                          "dial", "bob", "--carrier", f"stdio:out={path}")
        dial.offer = path
        self.wait_for_offer(dial)
        accept = bob.accept(path, sends=request).expect_exit(0)
        dial.expect_exit(0)
        self.assert_same(accept.stdout.bytes(), answer)

    def test_waits_for_input_that_comes_late(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial, accept = self.link(alice, bob)
        for process, other, text in ((dial, accept, b"first"), (accept, dial, b"second")):
            process.stdin.write(text)
            process.stdin.flush()
            self.wait_for_bytes(other, text)
        for process in (dial, accept):
            process.stdin.close()
        for process in (dial, accept):
            process.expect_exit(0)

    def test_is_told_when_the_other_side_takes_nothing(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, "--send-only", sends=b"x")
        accept = bob.accept(dial.offer, sends=b"unwanted").expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"x")
        self.assertEqual(dial.stdout.bytes(), b"")
        self.assertRegex(dial.stderr.text(), r"(?m)^warning: 8 bytes from bob were not taken")


class KeepOpen(peers.PeerTest):
    def test_serves_several_dialers_in_a_row(self):
        alice, bob, carol = self.open_relay_for("alice", "bob", "carol")
        accept = bob.start("accept", "--carrier", "stdio", "--keep-open", "--allow-private-relays", stdin=subprocess.PIPE)
        expected = b""
        for number, dialer in enumerate((alice, carol, alice)):
            text = f"{number} from {dialer.name}\n".encode()
            dial = dialer.dial(bob, sends=text)
            accept.stdin.write(dial.offer.read_bytes())
            accept.stdin.flush()
            dial.expect_exit(0)
            expected += text
            self.wait_for_bytes(accept, expected)
        accept.stdin.close()
        accept.expect_exit(0)
        self.assertEqual(len([line for line in accept.stderr.lines() if line.startswith("linked ")]), 3)

    def test_goes_on_behind_an_offer_that_is_refused(self):
        alice, bob, mallory = self.open_relay_for("alice", "bob", "mallory")
        bob.finish("trust", "remove", "mallory")
        accept = bob.start("accept", "--carrier", "stdio", "--keep-open", "--allow-private-relays", stdin=subprocess.PIPE)
        refused = mallory.dial(bob, "--patience", "2s")
        accept.stdin.write(refused.offer.read_bytes())
        accept.stdin.flush()
        accept.stderr.wait_for("^warning: refused: ")
        dial = alice.dial(bob, sends=b"welcome")
        accept.stdin.write(dial.offer.read_bytes())
        accept.stdin.close()
        dial.expect_exit(0)
        accept.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"welcome")
        self.assert_fails(refused, 75, "bob did not answer within 2 s")


if __name__ == "__main__":
    harness.main()
