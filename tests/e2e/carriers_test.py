"""Which carriers there are, how they are picked, and what becomes of a dial when some of them are broken."""

import json
import os
import pathlib
import subprocess
import time

import harness
import peers

BAD_CARRIERS = pathlib.Path(os.environ["QUICKET_TEST_BIN_DIR"], "carriers")


class Carriers(peers.PeerTest):
    def configure(self, peer, text):
        (peer.home / "config/quicket/config").write_text(text)

    def time_to_link(self, alice, bob, dial_options, accept_options):
        """How long a dial by stdio beside other carriers takes until both sides are linked, in seconds, and both processes."""
        offer = self.folder / f"raced-{self.next_number()}.json"
        start = time.monotonic()
        dial = alice.start("dial", "bob", *dial_options, "-c", f"stdio:out={offer}", sends=b"hello")
        dial.offer = offer
        self.wait_for_offer(dial)
        accept = bob.start("accept", "--allow-private-relays", *accept_options, "-c", f"stdio:in={offer}")
        for process in (accept, dial):
            process.stderr.wait_for("^linked ")
        taken = time.monotonic() - start
        for process in (accept, dial):
            process.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"hello")
        return taken, dial, accept

    def test_are_as_fast_together_as_the_one_that_works(self):
        alice, bob = self.open_relay_for("alice", "bob")
        path = ("--carrier-path", BAD_CARRIERS)
        beside = ("-c", "hanging", "-c", "wrong-abi", "-c")
        alone, _, _ = self.time_to_link(alice, bob, path, path)
        together, dial, accept = self.time_to_link(alice, bob, (*path, *beside, "stdio:out=/nonexistent/offer"),
                                                   (*path, *beside, "stdio:in=/nonexistent/offer"))
        print(f"linked after {alone:.2f} s alone, after {together:.2f} s beside others that hang or are broken")
        self.assertLess(together, alone + 2)  # a hanging carrier is left behind after more than that
        self.assertRegex(dial.stderr.text(), r"warning: .*version 99.*going on without it")
        self.assertRegex(dial.stderr.text(), r"warning: .*/nonexistent")
        self.assertRegex(accept.stderr.text(), r"warning: .*/nonexistent")

    def test_hold_nobody_up_by_hanging_while_they_are_loaded(self):
        alice, bob = self.open_relay_for("alice", "bob")
        offer = self.folder / "offer.json"
        path = ("--carrier-path", BAD_CARRIERS)
        dial = alice.start("dial", "bob", *path, "-c", "hanging-load", "-c", f"stdio:out={offer}", sends=b"hello")
        dial.offer = offer
        self.wait_for_offer(dial)
        accept = bob.start("accept", "--allow-private-relays", *path, "-c", "hanging-load", "-c", f"stdio:in={offer}")
        for process in (accept, dial):
            process.expect_exit(0)
            self.assertRegex(process.stderr.text(), "warning: .*hanging-load.*hangs when it is loaded.*going on without it")
        self.assertEqual(accept.stdout.bytes(), b"hello")
        self.assert_fails(alice.start("dial", "bob", *path, "-c", "hanging-load", "--send-only"), 69, "hangs when it is loaded")

    def test_are_all_broken(self):
        alice, _ = self.open_relay_for("alice", "bob")
        dial = alice.start("dial", "bob", "--carrier-path", BAD_CARRIERS, "-c", "wrong-abi", "-c", "no-symbol", "--send-only")
        self.assert_fails(dial, 69, "wrong-abi.*version 99")

    def test_are_picked_by_sections_of_the_configuration(self):
        alice, bob = self.open_relay_for("alice", "bob")
        offer = self.folder / "an, offer.json"
        self.configure(alice, f"patience = 1min\n\n[carrier.stdio]\nout = {offer}\nform = uri\n")
        self.configure(bob, f"[carrier.stdio]\nin = {offer}  # alice's\n")
        dial = alice.start("dial", "bob", sends=b"hello")
        dial.offer = offer
        self.wait_for_offer(dial)
        self.assertTrue(offer.read_text().startswith("quicket:"))
        accept = bob.start("accept", "--allow-private-relays")
        for process in (accept, dial):
            process.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"hello")

    def test_take_from_their_section_what_the_command_line_does_not_say(self):
        alice, bob = self.open_relay_for("alice", "bob")
        offer = self.folder / "offer.txt"
        self.configure(alice, f"[carrier.stdio]\nout = {offer}\nform = uri\n[carrier.no-such]\n")
        dial = alice.start("dial", "bob", "-c", "stdio:form=digits", sends=b"hello")
        dial.offer = offer
        self.wait_for_offer(dial)
        self.assertTrue(offer.read_text().startswith("QUICKET:/"))
        bob.accept(offer).expect_exit(0)
        dial.expect_exit(0)

    def test_have_sections_that_name_what_is_wrong(self):
        alice, _ = self.open_relay_for("alice", "bob")
        for section, status, pattern in (("[carrier.stdio]\nno=1", 64, "no option \"no\""), ("[carrier.Std io]", 78, "no name of a carrier"),
                                         ("[carrier]", 78, "line 1: there is no section"), ("[relay.x]", 78, "no section")):
            with self.subTest(section=section):
                self.configure(alice, section + "\n")
                self.assert_fails(alice.start("dial", "bob", "--send-only"), status, pattern)

    def test_are_listed_with_why_one_cannot_be_used(self):
        alice = self.peer("alice")
        listed = alice.finish("carriers", "--carrier-path", BAD_CARRIERS).stdout.text()
        self.assertRegex(listed, r"(?m)^stdio .*\n +delivers and receives · up to 65.5 kB · at once.*\n(?: +.*\n)*? +form +\w")
        for name, why in (("wrong-abi", "version 99 of the carrier ABI"), ("no-symbol", "symbol quicket_carrier_v1 is missing"),
                          ("missing-library", r"libquicket-gone\.so"), ("null-function", "no receive"),
                          ("wrong-name", "its name is \"someone-else\"")):
            self.assertRegex(listed, rf"(?m)^{name} +cannot be used here: .*{why}")
        objects = [json.loads(line) for line in
                   alice.finish("carriers", "--json", "--carrier-path", BAD_CARRIERS).stdout.lines()]
        by_name = {one["name"]: one for one in objects}
        self.assertEqual(by_name["stdio"]["max_offer"], 65536)
        self.assertEqual([option["key"] for option in by_name["stdio"]["options"]], ["out", "in", "form"])
        self.assertIn("libquicket-gone.so", by_name["missing-library"]["problem"])


