"""Users of quicket, and what has to be left of their calls: nothing.

    class Greeting(peers.PeerTest):
        def test_reaches_the_other_side(self):
            alice, bob = self.open_relay_for("alice", "bob")
            dial = alice.dial(bob, sends=b"hello")
            bob.accept(dial.offer).expect_exit(0)
            dial.expect_exit(0)

When a test has passed, PeerTest looks for what it left: running programs, temporary files, registrations at the relay.
"""

import base64
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile

import harness

# What quicket keeps of a user: all other files are left behind.
_KEPT = {
    "config/quicket/config", "config/quicket/relays", "config/quicket/relays.lock", "config/quicket/trusted_peers",
    "config/quicket/trusted_peers.lock", "data/quicket/identity", "state/quicket/reset-secret",
    "state/quicket/reset-secret.lock", "state/quicket/used-offers", "state/quicket/used-offers.lock",
}
_TEMPORARY = re.compile(r"\.[A-Za-z0-9]{6}$|~$|\.tmp$")
_ANY_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_PIN = re.compile(r"#pin=[\w-]+")
_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # of Bech32


def key_of(peer_id):
    """The 32 bytes of the public key (docs/protocol.md "Peer id"): without version and checksum."""
    bits = "".join(f"{_CHARSET.index(letter):05b}" for letter in peer_id[3:-6])
    return bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits) - 7, 8))[1:]


def octets_of(content):
    """The bytes of an offer as a file holds it: JSON, a URI, or themselves. None: digits."""
    if content.startswith(b"{"):
        return base64.b64decode(json.loads(content)["offer"])
    if content.startswith(b"quicket:"):
        return base64.urlsafe_b64decode(content.strip().removeprefix(b"quicket:") + b"==")
    return None if content.startswith(b"QUICKET:") else content


def pieces_of(content):
    """Pieces of an offer in a file, in its text forms: where 39 letters of one stand, a piece stands."""
    octets = octets_of(content)
    forms = [content.decode()] if octets is None else [
        octets.hex(), octets.hex().upper(), base64.b64encode(octets).decode(), base64.urlsafe_b64encode(octets).decode()]
    return {form[at:at + 20] for form in forms for at in range(0, len(form) - 19, 20)}


class Peer:
    """A user with an identity."""

    def __init__(self, test, name):
        self._test = test
        self.name = name
        self.home = test.home(name).folder
        self.id = self.finish("id", "--quiet").stdout.lines()[0]

    def start(self, *arguments, sends=None, to=None, under=(), **options):
        """Starts quicket. It reads the bytes `sends`; `to` is a shell's redirection of its standard output; `under` is a
        command line that takes another's."""
        if sends is not None:
            options["stdin"] = self._test.file_with(sends)
        command = [*under, harness.own("quicket"), *arguments]
        if to is not None:
            command = ["/usr/bin/env", "bash", "-c", f'exec "$@" {to}', "bash", *command]
        return self._test.start(self.name, *command, **options)

    def finish(self, *arguments, status=0, **options):
        return self.start(*arguments, **options).expect_exit(status)

    def trust(self, other, name=None):
        self.finish("trust", "add", name or other.name, other.id)

    def dial(self, peer, *options, offer=None, wait=True, **more):
        """Starts a dial with the offer in a file, and waits until that is there. The process gets its path as `offer`."""
        path = self._test.folder / (offer or f"offer-{self._test.next_number()}.json")
        process = self.start("dial", peer if isinstance(peer, str) else peer.name, "--carrier", f"stdio:out={path}",
                             *options, **more)
        process.offer = path
        if wait:
            self._test.wait_for_offer(process)
        return process

    def accept(self, offer, *options, **more):
        """Starts the answer to the offer in a file, at a relay on loopback."""
        return self.start("accept", "--allow-private-relays", "--carrier", f"stdio:in={offer}", *options, **more)


