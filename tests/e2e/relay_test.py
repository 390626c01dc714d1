"""Relays that are not there, go away, come back, or are told to end."""

import re
import signal
import socket

import harness
import peers


class NoRelay(peers.PeerTest):
    def test_is_told_when_none_is_configured(self):
        alice = self.peer("alice")
        alice.finish("trust", "add", "bob", self.peer("bob").id)
        dial = alice.start("dial", "bob", "--carrier", "stdio:out=offer.json")
        self.assert_fails(dial, 78, "no relay is configured.*quicket relay add URL")

    def dial_by_silence(self):
        """A dial by a relay that gets everything and says nothing."""
        silence = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silence.close)
        silence.bind(("127.0.0.1", 0))
        port = silence.getsockname()[1]
        alice, bob = self.introduce("alice", "bob", relay=f"https://127.0.0.1:{port}#pin=AAAAAAAAAAAAAAAAAAAAAA")
        return alice.dial(bob, wait=False), port

    def test_is_told_when_it_says_nothing(self):
        dial, port = self.dial_by_silence()
        self.assert_fails(dial, 69, rf"relay 127\.0\.0\.1:{port} does not answer on UDP \(\d tries, ")
        self.assertFalse(dial.offer.exists())

    def test_is_told_when_nothing_listens_there(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.bind(("127.0.0.1", 0))
            port = gone.getsockname()[1]
        alice, bob = self.introduce("alice", "bob", relay=f"https://127.0.0.1:{port}#pin=AAAAAAAAAAAAAAAAAAAAAA")
        dial = alice.dial(bob, wait=False)
        self.assert_fails(dial, 69, rf"relay 127\.0\.0\.1:{port} does not answer on UDP")
        self.assertFalse(dial.offer.exists())

    def test_does_not_hinder_a_dial_by_another_one(self):
        alice, bob = self.open_relay_for("alice", "bob")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silence:
            silence.bind(("127.0.0.1", 0))
            other = f"https://127.0.0.1:{silence.getsockname()[1]}#pin=AAAAAAAAAAAAAAAAAAAAAA"
            dial = alice.dial(bob, "--relay", other, "--relay", self.relay.url, sends=b"by the second")
            accept = bob.accept(dial.offer).expect_exit(0)
            dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"by the second")


class RelayWithANewCertificate(peers.PeerTest):
    ADVICE = "shows the pin {new}, expected is {old}; somebody else may be in its place. .*quicket relay add URL"

    def change_certificate(self):
        """Puts a relay in the place of the one that runs. It has another key, as one without its state, or an impostor, has."""
        old = self.relay
        old.stop()
        self.relay = self.start_relay(name="other-relay", port=old.port)
        self.assertNotEqual(self.relay.pin, old.pin)
        return self.ADVICE.format(new=re.escape(self.relay.pin), old=re.escape(old.pin))

    def test_is_refused_by_the_next_dial_with_advice(self):
        alice, bob = self.open_relay_for("alice", "bob")
        advice = self.change_certificate()
        dial = alice.dial(bob, wait=False, sends=b"secret")
        self.assert_fails(dial, 77, advice)
        self.assertFalse(dial.offer.exists())

    def test_is_refused_by_the_accepter_of_an_older_offer_with_advice(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, "--patience", "5s", sends=b"secret")
        advice = self.change_certificate()
        accept = bob.accept(dial.offer)
        self.assert_fails(accept, 77, advice)
        self.assertEqual(accept.stdout.bytes(), b"")
        self.assert_fails(dial, 75, "bob did not answer within 5 s")

    def test_is_taken_once_its_url_was_added(self):
        alice, bob = self.open_relay_for("alice", "bob")
        self.change_certificate()
        alice.finish("relay", "add", self.relay.url)
        dial = alice.dial(bob, sends=b"by the new one")
        accept = bob.accept(dial.offer).expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"by the new one")


