"""What scripts/lint finds, and what it lets pass, in trees made up for the purpose."""

import pathlib
import subprocess
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "lint"


class Lint(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for module, links in (("core/base", ""), ("core/offer", "DEPENDS quicket::base"), ("core/peer", "DEPENDS quicket::offer"),
                              ("transports/udp", "DEPENDS quicket::base"), ("relay/table", "DEPENDS quicket::base")):
            name = module.split("/")[1]
            self.write(f"{module}/CMakeLists.txt", f"quicket_module({name} SOURCES {name}.cpp {links})\n")
            self.write(f"{module}/{name}.hpp", "#pragma once\n")
        self.write("core/include/quicket/error.hpp", "#pragma once\n")
        self.write("core/include/quicket/offer.hpp", "#pragma once\n")
        self.write("transports/endpoint/include/quicket/endpoint.hpp", "#pragma once\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def lint(self):
        return subprocess.run([LINT, "--root", self.root], capture_output=True, text=True, check=False)

    def assert_passes(self, name, text):
        self.write(name, text)
        done = self.lint()
        self.assertEqual(done.returncode, 0, done.stdout)

    def assert_finds(self, name, text, finding, line=1):
        self.write(name, text)
        done = self.lint()
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(f"{name}:{line}: ", done.stdout)
        self.assertIn(finding, done.stdout)

    def test_lets_a_module_include_what_it_links_directly_or_not(self):
        self.assert_passes("core/peer/peer.cpp", '#include "core/base/base.hpp"\n#include "core/offer/offer.hpp"\n')

    def test_finds_a_module_that_includes_what_it_does_not_link(self):
        self.assert_finds("core/offer/offer.cpp", '#include "core/peer/peer.hpp"\n', "core/offer includes core/peer without linking it")

    def test_follows_the_links_of_every_module_of_a_folder(self):
        self.write("core/quic/CMakeLists.txt", "quicket_module(quic SOURCES a.cpp)\nquicket_module(initial SOURCES b.cpp)\n")
        self.write("core/quic/initial.hpp", "#pragma once\n")
        self.write("core/offer/CMakeLists.txt", "quicket_module(offer SOURCES offer.cpp PRIVATE_DEPENDS quicket::initial)\n")
        self.assert_passes("core/offer/offer.cpp", '#include "core/quic/initial.hpp"\n')

    def test_finds_the_core_including_a_transport(self):
        self.assert_finds("core/base/base.cpp", '#include "transports/udp/udp.hpp"\n', "core/base may not include")

    def test_finds_a_relay_including_a_part_of_the_peer(self):
        self.assert_finds("relay/table/table.cpp", '#include "core/peer/peer.hpp"\n', "relay/table may not include")

    def test_finds_a_relay_including_the_offers_header(self):
        self.assert_finds("relay/table/table.cpp", "#include <quicket/offer.hpp>\n", "a relay has nothing to do with")

    def test_finds_the_core_including_the_endpoints_header(self):
        self.assert_finds("core/base/base.cpp", "#include <quicket/endpoint.hpp>\n", "is the endpoint's")

    def test_finds_a_plugin_including_the_engine(self):
        self.assert_finds("plugins/qr/qr.cpp", '#include "core/base/base.hpp"\n', "plugins/qr may not include")

    def test_lets_a_plugin_include_installed_headers_and_its_own(self):
        self.write("plugins/qr/digits.hpp", "#pragma once\n")
        self.assert_passes("plugins/qr/qr.cpp", '#include <quicket/error.hpp>\n#include "plugins/qr/digits.hpp"\n')

    def test_finds_an_installed_header_that_includes_one_which_is_not(self):
        self.assert_finds("core/include/quicket/peer.hpp", '#pragma once\n#include "core/base/base.hpp"\n', "which is not installed", 2)

    def test_finds_an_include_that_is_not_named_from_the_root(self):
        self.assert_finds("core/base/base.cpp", '#include "base.hpp"\n', "named from its root")

    def test_lets_tests_include_anything(self):
        self.assert_passes("tests/core/base/base_test.cpp", '#include "relay/table/table.hpp"\n#include <thread>\n')

    def test_finds_clocks_threads_and_sockets_in_the_core(self):
        for text in ("#include <thread>\n", "#include <boost/asio.hpp>\n", "auto t = std::chrono::steady_clock::now();\n",
                     "auto s = ::socket(1, 2, 3);\n", "auto n = sendmsg(1, m, 0);\n"):
            with self.subTest(text):
                for folder in ("core/base", "transports/node", "relay/engine"):
                    self.assert_finds(f"{folder}/base.cpp", text, "without input, output and clock")
                    (self.root / folder / "base.cpp").unlink()

    def test_does_not_take_methods_comments_and_text_for_sockets(self):
        self.assert_passes("core/base/base.cpp", 'void Link::connect() {}\n// ::socket(1)\nauto t = "::bind(1)";\nlink.sendmsg(1);\n'
                                                 "#include <boost/asio/ip/address.hpp>\n")

    def test_finds_a_braced_value_inside_a_co_await_expression(self):
        for text in ("co_await dial(Options{.a = 1});\n", "co_await dial(\n    {.a = 1});\n", "auto c = co_await e.dial(p, Options{});\n",
                     "if (auto r = co_await f(g(T{1})); r) {}\n"):
            with self.subTest(text):
                self.assert_finds("transports/udp/udp.cpp", text, "a braced value inside a co_await expression")

    def test_finds_a_capturing_lambda_inside_a_co_await_expression(self):
        self.assert_finds("transports/udp/udp.cpp", "co_await run([&] { return 1; });\n", "a capturing lambda inside a co_await")

    def test_lets_named_values_and_plain_lambdas_into_a_co_await_expression(self):
        self.assert_passes("transports/udp/udp.cpp", "co_await run(options, [] { return 1; });\nif (co_await more(1)) { use(T{1}); }\n"
                                                     "T{co_await next()};\ncall(co_await next(), T{2});\n")

    def test_finds_a_path_of_one_machine(self):
        self.assert_finds("docs/a.md", "see /hom" "e/alice/quicket\n", "a path of one machine")

    def test_finds_a_package_server(self):
        self.assert_finds("scripts/x", "get http://ftp.debian.or" "g/debian\n", "names a package server")

    def test_finds_what_is_unfinished(self):
        self.assert_finds("core/base/base.cpp", "// TO" "DO: more\n", "unfinished")

    def test_finds_a_forgotten_exception(self):
        self.assert_finds("core/base/base.cpp", "void f() {\n  try { g(); } catch (...) {\n  }\n}\n", "caught and forgotten", 2)

    def test_finds_oversized_files(self):
        self.assert_finds("core/base/base.cpp", "int i;\n" * 501, "501 lines, more than 500", 501)
        self.assert_finds("core/include/quicket/error.hpp", "#pragma once\n" * 151, "151 lines, more than 150", 151)

    def test_leaves_build_folders_alone(self):
        self.assert_passes("build/asan/x.cpp", '#include "nothing.hpp"\n')


if __name__ == "__main__":
    unittest.main()
