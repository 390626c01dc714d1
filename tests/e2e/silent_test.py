"""What takes as long as a connection may be silent, 30 s: peers and relays that end without a word."""

import signal

import harness
import peers

SILENCE = 50  # seconds: the idle timeout, and time for a loaded machine


class Silence(peers.PeerTest):
    def test_ends_the_accepter_of_a_dialer_that_was_killed(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial, accept = self.link(alice, bob)
        dial.signal(signal.SIGKILL)
        dial.expect_exit(-signal.SIGKILL)
        self.assert_fails(accept, 69, "alice.*silent", timeout=SILENCE)
        self.relay.process.end()  # it holds the killed dialer's registration for two minutes

    def test_ends_both_when_the_relay_was_killed_for_good(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial, accept = self.link(alice, bob)
        self.relay.process.signal(signal.SIGKILL)
        self.relay.process.expect_exit(-signal.SIGKILL)
        for process, name in ((dial, "bob"), (accept, "alice")):
            self.assert_fails(process, 69, rf"{name}.*silent.* relay 127\.0\.0\.1:{self.relay.port} ", timeout=SILENCE)
            self.assertRegex(process.stderr.text(), rf"(?m)^lost    relay 127\.0\.0\.1:{self.relay.port} does not answer")


if __name__ == "__main__":
    harness.main()
