"""Runs programs for tests, reads what they print while they run, and leaves none of them behind.

    class Greeting(harness.ProcessTest):
        def test_says_hello(self):
            relay = self.start_relay()
            alice = self.start("alice", harness.own("quicket"), "id")
            alice.stdout.wait_for(r"^qk1\\w+$")
            alice.expect_exit(0)

    if __name__ == "__main__":
        harness.main()

Every program gets a home of its own, no network but what the test tells it, and ends with the test. The folders that hold the
programs under test come from the environment: QUICKET_BIN_DIR, and QUICKET_CARRIER_DIR for carriers.
"""

import ctypes
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

PATIENCE = 10.0  # seconds for what takes milliseconds
SKIPPED = 77     # exit status of a run in which every test was skipped

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")


def _prepare():
    """Runs in the new process: it ends when this one is killed, and knows no signal that this one ignores."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def own(name):
    """The path of a program under test."""
    folder = os.environ.get("QUICKET_BIN_DIR")
    if not folder:
        raise AssertionError("QUICKET_BIN_DIR does not name the folder of the programs under test")
    path = pathlib.Path(folder, name)
    if not path.is_file():
        raise AssertionError(f"{path} is not built")
    return path


def foreign(name, package):
    """The path of a program that others wrote; where it is not installed the test is skipped."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise unittest.SkipTest(f"{name} is not installed (package {package})")
    return pathlib.Path(path)