class Stdio(peers.PeerTest):
    def test_takes_the_right_line_behind_a_wrong_one(self):
        alice, bob = self.open_relay_for("alice", "bob")
        used = alice.dial(bob)
        bob.accept(used.offer).expect_exit(0)
        used.expect_exit(0)
        accept = bob.start("accept", "--allow-private-relays", "--carrier", "stdio", stdin=subprocess.PIPE)
        for wrong, complaint in ((b"hello\n", "line 1 is not an offer"), (used.offer.read_bytes(), "refused: .*used before")):
            accept.stdin.write(wrong)
            accept.stdin.flush()
            accept.stderr.wait_for(f"^warning: .*{complaint}")
        dial = alice.dial(bob, sends=b"hello")
        accept.stdin.write(dial.offer.read_bytes())
        accept.stdin.flush()
        accept.expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"hello")

    def test_carries_a_dial_in_each_form_and_the_binary_one_is_small(self):
        alice, bob = self.open_relay_for("alice", "bob")
        for form in ("binary", "digits", "json", "uri"):
            with self.subTest(form=form):
                offer = self.folder / f"{form}.offer"
                dial = alice.start("dial", "bob", "-c", f"stdio:out={offer},form={form}", sends=b"hello")
                dial.offer = offer
                self.wait_for_offer(dial)
                size = offer.stat().st_size
                print(f"the sealed offer by stdio, {form}: {size} bytes")
                accept = bob.accept(offer)
                for process in (accept, dial):
                    process.expect_exit(0)
                self.assertEqual(accept.stdout.bytes(), b"hello")
                if form == "binary":
                    self.assertLessEqual(size, 250)


if __name__ == "__main__":
    harness.main()
