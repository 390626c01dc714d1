"""A screen that nobody sees, terminals on it, and pictures of it."""

import os
import shlex
import signal
import struct

import harness

_COLUMNS, _ROWS = 100, 55


class Screen:
    """An X server without a display, for as long as the test runs or until end()."""

    def __init__(self, test):
        self._test = test
        server = harness.foreign("Xvfb", "xvfb")
        self._terminal = harness.foreign("xterm", "xterm")
        self._frame = test.folder / "frame"
        self._frame.mkdir()
        reading, writing = os.pipe()
        try:
            self._server = test.start("screen", server, "-displayfd", str(writing), "-screen", "0", "1100x900x24", "-fbdir",
                                      str(self._frame), "-nolisten", "tcp", pass_fds=(writing,))
        finally:
            os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise AssertionError(f"no screen\n{self._server.story()}")
        self.display = f":{number}"

    def run(self, command, folder, environment, redirections):
        """Runs a command in a terminal, white on black, with a shell's redirections. The terminal ends with it."""
        # The terminal's own environment is not the command's: what it keeps in its home is nobody's.
        variables = [f"{name}={value}" for name, value in environment.items()]
        words = " ".join(shlex.quote(str(word)) for word in ["env", "-i", *variables, *command])
        # The shell stays: a terminal that nobody has open ends.
        script = f"cd {shlex.quote(str(folder))}; {words} {redirections}; exit $?"
        return self._test.start("terminal", self._terminal, "-fa", "DejaVu Sans Mono", "-fs", "9", "-geometry",
                                f"{_COLUMNS}x{_ROWS}+0+0", "-bg", "black", "-fg", "white", "+sb", "-e", "/bin/sh", "-c", script,
                                home="screen", DISPLAY=self.display)

    def picture(self):
        """What it shows, as a PNM file in grey. The server keeps it in a file of the X Window Dump format."""
        dump = (self._frame / "Xvfb_screen0").read_bytes()
        fields = struct.unpack_from(">25I", dump)
        header, width, height, little, bits, stride, colours = (fields[i] for i in (0, 4, 5, 7, 11, 12, 19))
        assert (little, bits) == (0, 32), fields
        start = header + colours * 12
        rows = [dump[start + y * stride:start + y * stride + 4 * width] for y in range(height)]
        return b"P5 %d %d 255\n" % (width, height) + b"".join(row[1::4] for row in rows)  # green

    def end(self):
        self._server.signal(signal.SIGTERM)
        self._server.wait()
