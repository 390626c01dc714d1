"""What the other tests of whole programs rely on."""

import os
import signal
import socket
import subprocess
import sys
import unittest

import harness


class Harness(harness.ProcessTest):
    def shell(self, script, **options):
        return self.start("shell", "/bin/sh", "-c", script, **options)

    def test_reads_output_while_the_program_runs(self):
        shell = self.shell("echo ready; read line; echo \"got $line\"", stdin=subprocess.PIPE)
        shell.stdout.wait_for("^ready$")
        self.assertTrue(shell.is_running())
        shell.stdin.write(b"something\n")
        shell.stdin.flush()
        self.assertEqual(shell.stdout.wait_for("got (.*)").group(1), "something")
        shell.expect_exit(0)

    def test_fails_at_once_when_a_program_ends_without_the_awaited_line(self):
        shell = self.shell("echo why >&2; exit 3")
        with self.assertRaisesRegex(AssertionError, "ended with 3(.|\n)*why"):
            shell.stdout.wait_for("never", timeout=60)

    def test_fails_at_the_deadline_when_a_line_does_not_come(self):
        shell = self.shell("read line", stdin=subprocess.PIPE)
        with self.assertRaisesRegex(AssertionError, "not within 0.05 s"):
            shell.stdout.wait_for("never", timeout=0.05)

    def test_tells_another_exit_status_than_the_expected_one(self):
        with self.assertRaisesRegex(AssertionError, "ended with 64, not 0"):
            self.shell("exit 64").expect_exit(0)

    def test_tells_which_signal_ended_a_program(self):
        shell = self.shell("read line", stdin=subprocess.PIPE)
        shell.signal(signal.SIGTERM)
        shell.expect_exit(-signal.SIGTERM)

    def test_ends_a_program_with_its_children(self):
        shell = self.shell("sleep 60 & echo child $!; wait")
        child = int(shell.stdout.wait_for(r"child (\d+)").group(1))
        handle = os.pidfd_open(child)
        self.addCleanup(os.close, handle)
        shell.end()
        harness.until(lambda: self.has_ended(handle), "the child's end")

    @staticmethod
    def has_ended(handle):
        try:
            signal.pidfd_send_signal(handle, 0)
        except ProcessLookupError:
            return True
        return False

    def test_gives_each_user_folders_of_its_own(self):
        said = [self.finish(name, "/bin/sh", "-c", "echo $HOME $XDG_STATE_HOME").stdout.text() for name in ("alice", "bob")]
        self.assertEqual(said[0], f"{self.folder}/alice {self.folder}/alice/state\n")
        self.assertEqual(said[1], f"{self.folder}/bob {self.folder}/bob/state\n")

    def test_hides_the_developers_environment(self):
        os.environ["QUICKET_RELAY_LISTEN"] = "192.0.2.1:1"
        self.addCleanup(os.environ.pop, "QUICKET_RELAY_LISTEN")
        self.assertEqual(self.finish("alice", "/bin/sh", "-c", "echo [$QUICKET_RELAY_LISTEN]").stdout.lines(), ["[]"])

    def test_finds_the_ports_of_a_silent_program(self):
        script = ("import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.1', 0)); "
                  "print('bound', s.getsockname()[1], flush=True); input()")
        process = self.start("python", sys.executable, "-c", script, stdin=subprocess.PIPE)
        port = int(process.stdout.wait_for(r"bound (\d+)").group(1))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            self.assertEqual(process.udp_ports(), [port])

    def test_skips_what_needs_a_program_that_is_not_there(self):
        with self.assertRaisesRegex(unittest.SkipTest, "package nothing-like-it"):
            harness.foreign("no-such-program-anywhere", "nothing-like-it")

    def test_starts_a_relay_and_reads_its_counters(self):
        relay = self.start_relay()
        self.assertEqual(relay.host, "127.0.0.1")
        self.assertGreater(relay.port, 0)
        self.assertEqual(relay.metrics()["registrations"], 0)
        self.assertEqual(relay.metrics()['dropped_packets_total{reason="too_short"}'], 0)
        relay.stop()


if __name__ == "__main__":
    harness.main()
