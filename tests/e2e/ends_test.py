"""Calls that end early: by a signal at every stage, by a reader that goes away, by a full disk, by nobody's coming."""

import os
import signal
import socket
import subprocess

import harness
import peers

VOID = "cancelled; the offer is void, the relay has forgotten it"
CLOSED = "cancelled; the connection is closed"
SIGNALS = ((signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGTERM, 143))


class CancelledDial(peers.PeerTest):
    def cancel_each(self, start, message):
        for number, status in SIGNALS:
            with self.subTest(signal=number.name):
                dial = start()
                dial.signal(number)
                self.assert_cancelled(dial, status, message)
                self.assertEqual(dial.stdout.bytes(), b"")

    def test_before_the_relay_answers(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silence:
            silence.bind(("127.0.0.1", 0))
            alice, bob = self.introduce(
                "alice", "bob", relay=f"https://127.0.0.1:{silence.getsockname()[1]}#pin=AAAAAAAAAAAAAAAAAAAAAA")

            def start():
                dial = alice.dial(bob, wait=False)
                self.wait_for_handlers(dial)
                return dial

            self.cancel_each(start, "cancelled")

    def test_while_nobody_reads_the_pipe_for_the_offer(self):
        alice, bob = self.open_relay_for("alice", "bob")
        os.mkfifo(self.folder / "pipe")

        def start():
            dial = alice.dial(bob, offer="pipe", wait=False)
            dial.stderr.wait_for("^offer ")
            return dial

        self.cancel_each(start, VOID)

    def test_while_it_waits_for_the_peer(self):
        alice, bob = self.open_relay_for("alice", "bob")
        self.cancel_each(lambda: alice.dial(bob), VOID)
        now = self.relay.metrics()  # at once: the relay was told before it ended
        self.assertEqual((now["registrations"], now["sessions"], now["connection_ids"]), (0, 0, 0))

    def test_within_a_transfer(self):
        alice, bob = self.open_relay_for("alice", "bob")
        for number, status in SIGNALS:
            with self.subTest(signal=number.name):
                dial, accept = self.link(alice, bob)
                dial.signal(number)
                self.assert_cancelled(dial, status, CLOSED)
                self.assert_fails(accept, 69, "alice cancelled")

    def test_is_over_for_an_accepter_who_comes_too_late(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob)
        dial.signal(signal.SIGINT)
        self.assert_cancelled(dial, 130, VOID)
        self.assert_fails(bob.accept(dial.offer), 69, "alice", timeout=45)

    def test_ends_at_once_at_the_second_signal(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob)
        self.relay.process.signal(signal.SIGSTOP)  # so that nobody answers the good-bye
        try:
            dial.signal(signal.SIGINT)
            harness.until(lambda: self.has_seen(dial, signal.SIGINT), "the first signal's arrival")
            dial.signal(signal.SIGINT)
            dial.expect_exit(130, timeout=2)
        finally:
            self.relay.process.signal(signal.SIGCONT)
        self.relay.process.end()  # it holds what nobody could take back

    def test_says_goodbye_however_often_a_closing_terminal_signals(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial, accept = self.link(alice, bob)
        self.relay.process.signal(signal.SIGSTOP)  # so that the good-bye is still being said
        try:
            dial.signal(signal.SIGHUP)
            harness.until(lambda: self.has_seen(dial, signal.SIGHUP), "the first signal's arrival")
            dial.signal(signal.SIGHUP)
            harness.until(lambda: self.has_seen(dial, signal.SIGHUP), "the second signal's arrival")
        finally:
            self.relay.process.signal(signal.SIGCONT)
        self.assert_cancelled(dial, 129, CLOSED)
        self.assert_fails(accept, 69, "alice cancelled")

    def test_not_by_a_hangup_that_is_ignored(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.start("dial", "bob", "--carrier", f"stdio:out={self.folder}/offer", under=[harness.foreign("nohup", "coreutils")], sends=b"abc")
        harness.until((self.folder / "offer").exists, dial.story)
        dial.signal(signal.SIGHUP)
        bob.accept(self.folder / "offer").expect_exit(0)
        dial.expect_exit(0)

    @staticmethod
    def has_seen(process, number):
        with open(f"/proc/{process.pid}/status") as status:
            pending = [int(line.split()[1], 16) for line in status if line.startswith(("SigPnd", "ShdPnd"))]
        return not any(mask & 1 << (number - 1) for mask in pending)


class CancelledAccept(peers.PeerTest):
    def cancel_each(self, start, message):
        for number, status in SIGNALS:
            with self.subTest(signal=number.name):
                accept = start()
                accept.signal(number)
                self.assert_cancelled(accept, status, message)
                self.assertEqual(accept.stdout.bytes(), b"")

    def start_accept(self, bob, *arguments):
        accept = bob.start("accept", "--carrier", "stdio", *arguments, stdin=subprocess.PIPE)
        self.wait_for_handlers(accept)
        return accept

    def test_while_it_waits_for_an_offer(self):
        alice, bob = self.introduce("alice", "bob", relay="https://127.0.0.1:1#pin=AAAAAAAAAAAAAAAAAAAAAA")
        self.cancel_each(lambda: self.start_accept(bob), "cancelled")

    def test_while_it_waits_for_several(self):
        alice, bob = self.introduce("alice", "bob", relay="https://127.0.0.1:1#pin=AAAAAAAAAAAAAAAAAAAAAA")
        self.cancel_each(lambda: self.start_accept(bob, "--keep-open"), "cancelled")

    def test_while_nobody_writes_to_the_pipe_for_the_offer(self):
        alice, bob = self.introduce("alice", "bob", relay="https://127.0.0.1:1#pin=AAAAAAAAAAAAAAAAAAAAAA")
        os.mkfifo(self.folder / "pipe")
        self.cancel_each(lambda: self.start_accept(bob, "--carrier", f"stdio:in={self.folder}/pipe"), "cancelled")

    def test_while_the_dialer_does_not_answer(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob)
        dial.signal(signal.SIGSTOP)
        accept = bob.accept(dial.offer)
        self.relay.wait_for_metrics(lambda now: now["registrations"] == 2, "both registrations")
        accept.signal(signal.SIGINT)
        self.assert_cancelled(accept, 130, "cancelled")
        dial.signal(signal.SIGCONT)
        dial.signal(signal.SIGINT)
        dial.wait()
        self.assertIn(dial.exit_status(), (69, 77, 130), dial.story())  # it may hear of the accepter's end first

    def test_within_a_transfer(self):
        alice, bob = self.open_relay_for("alice", "bob")
        for number, status in SIGNALS:
            with self.subTest(signal=number.name):
                dial, accept = self.link(alice, bob)
                accept.signal(number)
                self.assert_cancelled(accept, status, CLOSED)
                self.assert_fails(dial, 69, "bob cancelled")

    def test_within_one_of_several_transfers(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, stdin=subprocess.PIPE)
        accept = bob.accept(dial.offer, "--keep-open")
        dial.stderr.wait_for("^linked ")
        accept.stderr.wait_for("^linked ")
        accept.signal(signal.SIGINT)
        self.assert_cancelled(accept, 130, CLOSED)
        self.assert_fails(dial, 69, "bob cancelled")


class Deadline(peers.PeerTest):
    def test_ends_a_dial_that_nobody_answers(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, "--patience", "1s")
        self.assert_fails(dial, 75, "bob did not answer within 1 s")
        self.assertEqual(self.relay.metrics()["registrations"], 0)


class StandardOutput(peers.PeerTest):
    """Whoever cannot write what it gets says so, and the peer hears that not all has arrived."""

    CONTENT = b"too much for a pipe that nobody reads\n" * 50_000

    def test_on_a_full_device(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, sends=self.CONTENT)
        accept = bob.accept(dial.offer, to=">/dev/full")
        self.assert_fails(accept, 74, "standard output: No space left on device")
        self.assert_fails(dial, 69, "bob .*No space left on device")

    def test_on_a_full_device_at_the_dialer(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, to=">/dev/full")
        accept = bob.accept(dial.offer, sends=self.CONTENT)
        self.assert_fails(dial, 74, "standard output: No space left on device")
        self.assert_fails(accept, 69, "alice .*No space left on device")

    def test_that_nobody_reads_any_more(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, sends=self.CONTENT)
        read_end, write_end = os.pipe()
        accept = bob.accept(dial.offer, to=f">&{write_end}", pass_fds=(write_end,))
        os.close(write_end)
        os.close(read_end)
        self.assert_fails(accept, 74, "standard output: nobody reads it any more")
        self.assert_fails(dial, 69, "bob .*nobody reads it any more")

    def test_that_is_closed_counts_as_one_that_drops_everything(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, sends=self.CONTENT)
        bob.accept(dial.offer, to=">&-").expect_exit(0)
        dial.expect_exit(0)

    def test_of_results_on_a_full_device(self):
        alice = self.peer("alice")
        self.assert_fails(alice.start("id", to=">/dev/full"), 74, "standard output")


if __name__ == "__main__":
    harness.main()