def until(condition, what, timeout=PATIENCE):
    """Waits for a true value of condition() and returns it."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {timeout:g} s: {what() if callable(what) else what}")
        time.sleep(0.005)
    return value


class Output:
    """What a process has written to one of its outputs, kept in a file."""

    def __init__(self, process, path):
        self.process = process
        self.path = path

    def bytes(self):
        return self.path.read_bytes()

    def text(self):
        return self.bytes().decode("utf-8", "replace")

    def lines(self):
        """All whole lines so far."""
        return self.text().split("\n")[:-1]

    def wait_for(self, pattern, timeout=PATIENCE):
        """Waits until a whole line holds the pattern, and returns the first match."""
        expression = re.compile(pattern)

        def find():
            ended = not self.process.is_running()  # asked first: what it wrote before its end counts
            for line in self.lines():
                if match := expression.search(line):
                    return match
            if ended:
                raise AssertionError(f"{self.process.name} has ended without {pattern!r}\n{self.process.story()}")
            return None

        return until(find, lambda: f"{pattern!r} from {self.process.name}\n{self.process.story()}", timeout)


class Process:
    """A running program. Whoever starts one ends it: with(), or end() whatever happened."""

    def __init__(self, name, arguments, folder, environment, stdin=subprocess.DEVNULL, pass_fds=()):
        """Starts it. Its outputs go to NAME.out and NAME.err in the folder."""
        self.name = name
        self.stdout = Output(self, folder / f"{name}.out")
        self.stderr = Output(self, folder / f"{name}.err")
        with self.stdout.path.open("wb") as out, self.stderr.path.open("wb") as err:
            self._process = subprocess.Popen(
                [str(argument) for argument in arguments], stdin=stdin, stdout=out, stderr=err, env=environment, cwd=folder,
                pass_fds=pass_fds, start_new_session=True,
                preexec_fn=_prepare)
        self.pid = self._process.pid
        self.stdin = self._process.stdin  # with stdin=subprocess.PIPE
        self._handle = os.pidfd_open(self.pid)
        self._gone = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def _exit_info(self):
        # It stays a zombie until end(), so that its id is nobody else's.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)

    def is_running(self):
        return not self._gone and self._exit_info() is None

    def exit_status(self):
        """The exit status, or -N after signal N; None while it runs."""
        if self._gone:
            return self._process.returncode
        info = self._exit_info()
        if info is None:
            return None
        return info.si_status if info.si_code == os.CLD_EXITED else -info.si_status

    def wait(self, timeout=PATIENCE):
        """Waits for its end and returns the exit status."""
        if not self._gone and not select.select([self._handle], [], [], timeout)[0]:
            raise AssertionError(f"{self.name} did not end within {timeout:g} s\n{self.story()}")
        return self.exit_status()

    def expect_exit(self, status, timeout=PATIENCE):
        found = self.wait(timeout)
        if found != status:
            raise AssertionError(f"{self.name} ended with {found}, not {status}\n{self.story()}")
        return self

    def signal(self, number):
        if not self._gone:
            os.kill(self.pid, number)

    def udp_ports(self):
        """The ports of its UDP sockets over IPv4, for programs that do not tell them."""
        sockets = set()
        for link in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                target = os.readlink(link)
            except FileNotFoundError:  # closed meanwhile
                continue
            if match := re.fullmatch(r"socket:\[(\d+)\]", target):
                sockets.add(match.group(1))
        rows = pathlib.Path(f"/proc/{self.pid}/net/udp").read_text().splitlines()[1:]
        return [int(columns[1].rpartition(":")[2], 16) for columns in map(str.split, rows) if columns[9] in sockets]

    def story(self):
        """How it stands, and the end of what it wrote: for messages about failures."""
        status = self.exit_status()
        parts = [f"--- {self.name}: {'running' if status is None else f'ended with {status}'}"]
        for output in (self.stdout, self.stderr):
            text = output.text()
            if text:
                parts += [f"--- {output.path.name}:", _CONTROL.sub("\N{MIDDLE DOT}", text[-4000:].rstrip("\n"))]
        return "\n".join(parts)

    def end(self):
        """Kills it and everything that it started, unless they have ended. May be called again."""
        if self._gone:
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # ended before it had a group of its own
        self._process.wait()
        self._gone = True
        os.close(self._handle)
        if self.stdin is not None:
            try:
                self.stdin.close()
            except BrokenPipeError:
                pass  # what nobody read is lost


class Home:
    """A user's folders, empty at first."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("config", "data", "state", "cache", "run"):
            (folder / name).mkdir(parents=True, mode=0o700)

    def environment(self, **more):
        """What a program of this user sees: of the developer's own environment nothing that could change its course."""
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        carriers = os.environ.get("QUICKET_CARRIER_DIR")
        return {
            **kept,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "TMPDIR": str(self.folder / "cache"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            **({"QUICKET_PLUGIN_PATH": carriers} if carriers else {}),
            **more,
        }


class Relay:
    """A quicket-relay on loopback, usually on a free port. It forwards to loopback, and does not wait long for its clients' end."""

    def __init__(self, start, name, *options, port=0, drain_timeout="10ms"):
        """start is ProcessTest.start, or what works like it."""
        self.process = start(name, own("quicket-relay"), "--listen", f"127.0.0.1:{port}", "--admin", "127.0.0.1:0",
                             "--allow-loopback", "--drain-timeout", drain_timeout, *options)
        self.metrics_url = self.process.stderr.wait_for(r'http://[^ "]+/metrics').group()
        self.url = self.process.stderr.wait_for(r'https://[^ "]+#pin=[^ "]+').group()
        self.host, port, self.pin = re.fullmatch(r"https://(.+):(\d+)#pin=(.+)", self.url).groups()
        self.port = int(port)

    @property
    def address(self):
        return (self.host, self.port)

    def admin(self, path):
        """The body of the admin endpoint's answer."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(self.metrics_url.removesuffix("/metrics") + path, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def metrics(self):
        """All counters and gauges by name, as in 'forwarded_packets_total' or 'dropped_packets_total{reason="empty"}'."""
        values = {}
        for line in self.admin("/metrics").splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                values[name.removeprefix("quicket_relay_")] = float(value)
        return values

    def wait_for_metrics(self, condition, what, timeout=PATIENCE):
        """Waits until condition(metrics) is true, and returns these metrics."""
        found = {}

        def ask():
            found.update(self.metrics())
            return condition(found)

        until(ask, what, timeout)
        return found

    def stop(self):
        """Ends it by SIGTERM, which it obeys with exit status 0."""
        self.process.signal(signal.SIGTERM)
        self.process.expect_exit(0)


class ProcessTest(unittest.TestCase):
    """A test that runs programs. Its folder and all its processes go when it ends; if it fails, it shows what they wrote."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quicket-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self._processes = []
        self._stories = []
        self._homes = {}

    def run(self, result=None):
        result = result if result is not None else self.defaultTestResult()
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            print("\n".join(self._stories), file=sys.stderr)
        return result

    def home(self, name):
        """The folders of the user with this name; the same ones each time."""
        if name not in self._homes:
            self._homes[name] = Home(self.folder / name)
        return self._homes[name]

    def start(self, name, program, *arguments, home=None, stdin=subprocess.DEVNULL, pass_fds=(), **environment):
        """Starts a program as the user `home`, by default `name`. `environment` adds variables."""
        number = sum(process.name.split(".")[0] == name for process in self._processes)
        label = f"{name}.{number + 1}" if number else name
        process = Process(label, [program, *arguments], self.folder, self.home(home or name).environment(**environment),
                          stdin=stdin, pass_fds=pass_fds)
        self._processes.append(process)
        self.addCleanup(self._end, process)
        return process

    def finish(self, name, program, *arguments, status=0, timeout=PATIENCE, **options):
        """Starts a program and waits for its end with this exit status."""
        return self.start(name, program, *arguments, **options).expect_exit(status, timeout)

    def start_relay(self, *options, name="relay", port=0, drain_timeout="10ms"):
        return Relay(self.start, name, *options, port=port, drain_timeout=drain_timeout)

    def _end(self, process):
        self._stories.append(process.story())
        process.end()


def main():
    """Runs the tests of the calling file. Exit status SKIPPED, and the reasons, when none of them could run."""
    outcome = unittest.main(module="__main__", exit=False, verbosity=2).result
    for test, reason in outcome.skipped:
        print(f"{test.id()}: Skipped\n{reason}", flush=True)
    if not outcome.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if outcome.skipped and len(outcome.skipped) == outcome.testsRun else 0)
