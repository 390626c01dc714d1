"""Whatever system call fails, the programs go on or say what failed, and their files hold what was there before or what comes after."""

import contextlib
import os
import re
import shutil
import signal

import faults
import harness
import peers

LEFT_BEHIND = re.compile(r"(/|^)\.quicket-[0-9a-f]{16}$")  # by a write whose last step, the removal, failed
PIN = "#pin=AAAAAAAAAAAAAAAAAAAAAA"


def files_in(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def take_left_behind(test, folder):
    """Removes what was left behind: one file at most."""
    left = [path for path in folder.rglob("*") if LEFT_BEHIND.search(path.name)]
    test.assertLessEqual(len(left), 1)
    for path in left:
        path.unlink()


class Files(faults.FaultTest):
    """Commands that need no network. After each, every file is the old one or the new one."""

    def setUp(self):
        super().setUp()
        self.alice, bob, self.carol = self.peer("alice"), self.peer("bob"), self.peer("carol")
        self.alice.trust(bob)
        self.alice.finish("relay", "add", f"https://192.0.2.1:4433{PIN}")
        (self.alice.home / "config/quicket/config").write_text("quiet = no\n")

    def restore(self, content):
        for name in ("config", "data", "state"):
            shutil.rmtree(self.alice.home / name / "quicket", ignore_errors=True)
        for name, octets in content.items():
            path = self.alice.home / name
            path.parent.mkdir(exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            path.write_bytes(octets)

    def try_command(self, *arguments, always_another=None):
        before, after = files_in(self.alice.home), {}

        def attempt(trace):
            self.restore(before)
            succeeded = self.assert_copes(self.start_traced("alice", trace, harness.own("quicket"), *arguments), trace)
            take_left_behind(self, self.alice.home)
            found = files_in(self.alice.home)
            if not after:
                self.assertTrue(succeeded)
                after.update(found)
            for name in {*before, *after, *found} - {always_another}:
                allowed = [after.get(name)] if succeeded else [before.get(name), after.get(name)]
                self.assertIn(found.get(name), [*allowed, b""] if name.endswith(".lock") else allowed, name)
            self.alice.finish("id")  # whatever key is there is whole

        self.try_faults(faults.FILES, attempt)
        self.restore(before)

    def test_new_identity(self):
        (self.alice.home / "data/quicket/identity").unlink()
        self.try_command("id", always_another="data/quicket/identity")

    def test_trusted_peers(self):
        self.try_command("trust", "add", "carol", self.carol.id)

    def test_trusted_peers_with_one_less(self):
        self.try_command("trust", "remove", "bob")

    def test_relays(self):
        self.try_command("relay", "add", f"https://192.0.2.2:4433{PIN}")

    def test_list_of_carriers(self):
        self.try_command("carriers")


class Calls(faults.FaultTest):
    """Dial and answer. Whoever meets the fault ends in time, by success only when everything has arrived on both sides."""

    CONTENT = peers.payload(100_000)

    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.open_relay_for("alice", "bob")
        self.content = self.write("content", self.CONTENT)

    def tearDown(self):
        if self.relay:
            self.assertTrue(self.relay.process.is_running())
            self.relay.process.end()  # it holds what was killed for two minutes
        super().tearDown()

    def start_dial(self, words=()):
        offer = self.folder / f"offer-{self.next_number()}"
        with self.content.open("rb") as stdin:
            dial = self.start("alice", *words, harness.own("quicket"), "dial", "bob", "--patience", "15s",
                              "--carrier", f"stdio:out={offer}", stdin=stdin)
        dial.offer = offer
        return dial

    def start_accept(self, offer, words=()):
        with self.content.open("rb") as stdin:
            return self.start("bob", *words, harness.own("quicket"), "accept", "--allow-private-relays",
                              "--carrier", f"stdio:in={offer}", stdin=stdin)

    @staticmethod
    def wait_for_offer_or_end(dial):
        harness.until(lambda: dial.offer.exists() or not dial.is_running(), dial.story, timeout=20)

    def judge(self, process, trace, others, passes=False):
        if self.assert_copes(process, trace):
            for one in (process, *others):
                one.expect_exit(0)
                self.assert_same(one.stdout.bytes(), self.CONTENT)
        else:
            self.assertFalse(passes, process.story())
        for one in (process, *others):
            one.end()
        for peer in (self.alice, self.bob):
            take_left_behind(self, peer.home)
        for path in self.folder.glob("offer-*"):
            path.unlink()

    def try_dial(self, kinds, passes=False):
        def attempt(trace):
            shutil.rmtree(self.alice.home / "state/quicket", ignore_errors=True)
            dial = self.start_dial([trace.words[0], "-D", *trace.words[1:]])
            self.wait_for_offer_or_end(dial)
            self.judge(dial, trace, [self.start_accept(dial.offer)] if dial.offer.exists() else [], passes)

        self.try_faults(kinds, attempt)

    def try_accept(self, kinds, passes=False):
        def attempt(trace):
            shutil.rmtree(self.bob.home / "state/quicket", ignore_errors=True)
            dial = self.start_dial()
            self.wait_for_offer_or_end(dial)
            self.judge(self.start_accept(dial.offer, [trace.words[0], "-D", *trace.words[1:]]), trace, [dial], passes)

        self.try_faults(kinds, attempt)

    def test_dial_with_its_files(self):
        self.try_dial(faults.FILES)

    def test_dial_with_its_sockets(self):
        self.try_dial(faults.SOCKETS)

    def test_dial_whatever_becomes_of_its_datagrams(self):
        self.try_dial(faults.PASSING, passes=True)

    # Threads that begin later count from one, which would hit the dynamic linker if the trace began with the program.
    def test_dial_on_its_other_threads(self):
        def attempt(trace):
            self.relay.process.signal(signal.SIGSTOP)
            dial = self.start_dial()
            self.wait_for_handlers(dial)
            with self.attached(trace, dial):
                self.relay.process.signal(signal.SIGCONT)
                self.wait_for_offer_or_end(dial)
                self.judge(dial, trace, [self.start_accept(dial.offer)] if dial.offer.exists() else [])

        self.try_faults({**faults.FILES, **faults.SOCKETS}, attempt)

    def test_accept_with_its_files(self):
        self.try_accept(faults.FILES)

    def test_accept_with_its_sockets(self):
        self.try_accept(faults.SOCKETS)

    def test_accept_whatever_becomes_of_its_datagrams(self):
        self.try_accept(faults.PASSING, passes=True)

    def test_accept_on_its_other_threads(self):
        def attempt(trace):
            dial = self.start_dial()
            self.wait_for_offer_or_end(dial)
            pipe = self.folder / f"pipe-{self.next_number()}"
            os.mkfifo(pipe)
            accept = self.start_accept(pipe)
            self.wait_for_handlers(accept)
            with self.attached(trace, accept), pipe.open("wb") as writer:
                writer.write(dial.offer.read_bytes())
                writer.close()
                self.judge(accept, trace, [dial])

        self.try_faults({**faults.FILES, **faults.SOCKETS}, attempt)

    def test_relay_whatever_becomes_of_its_datagrams(self):
        def attempt(trace):
            with self.attached(trace, self.relay.process):
                dial = self.start_dial()
                self.wait_for_offer_or_end(dial)
                accept = self.start_accept(dial.offer)
                for process in (dial, accept):
                    process.expect_exit(0)
                    self.assert_same(process.stdout.bytes(), self.CONTENT)
                self.relay.metrics()

        self.try_faults(faults.PASSING, attempt)


class Relay(faults.FaultTest):
    """A relay's start and reload. What it keeps is the same afterwards, or whole and new where there was nothing."""

    UNWATCHED = {"epoll_ctl": 3}  # and the signals, which here come before the first socket

    def command(self, *options):
        return [harness.own("quicket-relay"), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-format", "text", *options]

    def state(self):
        return self.home("relay").folder / "data/quicket/relay"

    @staticmethod
    def repeat(process, number, condition):
        """Sends a signal each second until the condition is true: Asio reads signals from a pipe, and that may be what fails."""
        for _ in range(int(harness.PATIENCE)):
            process.signal(number)
            with contextlib.suppress(AssertionError):
                return harness.until(condition, process.story, timeout=1)
        raise AssertionError(process.story())

    def try_start(self, kinds, fresh):
        self.start_relay().stop()
        before = files_in(self.state())

        def attempt(trace):
            if fresh:
                shutil.rmtree(self.state(), ignore_errors=True)
            relay = self.start_traced("relay", trace, *self.command())
            harness.until(lambda: not relay.is_running() or self.has_handlers(relay), relay.story)
            self.repeat(relay, signal.SIGTERM, lambda: not relay.is_running())
            self.assert_copes(relay, trace)
            take_left_behind(self, self.home("relay").folder)
            if not fresh:
                self.assertEqual(files_in(self.state()), before)
            self.start_relay().stop()  # what it left is whole

        self.try_faults(kinds, attempt)

    def test_first_start_with_its_files(self):
        self.try_start(faults.FILES, fresh=True)

    def test_start_with_its_files(self):
        self.try_start(faults.FILES, fresh=False)

    def test_start_with_its_sockets(self):
        self.try_start(faults.SOCKETS, fresh=False)

    def test_reload(self):
        config = self.home("relay").folder / "config/quicket/relay.conf"
        config.parent.mkdir()
        config.write_text("max-window = 100\n")
        relay = self.start_relay()

        def attempt(trace):
            with self.attached(trace, relay.process):
                said = len(relay.process.stderr.lines())
                self.repeat(relay.process, signal.SIGHUP,
                            lambda: any("SIGHUP" in line for line in relay.process.stderr.lines()[said:]))
                self.assertIn("connection_ids", relay.metrics())

        self.try_faults(faults.FILES, attempt)
        self.assertEqual(relay.process.stderr.text().count(relay.pin), relay.process.stderr.text().count("#pin="))
        relay.stop()


if __name__ == "__main__":
    harness.main()
