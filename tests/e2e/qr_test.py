"""Dials whose offer is a QR code: in a picture, in a folder, before a camera, on a terminal."""

import struct
import subprocess
import zlib

import harness
import peers
import screen


def blank_png(side):
    """A white picture."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + b"\xff" * side) * side
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Code(peers.PeerTest):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.open_relay_for("alice", "bob")

    def dial(self, options, *more_options, **more):
        return self.alice.start("dial", "bob", "--carrier", f"qr{options}", *more_options, **more)

    def accept(self, place, *options, **more):
        return self.bob.start("accept", "--allow-private-relays", "--carrier", f"qr:in={place}", *options, **more)

    def wait_for_code(self, path):
        harness.until(path.is_file, "a code")
        return path

    def assert_linked(self, dial, accept):
        accept.expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual((accept.stdout.bytes(), dial.stdout.bytes()), (b"to bob", b"to alice"))

    def test_carries_a_dial_in_a_picture(self):
        dial = self.dial(f":out={self.folder / 'code.png'}", "--json", sends=b"to bob")
        code = self.wait_for_code(self.folder / "code.png")
        size = peers.wait_for_event(dial, "offer")["bytes"]
        side, = struct.unpack_from(">I", code.read_bytes(), 16)
        version = (side // 8 - 8 - 17) // 4
        print(f"qr: the sealed offer has {size} bytes, its code is of version {version}: {side // 8 - 8} modules a side")
        self.assertLessEqual(size, 250)
        self.assertLessEqual(version, 10)
        self.assert_linked(dial, self.accept(code, sends=b"to alice"))

    def test_is_read_in_a_folder_that_is_watched(self):
        folder = self.folder / "photos"
        folder.mkdir()
        accept = self.accept(folder, sends=b"to alice")
        self.assert_linked(self.dial(f":out={folder / 'code.png'}", sends=b"to bob"), accept)

    def test_is_read_in_a_folder_beside_a_code_that_was_used(self):
        folder = self.folder / "photos"
        folder.mkdir()
        self.assert_linked(self.dial(f":out={folder / 'used.png'}", sends=b"to bob"), self.accept(folder, sends=b"to alice"))
        accept = self.accept(folder, sends=b"to alice")
        accept.stderr.wait_for("^warning: refused: .*used before")
        self.assert_linked(self.dial(f":out={folder / 'fresh.png'}", sends=b"to bob"), accept)

    def test_is_read_off_a_stream_of_frames(self):
        dial = self.dial(f":out={self.folder / 'code.png'},scale=4", sends=b"to bob")
        frames = blank_png(300) * 3 + self.wait_for_code(self.folder / "code.png").read_bytes() + blank_png(300)
        accept = self.accept("-", stdin=subprocess.PIPE)
        accept.stdin.write(frames)
        accept.stdin.flush()
        accept.expect_exit(0)  # while the camera runs
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"to bob")

    def test_is_missed_in_a_picture_without_one(self):
        accept = self.accept(self.write("photo.png", blank_png(300)))
        self.assert_fails(accept, 74, "no QR code can be read in .*photo.png: go nearer")

    def test_is_not_drawn_without_a_terminal(self):
        self.assert_fails(self.dial(""), 74, "no terminal to draw a code on: write a picture with out=FILE.png")

    def test_is_photographed_off_a_terminal_while_the_output_goes_elsewhere(self):
        monitor = screen.Screen(self)
        (self.folder / "to-bob").write_bytes(b"to bob")
        environment = {**self.home("alice").environment(), "TERM": "xterm-256color"}
        command = [harness.own("quicket"), "dial", "bob", "--carrier", "qr"]
        terminal = monitor.run(command, self.folder, environment, "<to-bob >from-bob 2>messages")

        def picture_of_code():
            if not terminal.is_running():
                self.fail(terminal.story() + "\n" + (self.folder / "messages").read_text())
            picture = monitor.picture()
            return picture if picture.count(b"\xff") > 40_000 and picture == monitor.picture() else None

        picture = self.write("photo.pnm", harness.until(picture_of_code, "a code on the screen"))
        self.accept(picture, sends=b"to alice").expect_exit(0)
        terminal.expect_exit(0)
        self.assertEqual((self.folder / "from-bob").read_bytes(), b"to alice")
        self.assertNotIn("error", (self.folder / "messages").read_text())
        monitor.end()


if __name__ == "__main__":
    harness.main()
