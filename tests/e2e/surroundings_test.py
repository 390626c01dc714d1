"""Disks that are full or read-only, and standard streams that are closed: an error that says so, and files as they were."""

import os
import shutil
import signal
import subprocess

import harness
import peers

PIN = "#pin=AAAAAAAAAAAAAAAAAAAAAA"


class Disk(peers.PeerTest):
    """A small file system of our own, in a mount namespace, holds the home."""

    def setUp(self):
        super().setUp()
        self.words = ["unshare", "--user", "--map-root-user", "--mount"]
        if shutil.which("unshare") is None or subprocess.run([*self.words, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("no namespaces to mount a small file system in")
        self.bob = self.peer("bob")
        self.home("alice")
        (self.folder / "disk").mkdir()

    def run_on(self, disk, script, *arguments, status):
        """Runs a shell script with a home on a new disk of 64 kB; the script makes it `disk`: full or read-only."""
        make = {"full": "{ head -c 65536 /dev/zero >filler; } 2>/dev/null", "read-only": "mount -o remount,ro ."}[disk]
        environment = {name: str(self.folder / "disk") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
        script = f'set -u; mount -t tmpfs -o size=64k tmpfs "$0" && cd "$0"; make() {{ {make}; }}; program=$1; shift; {script}'
        return self.start("alice", *self.words, "/bin/sh", "-c", script, self.folder / "disk", harness.own("quicket"), *arguments,
                          **environment).expect_exit(status)

    def assert_says(self, process, pattern):
        self.assertRegex(process.stderr.lines()[-1], pattern)

    def test_that_is_full_leaves_no_identity(self):
        process = self.run_on("full", 'make; "$program" id; status=$?; find . -type f; exit $status', status=74)
        self.assert_says(process, "^error: .*disk/quicket/identity: No space left on device$")
        self.assertEqual(process.stdout.lines(), ["./filler"])

    def test_that_is_full_leaves_the_trusted_peers_as_they_were(self):
        script = ('"$program" trust add bob "$1" && make; "$program" trust add robert "$2"; status=$?; '
                  'rm filler; "$program" trust list; find . -type f | sort; exit $status')
        process = self.run_on("full", script, self.bob.id, self.peer("carol").id, status=74)
        self.assertIn("trusted_peers: No space left on device", process.stderr.text())
        self.assertEqual(process.stdout.lines(), [f"bob  {self.bob.id}", "./quicket/trusted_peers", "./quicket/trusted_peers.lock"])

    def test_that_is_read_only_is_told(self):
        for arguments, file in (("id", "identity"), (f"trust add bob {self.bob.id}", "trusted_peers"),
                                (f"relay add https://192.0.2.1:4433{PIN}", "quicket")):
            with self.subTest(arguments=arguments):
                process = self.run_on("read-only", 'make; "$program" $1', arguments, status=73)
                self.assert_says(process, f"^error: .*disk/.*{file}.*: Read-only file system$")

    def test_that_is_read_only_is_enough_for_what_is_there(self):
        process = self.run_on("read-only", '"$program" id && "$program" trust add bob "$1" && make; "$program" id && "$program" trust list',
                              self.bob.id, status=0)
        lines = process.stdout.lines()
        self.assertEqual(lines[1:], [lines[0], f"bob  {self.bob.id}"])


class StandardStreams(peers.PeerTest):
    def test_that_are_closed_end_up_in_no_file(self):
        self.peer("alice")
        bob = self.peer("bob")
        shutil.rmtree(self.home("alice").folder / "data")
        script = 'exec <&- >&- 2>&-; program=$0; "$program" id && "$program" trust add bob "$1"'
        self.start("alice", "/bin/sh", "-c", script, harness.own("quicket"), bob.id).expect_exit(0)
        self.finish("alice", harness.own("quicket"), "id")
        home = self.home("alice").folder
        self.assertRegex((home / "data/quicket/identity").read_text(), r"\Aquicket-key-1 \S{44}\n\Z")
        self.assertEqual((home / "config/quicket/trusted_peers").read_text(), f"bob {bob.id}\n")

    def test_that_are_closed_do_not_keep_a_relay_from_serving(self):
        self.start_relay().stop()
        pem = self.home("relay").folder / "data/quicket/relay/relay.pem"
        before = pem.read_bytes()
        relay = self.start("relay", "/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", harness.own("quicket-relay"),
                           "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
        harness.until(lambda: self.is_up(relay), "its socket")
        relay.signal(signal.SIGTERM)
        relay.expect_exit(0)
        self.assertEqual(pem.read_bytes(), before)

    def is_up(self, relay):
        self.wait_for_handlers(relay)
        return relay.udp_ports()

    def test_that_are_a_folder_are_refused_before_anybody_is_called(self):
        alice, bob = self.introduce("alice", "bob", relay="https://127.0.0.1:1#pin=AAAAAAAAAAAAAAAAAAAAAA")
        folder = os.open(self.folder, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        for call in (["dial", bob.name, "--carrier", "stdio:out=offer"], ["accept", "--carrier", "stdio:in=offer"]):
            with self.subTest(call=call):
                self.assert_fails(alice.start(*call, stdin=folder), 74, "standard input is a folder.*--receive-only")

    def test_that_nobody_reads_fail_a_command_with_results(self):
        alice = self.peer("alice")
        read_end, write_end = os.pipe()
        os.close(read_end)
        self.assert_fails(alice.start("id", to=f">&{write_end}", pass_fds=(write_end,)), 74, "standard output")
        os.close(write_end)


if __name__ == "__main__":
    harness.main()
