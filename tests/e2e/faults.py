"""Lets system calls of a program fail, one at a time: strace makes the Nth call of a kind of each thread fail.

    class Key(faults.FaultTest):
        def test_is_made_whole_or_not_at_all(self):
            def attempt(fault):
                process, trace = self.start_traced("alice", fault, harness.own("quicket"), "id")
                self.assert_copes(process, trace)
                return trace
            self.try_faults(faults.FILES, attempt)

All faults are tried where QUICKET_FAULTS is "all", else a few, drawn by the seed QUICKET_SEED, which is printed.
"""

import collections
import contextlib
import dataclasses
import os
import random
import re
import signal
import subprocess
import sys

import harness
import peers

# What each kind of call fails with: errors that Linux has for it when disks, tables or networks are full, broken or shut.
FILES = {
    "openat": ("EACCES", "EMFILE", "ENFILE", "ENOSPC", "EIO", "EINTR", "ENOMEM"),
    "read": ("EIO", "EINTR"),
    "write": ("ENOSPC", "EIO", "EINTR"),
    "close": ("EIO", "EINTR"),
    "newfstatat": ("EACCES", "EIO", "ENOMEM"),
    "mkdir": ("EACCES", "ENOSPC"),
    "fsync": ("EIO", "ENOSPC"),
    "link": ("EACCES", "ENOSPC", "EPERM"),
    "rename": ("EACCES", "ENOSPC", "EIO"),
    "unlink": ("EACCES", "EIO"),
    "flock": ("EINTR", "ENOLCK"),
    "lseek": ("EINVAL",),
    "readlink": ("EACCES", "EIO"),
    "getcwd": ("ENOENT", "ENOMEM"),
}
SOCKETS = {
    "socket": ("EMFILE", "ENFILE", "ENOBUFS", "EACCES", "EAFNOSUPPORT"),
    "setsockopt": ("ENOPROTOOPT", "ENOBUFS", "EPERM"),
    "bind": ("EADDRINUSE", "EADDRNOTAVAIL", "EACCES"),
    "getsockname": ("ENOBUFS",),
    "connect": ("ENETUNREACH", "EACCES"),
    "listen": ("EADDRINUSE",),
    "eventfd2": ("EMFILE", "ENFILE", "ENOMEM"),
    "timerfd_create": ("EMFILE", "ENFILE", "ENOMEM"),
    "epoll_create1": ("EMFILE", "ENFILE", "ENOMEM"),
    "epoll_ctl": ("ENOMEM", "ENOSPC"),
    "poll": ("EINTR", "ENOMEM"),
    "pipe2": ("EMFILE", "ENFILE"),
    "dup2": ("EBUSY", "EINTR"),
    "ioctl": ("EINVAL",),
    "clone3": ("EAGAIN", "ENOMEM"),
}
# What passes: whoever meets one of these goes on.
PASSING = {
    "sendmmsg": ("EINTR", "EAGAIN", "ENOBUFS", "ENOMEM", "EPERM", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EMSGSIZE", "EIO"),
    "recvmmsg": ("EINTR", "EAGAIN", "ENOBUFS", "ENOMEM", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"),
    "epoll_wait": ("EINTR",),
    "accept": ("EMFILE", "ENFILE", "ENOBUFS", "ECONNABORTED", "EINTR", "EAGAIN"),
}

# What the help texts list, but success, wrong usage, signals, and 70: that is a defect.
_FAILURES = (65, 69, 73, 74, 75, 77, 78)
# What an error is about: a file, an address, or what a program needs of the system to begin with.
_SUBJECT = r"/[^ ]|127\.0\.0\.1:\d|\[::\]:\d|standard (in|out)put|^error: (carrier \w+|epoll|signal_set_service pipe|there is no thread left)\b"
_BEGINS = re.compile(r"rt_sigaction\(SIGPIPE, \{sa_handler=SIG_IGN")  # the programs' own code does, with this


@dataclasses.dataclass(frozen=True)
class Fault:
    call: str
    error: str
    nth: int

    def __str__(self):
        return f"{self.call} {self.nth}: {self.error}"


class Trace:
    """What strace writes about a program that it runs, or is attached to; without a fault it only counts."""

    def __init__(self, path, calls, fault=None):
        self.path = path
        calls = [fault.call] if fault else [*calls, "rt_sigaction"]
        inject = ["-e", f"inject={fault.call}:error={fault.error}:when={fault.nth}"] if fault else []
        self.words = [harness.foreign("strace", "strace"), "-f", "-o", path, "-e", "signal=none",
                      "-e", "trace=" + ",".join(f"?{call}" for call in calls), *inject]

    def text(self):
        return self.path.read_text(errors="replace") if self.path.exists() else ""

    def wait_for_end(self, process, timeout=harness.PATIENCE):
        """Waits until the program has ended and all is written about it; returns its exit status."""
        harness.until(lambda: re.search(rf"(?m)^{process.pid} +[+]{{3}} (exited|killed)", self.text()), process.story, timeout)
        harness.until(lambda: process.exit_status() is not None, process.story)  # the tracer knew first
        return process.exit_status()

    def was_met(self):
        return "(INJECTED)" in self.text()

    def counts(self, calls, unwatched):
        """By call: how many of a program's first ones are not tried, the dynamic linker's and `unwatched`, and how many a
        thread made at most."""
        before, most, threads = collections.Counter(), collections.Counter(), collections.defaultdict(collections.Counter)
        for line in self.text().splitlines():
            thread, _, what = line.partition(" ")
            what = what.lstrip()
            if _BEGINS.match(what):
                before.update({**threads[thread], **unwatched})
            call, parenthesis, _ = what.partition("(")
            if parenthesis and call in calls:
                threads[thread][call] += 1
                most[call] = max(most[call], threads[thread][call])
        return {call: (before[call], most[call]) for call in most}


class FaultTest(peers.PeerTest):
    SOME = 3  # faults of each loop, where not all are tried
    # Calls at a program's begin whose result Asio does not look at: it registers its wake-up call and its timer.
    UNWATCHED = {"epoll_ctl": 2}

    def setUp(self):
        super().setUp()
        probe = [*Trace("/dev/null", ["getppid"]).words, "true"]
        tried = subprocess.run(list(map(str, probe)), capture_output=True, text=True)
        if tried.returncode != 0:
            self.skipTest(f"strace may not trace here: {tried.stderr.strip()}")
        self.all = os.environ.get("QUICKET_FAULTS") == "all"
        seed = os.environ.get("QUICKET_SEED") or str(random.randrange(1_000_000))
        self.random = random.Random(f"{seed} {self.id()}")
        if not self.all:
            print(f"QUICKET_SEED={seed}", file=sys.stderr)

    def trace(self, kinds, fault=None):
        return Trace(self.folder / f"trace-{self.next_number()}", kinds, fault)

    def start_traced(self, name, trace, *command, **options):
        """Starts a program under strace. -D: it is our child all the same, with its own signals and exit status."""
        return self.start(name, trace.words[0], "-D", *trace.words[1:], *command, **options)

    @contextlib.contextmanager
    def attached(self, trace, process):
        """Traces a process that runs already."""
        tracer = self.start("strace", *trace.words, "-p", process.pid)
        tracer.stderr.wait_for("attached")
        try:
            yield
        finally:
            tracer.signal(signal.SIGTERM)  # it lets go
            tracer.wait()

    def try_faults(self, kinds, attempt):
        """Calls attempt(trace) first for a trace without a fault, and then for one with each fault that is to be tried."""
        first = self.trace(kinds)
        attempt(first)
        counts = first.counts(kinds, self.UNWATCHED)
        self.assertTrue(counts)

        def meets(fault):
            trace = self.trace(kinds, fault)
            with self.subTest(str(fault)):
                attempt(trace)
            met = trace.was_met()
            trace.path.unlink(missing_ok=True)
            for process in self._processes:  # there are thousands: give their descriptors back
                if not process.is_running():
                    process.end()
            return met

        if not self.all:
            faults = [Fault(call, error, nth) for call, (before, most) in counts.items()
                      for nth in range(before + 1, most + 1) for error in kinds[call]]
            for fault in self.random.sample(faults, min(self.SOME, len(faults))):
                meets(fault)
            return
        for call, (before, most) in counts.items():
            for nth in range(before + 1, 2 * most + 20):
                if not any([meets(Fault(call, error, nth)) for error in kinds[call]]):
                    break

    def assert_copes(self, process, trace, timeout=20):
        """It ends with success, or with one error that names its subject; returns whether it was success."""
        status = trace.wait_for_end(process, timeout)
        if status == 0:
            return True
        if re.search(r"(?m)\bwrite\(2, .*\(INJECTED\)$", trace.text()):  # what it said is lost, its status is not
            self.assertIn(status, _FAILURES, process.story())
            return False
        self.assert_fails_clearly(process)
        return False

    def assert_fails_clearly(self, process):
        self.assertIn(process.exit_status(), _FAILURES, process.story())
        lines = process.stderr.lines()
        self.assertTrue(lines and lines[-1].startswith("error: "), process.story())
        self.assertRegex(lines[-1], _SUBJECT, process.story())
