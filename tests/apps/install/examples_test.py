"""The examples, built against the installed package, meet over the installed relay. QUICKET_EXAMPLES names the folder of those that
were built with the CMake package, QUICKET_EXAMPLES_BY_PKG_CONFIG of the others."""

import os
import pathlib

import harness


def example(name, built_by="QUICKET_EXAMPLES"):
    return pathlib.Path(os.environ[built_by], name)


class Examples(harness.ProcessTest):
    def call(self, dialer, accepter):
        """Says hello twice, with the offer brought from one to the other as a line of JSON."""
        relay = self.start_relay()
        alice, bob = (self.finish(name, program, self.folder / f"{name}.key").stdout.lines()[0]
                      for name, program in (("alice", dialer), ("bob", accepter)))
        dial = self.start("dialer", dialer, self.folder / "alice.key", relay.url, bob)
        dial.stdout.wait_for(r'^\{"offer":"[^"]+"\}$')
        with dial.stdout.path.open("rb") as offer:
            accept = self.start("accepter", accepter, self.folder / "bob.key", relay.url, alice, stdin=offer)
        harness.until(lambda: accept.stdout.lines()[:2] == ["hello", "hello"], accept.story)
        for process in (dial, accept):
            process.stderr.wait_for(r"^linked via .*127\.0\.0\.1")

    def test_a_dialer_says_hello_to_an_accepter_that_was_built_by_pkg_config(self):
        self.call(example("dialer"), example("accepter", "QUICKET_EXAMPLES_BY_PKG_CONFIG"))

    def test_a_dialer_that_was_built_by_pkg_config_says_hello_to_an_accepter(self):
        self.call(example("dialer", "QUICKET_EXAMPLES_BY_PKG_CONFIG"), example("accepter"))

    def test_beast_asks_and_answers_http_over_a_stream(self):
        relay = self.start_relay()
        http = self.finish("http", example("http_over_quicket"), relay.url)
        self.assertRegex(http.stdout.text(), r"^HTTP/1\.1 200 OK\r\n(?s:.*)\r\n\r\nthis is /photos, for qk1[0-9a-z]+\n$")


if __name__ == "__main__":
    for source in ("dialer", "accepter"):
        lines = (pathlib.Path(__file__).parents[3] / "apps/examples" / f"{source}.cpp").read_text().count("\n")
        assert lines < 60, f"{source}.cpp has {lines} lines"
    harness.main()