class RelayThatEnds(peers.PeerTest):
    def restart(self):
        """Starts a relay in the place of the one that has ended, with its state."""
        self.relay = self.start_relay(port=self.relay.port)

    def crash(self):
        self.relay.process.signal(signal.SIGKILL)
        self.relay.process.expect_exit(-signal.SIGKILL)

    def test_while_the_offer_travels(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, "--patience", "4s")
        self.crash()
        accept = bob.accept(dial.offer)
        self.assert_fails(accept, 69, rf"relay 127\.0\.0\.1:{self.relay.port} does not answer on UDP")
        self.assert_fails(dial, 75, "bob did not answer within 4 s|relay")

    def test_and_comes_back_while_the_offer_travels(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, sends=b"still valid")
        self.crash()
        self.restart()
        self.relay.wait_for_metrics(lambda now: now["registrations"] == 1, "the dialer's new registration", timeout=20)
        accept = bob.accept(dial.offer).expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"still valid")

    def test_and_comes_back_within_a_transfer(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial, accept = self.link(alice, bob)
        first, second, back = peers.payload(3_000_000), peers.payload(3_000_000), peers.payload(1_000_000)
        dial.stdin.write(first)
        dial.stdin.flush()
        self.wait_for_bytes(accept, first)
        self.crash()
        self.restart()
        for process, content in ((dial, second), (accept, back)):
            process.stdin.write(content)
            process.stdin.close()
        for process in (dial, accept):
            process.expect_exit(0, timeout=25)
        self.assert_same(accept.stdout.bytes(), first + second)
        self.assert_same(dial.stdout.bytes(), back)

    def test_serves_those_who_are_there_until_the_drain_timeout(self):
        alice, bob = self.open_relay_for("alice", "bob", drain_timeout="4s")
        dial, accept = self.link(alice, bob)
        self.relay.process.signal(signal.SIGTERM)
        self.relay.process.stderr.wait_for("draining after SIGTERM: 2 registrations")
        content = peers.payload(1_000_000)
        dial.stdin.write(content)
        for process in (dial, accept):
            process.stdin.close()
        for process in (dial, accept):
            process.expect_exit(0)
        self.assert_same(accept.stdout.bytes(), content)
        self.relay.process.expect_exit(0)

    def test_takes_nobody_new_while_it_drains(self):
        alice, bob = self.open_relay_for("alice", "bob", drain_timeout="1min")
        dial, accept = self.link(alice, bob)
        self.relay.process.signal(signal.SIGTERM)
        self.relay.process.stderr.wait_for("draining after SIGTERM")
        late = bob.dial(alice, wait=False)
        self.assert_fails(late, 69, "relay")
        for process in (dial, accept):
            process.stdin.close()
        for process in (dial, accept):
            process.expect_exit(0)
        self.relay.process.signal(signal.SIGTERM)  # the second one
        self.relay.process.expect_exit(0)

    def test_at_once_at_the_second_signal(self):
        alice, bob = self.open_relay_for("alice", "bob", drain_timeout="1min")
        dial = alice.dial(bob, "--patience", "2s")
        self.relay.process.signal(signal.SIGTERM)
        self.relay.process.stderr.wait_for("draining after SIGTERM: 1 registration ")
        self.relay.process.signal(signal.SIGINT)
        self.relay.process.expect_exit(0)
        dial.wait()
        self.assertIn(dial.exit_status(), (69, 75), dial.story())

    def test_at_once_when_nobody_is_there(self):
        relay = self.start_relay(drain_timeout="1min")
        relay.stop()


class RelayDaemon(harness.ProcessTest):
    def test_tells_what_is_wrong_with_its_arguments(self):
        for arguments in (["--no-such"], ["word"], ["--listen", "nonsense"], ["--lease", "soon"], ["--lease", "1h", "--lease", "2h"]):
            with self.subTest(arguments=arguments):
                relay = self.finish("relay", harness.own("quicket-relay"), *arguments, status=64)
                self.assertNotEqual(relay.stderr.text(), "")
                self.assertEqual(relay.stdout.text(), "")

    def test_says_who_may_have_its_address(self):
        first = self.start_relay()
        second = self.finish("second", harness.own("quicket-relay"), "--listen", f"127.0.0.1:{first.port}", "--admin", "off", status=69)
        self.assertRegex(second.stderr.text(), f"127.0.0.1:{first.port}.*another program has it.*--listen")
        first.stop()

    def test_refuses_a_configuration_that_it_does_not_understand(self):
        path = self.home("relay").folder / "config/quicket/relay.conf"
        path.parent.mkdir()
        path.write_text("listen = 127.0.0.1:0\nno-such = 1\n")
        relay = self.finish("relay", harness.own("quicket-relay"), status=78)
        self.assertRegex(relay.stderr.text(), "relay.conf.*no-such")

    def test_refuses_a_key_that_others_can_read(self):
        self.start_relay().stop()
        key = self.home("relay").folder / "data/quicket/relay/relay.pem"
        key.chmod(0o644)
        relay = self.finish("relay", harness.own("quicket-relay"), "--listen", "127.0.0.1:0", "--admin", "off", status=77)
        self.assertRegex(relay.stderr.text(), "relay.pem")

    def test_keeps_its_pin_over_restarts(self):
        pins = set()
        for _ in range(2):
            relay = self.start_relay()
            pins.add(relay.pin)
            relay.stop()
        self.assertEqual(len(pins), 1)

    def test_helps_and_tells_its_version(self):
        for option in ("--help", "-h", "--version"):
            said = self.finish("relay", harness.own("quicket-relay"), option)
            self.assertIn("quicket-relay", said.stdout.text())
            self.assertEqual(said.stderr.text(), "")


if __name__ == "__main__":
    harness.main()