class PeerTest(harness.ProcessTest):
    def setUp(self):
        super().setUp()
        self.relay = None
        self._number = 0
        self._peers = []

    def tearDown(self):
        self.assert_no_log_holds_an_offer()
        for process in self._processes:
            if self.relay is None or process is not self.relay.process:
                self.assertFalse(process.is_running(), f"still runs:\n{process.story()}")
            self.assertEqual(self._others_in_group(process.pid), [], f"children of {process.name}")
        if self.relay is not None and self.relay.process.is_running():
            self.relay.wait_for_metrics(lambda now: now["registrations"] == 0 and now["sessions"] == 0, "an empty relay")
            self.relay.stop()
        for peer in self._peers:
            files = {str(path.relative_to(peer.home)) for path in peer.home.rglob("*") if not path.is_dir()}
            self.assertEqual(files - _KEPT, set(), f"left behind by {peer.name}")
        self.assertEqual([path.name for path in self.folder.iterdir() if _TEMPORARY.search(path.name)], [])

    def assert_no_log_holds_an_offer(self):
        """Neither a relay nor a peer has written an offer of this test to its standard error, in any form."""
        offers = {process.offer for process in self._processes if getattr(process, "offer", None) is not None}
        pieces = {piece for path in offers if path.is_file() for piece in pieces_of(path.read_bytes())}
        if not pieces:
            return
        for process in self._processes:
            log = _PIN.sub("", process.stderr.text())  # an offer names relays too, and is not always sealed
            self.assertEqual([piece for piece in pieces if piece in log], [], f"{process.name} tells of an offer")

    @staticmethod
    def _others_in_group(leader):
        found = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            except OSError:  # it has ended meanwhile
                continue
            if int(group) == leader and int(stat.parent.name) != leader and state != "Z":
                found.append(int(stat.parent.name))
        return found

    def next_number(self):
        self._number += 1
        return self._number

    def peer(self, name):
        peer = Peer(self, name)
        self._peers.append(peer)
        return peer

    def open_relay_for(self, *names, **options):
        """Starts a relay that all of these dial by, and makes them trust each other."""
        self.relay = self.start_relay(**options)
        return self.introduce(*names, relay=self.relay.url)

    def introduce(self, *names, relay):
        """Makes peers who trust each other and dial by the relay with this URL."""
        everybody = [self.peer(name) for name in names]
        for peer in everybody:
            peer.finish("relay", "add", relay)
            for other in everybody:
                if other is not peer:
                    peer.trust(other)
        return everybody

    def file_with(self, content):
        """A file to read the content from, which no folder lists."""
        file = tempfile.TemporaryFile(dir=self.folder)
        self.addCleanup(file.close)
        file.write(content)
        file.seek(0)
        return file

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def wait_for_offer(self, dial):
        def is_there():
            if not dial.is_running():
                raise AssertionError(f"no offer\n{dial.story()}")
            return dial.offer.exists()

        harness.until(is_there, lambda: f"an offer\n{dial.story()}")

    @contextlib.contextmanager
    def nothing_sent(self):
        """A block whose own processes send nothing to the relay. Those that run already are stopped meanwhile."""
        others = [process for process in self._processes if process.is_running() and process is not self.relay.process]
        for process in others:
            process.signal(signal.SIGSTOP)
        try:
            counts = [-1]
            def is_quiet():
                counts.append(self.relay.metrics()["udp_received_packets_total"])
                return counts[-1] == counts[-2]
            harness.until(is_quiet, "silence")
            yield
            self.assertEqual(self.relay.metrics()["udp_received_packets_total"], counts[-1])
        finally:
            for process in others:
                process.signal(signal.SIGCONT)

    def link(self, alice, bob, *options, **more):
        """Connects two peers whose standard inputs stay open."""
        dial = alice.dial(bob, *options, stdin=subprocess.PIPE, **more)
        accept = bob.accept(dial.offer, *options, stdin=subprocess.PIPE)
        for process in (dial, accept):
            process.stderr.wait_for("^linked ")
        return dial, accept

    def wait_for_bytes(self, process, content, timeout=harness.PATIENCE):
        """Waits until the process has written as many bytes as content has, and compares."""
        output = process.stdout
        harness.until(lambda: output.path.stat().st_size >= len(content), process.story, timeout)
        self.assert_same(output.bytes(), content)

    def assert_same(self, found, expected):
        """Compares long contents without printing them."""
        self.assertEqual(len(found), len(expected))
        self.assertTrue(found == expected, "the bytes differ")

    @staticmethod
    def has_handlers(process):
        """Whether the process has taken the signals that end it into its own hands."""
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        caught = int(re.search(r"(?m)^SigCgt:\s*(\w+)$", status).group(1), 16)
        return all(caught & 1 << (number - 1) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))

    def wait_for_handlers(self, process):
        def has_them():
            if not process.is_running():
                raise AssertionError(process.story())
            return self.has_handlers(process)

        harness.until(has_them, process.story)

    def assert_fails(self, process, status, pattern, timeout=harness.PATIENCE):
        """It ends with this status; the last line of standard error is the only error, fit to be shown, and holds the pattern."""
        process.expect_exit(status, timeout)
        lines = process.stderr.lines()
        errors = [line for line in lines if line.startswith("error: ")]
        self.assertEqual(errors, lines[-1:], process.story())
        self.assertRegex(errors[0], pattern)
        self.assertNotRegex(process.stderr.text(), _ANY_CONTROL)

    def assert_cancelled(self, process, status, message):
        """It ends by a signal, with this one line about it."""
        process.expect_exit(status)
        self.assertEqual(process.stderr.lines()[-1], message, process.story())
        self.assertNotIn("error:", process.stderr.text())


def events(process):
    """What it said by --json: an object a line, each with its event."""
    found = [json.loads(line) for line in process.stderr.lines()]
    assert all(isinstance(event, dict) and isinstance(event["event"], str) for event in found), found
    return found


def wait_for_event(process, name):
    """The first of its events with this name. What an event tells of can be seen before it is told."""
    return harness.until(lambda: next((event for event in events(process) if event["event"] == name), None),
                         f"event {name} of {process.name}")


def payload(size):
    """Bytes that no compression, repetition or loss leaves alike."""
    return os.urandom(size)
