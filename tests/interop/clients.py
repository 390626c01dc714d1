"""HTTP/3 clients for the tests: two that others wrote, and this project's own."""

import base64
import dataclasses
import json
import os
import pathlib
import re
import unittest

import harness


@dataclasses.dataclass
class Response:
    status: int
    headers: dict  # lower-case names
    body: bytes

    def json(self):
        return json.loads(self.body)


def built(name):
    """The path of a program that the build made for tests."""
    return pathlib.Path(os.environ["QUICKET_TEST_BIN_DIR"], name)


def quicgo():
    """The path of our program on quic-go, which is only built where Go and quic-go are installed."""
    path = built("quicgo")
    if not path.is_file():
        raise unittest.SkipTest("quicgo is not built: it needs golang-go and golang-github-lucas-clemente-quic-go-dev")
    return path


class ClientTest(harness.ProcessTest):
    def write(self, content):
        """A file with this content."""
        path = self.folder / f"content.{len(list(self.folder.glob('content.*')))}"
        path.write_bytes(content)
        return path

    def by_quicgo(self, relay, method="GET", path="/v1/info", body=None, headers=None, socket=None, more=()):
        """A request by quic-go, on a connection of its own; from `socket`, if given."""
        options = ["-url", f"https://{relay.host}:{relay.port}{path}#pin={relay.pin}", "-method", method, *more]
        for name, value in (headers or {}).items():
            options += ["-header", f"{name}: {value}"]
        if body is not None:
            options += ["-body", self.write(body)]
        if socket is not None:
            options += ["-socket", socket.fileno()]
        done = self.finish("quicgo", quicgo(), "request", *options, pass_fds=[socket.fileno()] if socket else [])
        said = json.loads(done.stdout.text())
        headers = {name.lower(): ", ".join(values) for name, values in said["headers"].items()}
        return Response(said["status"], headers, base64.b64decode(said["body"] or ""))

    def by_gtlsclient(self, relay, method="GET", path="/v1/info", body=None, options=()):
        """A request by ngtcp2's client, which sends no content type."""
        program = harness.foreign("gtlsclient", "ngtcp2-client")
        folder = self.folder / f"download.{len(list(self.folder.glob('download.*')))}"
        folder.mkdir()
        if body is not None:
            options = [*options, "--data", self.write(body)]
        done = self.finish("gtlsclient", program, "--exit-on-all-streams-close", "--timeout=5s", "--handshake-timeout=5s",
                           "--no-quic-dump", "--no-http-dump", "-m", method, "--download", folder, *options,
                           relay.host, relay.port, f"https://{relay.host}:{relay.port}{path}")
        fields = re.findall(r"^http: stream 0x0 \[(:?[^:\]]+): (.*)\]$", done.stderr.text(), re.MULTILINE)
        headers = dict(fields)
        if ":status" not in headers:
            raise AssertionError(f"no response\n{done.story()}")
        content = b"".join(file.read_bytes() for file in folder.iterdir())
        return Response(int(headers.pop(":status")), headers, content)

    def by_our_client(self, port, method, path, body=None):
        """A request by this project's own client, to anybody's server."""
        content = [] if body is None else [self.write(body)]
        done = self.finish("fetch", built("http3_fetch"), f"127.0.0.1:{port}", method, path, *content)
        head, _, body = done.stdout.bytes().partition(b"\n\n")
        status, *fields = head.decode().split("\n")
        return Response(int(status.removeprefix("status ")), dict(field.split(": ", 1) for field in fields), body)


def bearer(key, num=10):
    """The body of a registration as the first implementation writes it."""
    return (json.dumps({"key": base64.b64encode(key).decode(), "num": num}, separators=(",", ":")) + "\n").encode()
