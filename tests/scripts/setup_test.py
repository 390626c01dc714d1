"""What scripts/setup derives from a machine's apt sources, and which systems it refuses. Installs nothing."""

import pathlib
import subprocess
import tempfile
import unittest

SETUP = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "setup"


def os_release(name, version, codename=""):
    return f'ID={name}\nVERSION_ID="{version}"\nVERSION_CODENAME={codename}\nPRETTY_NAME="{name} {version}"\n'


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.apt = pathlib.Path(folder.name)
        (self.apt / "sources.list.d").mkdir()
        self.on("debian", "12", "bookworm")

    def on(self, *system):
        (self.apt / "os-release").write_text(os_release(*system))

    def write(self, name, text):
        (self.apt / name).write_text(text)

    def run_setup(self, *arguments):
        return subprocess.run([SETUP, "--os-release", self.apt / "os-release", *arguments],
                              capture_output=True, text=True, check=False)

    def source(self):
        return self.run_setup("--print-source", self.apt)

    def fields(self):
        done = self.source()
        self.assertEqual(done.returncode, 0, done.stderr)
        return dict(line.split(": ", 1) for line in done.stdout.splitlines())

    def test_derives_the_backports_from_a_one_line_entry(self):
        self.write("sources.list", "deb http://mirror.example/debian bookworm main contrib # the mirror\n")
        self.assertEqual(self.fields(), {"Types": "deb", "URIs": "http://mirror.example/debian",
                                         "Suites": "bookworm-backports", "Components": "main"})

    def test_reads_list_files_beside_the_main_one(self):
        self.write("sources.list.d/debian.list", "deb http://mirror.example/debian bookworm main\n")
        self.assertEqual(self.fields()["URIs"], "http://mirror.example/debian")

    def test_keeps_the_options_of_a_one_line_entry(self):
        self.write("sources.list", "deb [ arch=amd64,arm64 signed-by=/keys/a.gpg trusted=yes ] http://mirror.example/d bookworm main\n")
        fields = self.fields()
        self.assertEqual(fields["Architectures"], "amd64 arm64")
        self.assertEqual(fields["Signed-By"], "/keys/a.gpg")
        self.assertEqual(fields["Trusted"], "yes")

    def test_derives_the_backports_from_a_deb822_entry_with_its_key(self):
        self.write("sources.list.d/debian.sources",
                   "Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n"
                   "Components: main\nSigned-By: /keys/a.gpg\n\n"
                   "Types: deb\nURIs: http://mirror.example/security\nSuites: bookworm-security\nComponents: main\n")
        fields = self.fields()
        self.assertEqual(fields["URIs"], "http://mirror.example/debian")
        self.assertEqual(fields["Signed-By"], "/keys/a.gpg")

    def test_keeps_a_key_that_is_written_into_the_entry(self):
        key = "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abcd\n -----END PGP PUBLIC KEY BLOCK-----\n"
        self.write("sources.list.d/debian.sources",
                   f"Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\n{key}")
        self.assertIn(key, self.source().stdout)

    def test_keeps_a_list_of_mirrors_as_it_is(self):
        self.write("sources.list.d/debian.sources",
                   "Types: deb deb-src\nURIs: mirror+file:///etc/apt/mirrors/debian.list\nSuites: bookworm\nComponents: main\n")
        self.assertEqual(self.fields()["URIs"], "mirror+file:///etc/apt/mirrors/debian.list")

    def test_adds_nothing_where_the_backports_are_known_already(self):
        entry = "deb http://mirror.example/debian bookworm main\n"
        for known in ("deb http://other.example/debian bookworm-backports main\n",
                      "deb http://other.example/debian oldstable-backports main\n"):
            with self.subTest(known):
                self.write("sources.list", entry + known)
                done = self.source()
                self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_does_not_count_disabled_or_source_only_backports(self):
        self.write("sources.list", "deb http://mirror.example/debian bookworm main\n"
                                   "# deb http://mirror.example/debian bookworm-backports main\n"
                                   "deb-src http://mirror.example/debian bookworm-backports main\n")
        self.write("sources.list.d/off.sources", "Enabled: no\nTypes: deb\nURIs: http://mirror.example/debian\n"
                                                 "Suites: bookworm-backports\nComponents: main\n")
        self.assertEqual(self.fields()["URIs"], "http://mirror.example/debian")

    def test_prefers_the_archive_that_serves_the_updates_over_a_third_party(self):
        self.write("sources.list", "deb cdrom:[Debian GNU/Linux 12]/ bookworm main\n"
                                   "deb [signed-by=/keys/third.gpg] http://third.example bookworm main\n"
                                   "deb http://mirror.example/pool bookworm main\n"
                                   "deb http://mirror.example/pool/ bookworm-updates main\n")
        self.assertEqual(self.fields()["URIs"], "http://mirror.example/pool")

    def test_says_so_where_no_entry_of_the_release_is_to_be_found(self):
        for text in ("", "deb http://mirror.example/debian bookworm contrib\n", "deb http://mirror.example/debian trixie main\n",
                     "deb [signed-by=/keys/a.gpg http://mirror.example/debian bookworm main\n"):
            with self.subTest(text):
                self.write("sources.list", text)
                done = self.source()
                self.assertEqual(done.returncode, 78)
                self.assertIn("no source of Debian bookworm", done.stderr)

    def test_adds_no_backports_on_debian_13(self):
        self.on("debian", "13", "trixie")
        self.write("sources.list", "deb http://mirror.example/debian trixie main\n")
        done = self.source()
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_refuses_other_systems_by_name(self):
        for system in (("ubuntu", "24.04"), ("debian", "11"), ("debian", "14")):
            with self.subTest(system):
                self.on(*system)
                done = self.run_setup("--list")
                self.assertEqual(done.returncode, 69)
                self.assertIn("needs Debian 12 or 13, this is " + " ".join(system), done.stderr)

    def test_needs_less_to_build_than_to_test(self):
        build = set(self.run_setup("--build-only", "--list").stdout.splitlines())
        everything = set(self.run_setup("--list").stdout.splitlines())
        self.assertLess(build, everything)
        self.assertIn("libngtcp2-dev 1.11", build)

    def test_refuses_unknown_arguments_and_missing_values(self):
        for arguments in (["--fast"], ["--print-source"]):
            with self.subTest(arguments):
                self.assertEqual(self.run_setup(*arguments).returncode, 64)


if __name__ == "__main__":
    unittest.main()
