"""First contact: two users who have never exchanged keys, one offer, and each knows the other from then on."""

import base64
import signal
import struct
import subprocess

import harness
import peers


def octets_of(offer):
    text = offer.read_text().strip().removeprefix("quicket:")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text_of(octets):
    return b"quicket:" + base64.urlsafe_b64encode(octets).rstrip(b"=") + b"\n"


class PairTest(peers.PeerTest):
    def setUp(self):
        super().setUp()
        self.relay = self.start_relay()
        self.alice, self.bob = (self.stranger(name) for name in ("alice", "bob"))

    def stranger(self, name):
        """A user who trusts nobody."""
        peer = self.peer(name)
        peer.finish("relay", "add", self.relay.url)
        return peer

    def dial(self, peer, name, *options, **more):
        """Starts a pairing dial with the offer in a file, and waits until that is there."""
        path = self.folder / f"offer-{self.next_number()}.txt"
        process = peer.start("dial", "--pair", name, "--carrier", f"stdio:out={path}", *options, **more)
        process.offer = path
        self.wait_for_offer(process)
        return process

    def accept(self, peer, name, offer, *options, **more):
        return peer.accept(offer, "--pair", name, *options, **more)

    def cancel(self, process):
        process.signal(signal.SIGINT)
        process.expect_exit(130)

    def known_to(self, peer):
        return dict(line.split() for line in peer.finish("trust", "list").stdout.lines())

    def refuse(self, peer, name, offer, status, pattern, *options):
        """The accepter refuses before it sends anything to anybody, and trusts nobody because of it."""
        known = self.known_to(peer)
        with self.nothing_sent():
            self.assert_fails(self.accept(peer, name, offer, *options), status, pattern)
        self.assertEqual(self.known_to(peer), known)


class Pairing(PairTest):
    def test_makes_both_know_each_other_and_carries_bytes_at_once(self):
        dial = self.dial(self.alice, "bob", sends=b"to bob")
        self.assertTrue(dial.offer.read_text().startswith("quicket:"))
        self.assertEqual(dial.offer.stat().st_mode & 0o777, 0o600)
        size = int(dial.stderr.wait_for(r"^offer   for bob and nobody else, (\d+) bytes, valid 10 min -> ").group(1))
        print(f"stdio: the pairing offer has {size} bytes")
        self.assertLessEqual(size, 250)
        accept = self.accept(self.bob, "alice", dial.offer, sends=b"to alice").expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual((accept.stdout.bytes(), dial.stdout.bytes()), (b"to bob", b"to alice"))
        self.assertEqual(self.known_to(self.alice), {"bob": self.bob.id})
        self.assertEqual(self.known_to(self.bob), {"alice": self.alice.id})
        self.assertRegex(dial.stderr.text(), r"(?m)^paired  bob = qk1\w+…, saved \(next time: quicket dial bob\)\nlinked  bob via relay")
        self.assertRegex(accept.stderr.text(), r"(?m)^paired  alice = qk1\w+…, saved \(next time: quicket dial alice\)\nlinked  alice via relay")

    def test_is_followed_by_sealed_dials_in_both_directions(self):
        dial = self.dial(self.alice, "bob")
        self.accept(self.bob, "alice", dial.offer).expect_exit(0)
        dial.expect_exit(0)
        for one, other in ((self.alice, self.bob), (self.bob, self.alice)):
            later = one.dial(other, sends=b"again")
            later.stderr.wait_for(f"^offer   sealed for {other.name}, ")
            accept = other.accept(later.offer).expect_exit(0)
            later.expect_exit(0)
            self.assertEqual(accept.stdout.bytes(), b"again")
            self.assertRegex(accept.stderr.text(), f"(?m)^linked  {one.name} via relay")

    def test_goes_by_a_code_that_is_held_up(self):
        code = self.folder / "code.png"
        dial = self.alice.start("dial", "--pair", "bob", "--carrier", f"qr:out={code}", "--json", sends=b"to bob")
        harness.until(code.is_file, dial.story)
        dial.stderr.wait_for('"event":"offer"')
        size = peers.wait_for_event(dial, "offer")["bytes"]
        side, = struct.unpack_from(">I", code.read_bytes(), 16)
        version = (side // 8 - 8 - 17) // 4
        print(f"qr: the pairing offer has {size} bytes, its code is of version {version}")
        self.assertLessEqual(version, 10)
        accept = self.bob.start("accept", "--pair", "alice", "--allow-private-relays", "--carrier", f"qr:in={code}").expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"to bob")
        self.assertEqual(self.known_to(self.alice), {"bob": self.bob.id})
        self.assertEqual(self.known_to(self.bob), {"alice": self.alice.id})

    def test_needs_no_carrier_named_where_people_paste_lines(self):
        dial = self.alice.start("dial", "--pair", "bob", "--send-only", sends=b"to bob")
        line = harness.until(lambda: dial.stdout.bytes().endswith(b"\n") and dial.stdout.bytes(), dial.story)
        accept = self.bob.start("accept", "--pair", "alice", "--allow-private-relays", sends=line).expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"to bob")

    def test_tells_programs_all_of_it(self):
        dial = self.dial(self.alice, "bob", "--json")
        self.accept(self.bob, "alice", dial.offer).expect_exit(0)
        dial.expect_exit(0)
        told = {event["event"]: event for event in peers.events(dial)}
        self.assertEqual((told["offer"]["kind"], told["offer"]["peer"]), ("for pairing", "bob"))
        self.assertNotIn("id", told["offer"])
        self.assertEqual((told["paired"]["peer"], told["paired"]["id"]), ("bob", self.bob.id))

    def test_can_be_repeated_by_those_who_know_each_other(self):
        for _ in range(2):
            dial = self.dial(self.alice, "bob")
            self.accept(self.bob, "alice", dial.offer).expect_exit(0)
            dial.expect_exit(0)
        self.assertEqual(self.known_to(self.alice), {"bob": self.bob.id})

    def test_lasts_as_long_as_its_owner_says(self):
        dial = self.dial(self.alice, "bob", "--patience", "2s")
        self.assert_fails(dial, 75, "nobody answered within 2 s")


class PairingOffer(PairTest):
    def test_is_good_for_one(self):
        carol = self.stranger("carol")
        dial = self.dial(self.alice, "bob", stdin=subprocess.PIPE)
        accept = self.accept(self.bob, "alice", dial.offer, stdin=subprocess.PIPE)
        accept.stderr.wait_for("^linked ")
        dial.stderr.wait_for("^linked ")
        self.assert_fails(self.accept(self.bob, "alice", dial.offer), 65, "used before: ask for a new one")
        late = self.accept(carol, "alice", dial.offer)
        self.assert_fails(late, 75, "answered elsewhere.*somebody else has read the pairing offer.*ask for a new one")
        self.assertEqual(self.known_to(carol), {})
        for process in (dial, accept):
            process.stdin.close()
        for process in (dial, accept):
            process.expect_exit(0)

    def test_that_nobody_waits_for_pairs_nobody_and_says_why(self):
        """The accepter tries for 30 seconds: here for an offer with another secret, and for one whose maker has gone."""
        dial = self.dial(self.alice, "bob", sends=b"to bob")
        octets, key = octets_of(dial.offer), peers.key_of(self.alice.id)
        self.assertEqual(octets.count(key), 1)
        at = octets.index(key) + len(key)  # the secret is behind the key (docs/protocol.md 6.4)
        altered = self.write("altered", text_of(octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1:]))
        void = self.dial(self.alice, "bob")
        void.signal(signal.SIGINT)
        self.assert_cancelled(void, 130, "cancelled; the offer is void, the relay has forgotten it")
        accepts = [self.accept(self.bob, "alice", offer) for offer in (altered, void.offer)]
        for accept in accepts:
            self.assert_fails(accept, 69, "used or given up before, or altered on the way; ask for a new one", timeout=45)
        self.assertEqual((self.known_to(self.alice), self.known_to(self.bob)), ({}, {}))
        accept = self.accept(self.bob, "alice", dial.offer).expect_exit(0)  # nothing has spoilt the true one
        dial.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"to bob")

    def test_is_refused_when_it_has_expired(self):
        dial = self.dial(self.alice, "bob", "--json")
        dial.stderr.wait_for('"event":"offer"')
        expires = struct.pack("<I", peers.wait_for_event(dial, "offer")["expires"])
        octets = octets_of(dial.offer)
        self.assertEqual(octets.count(expires), 1)
        old = octets.replace(expires, struct.pack("<I", struct.unpack("<I", expires)[0] - 3600))
        self.refuse(self.bob, "alice", self.write("old", text_of(old)), 65, r"this pairing offer expired \d+ min ago: ask for a new one")
        self.cancel(dial)

    def test_leaves_nothing_behind_when_the_accepter_is_interrupted(self):
        dial = self.dial(self.alice, "bob")
        self.cancel(dial)
        accept = self.accept(self.bob, "alice", dial.offer)
        self.relay.wait_for_metrics(lambda now: now["registrations"] == 1, "the accepter's registration")
        accept.signal(signal.SIGINT)
        self.assert_cancelled(accept, 130, "cancelled")
        self.assertEqual(self.known_to(self.bob), {})

    def test_is_refused_by_who_has_not_asked_for_it(self):
        carol = self.stranger("carol")
        self.bob.trust(carol)
        dial = self.dial(self.alice, "bob")
        self.assert_fails(self.bob.accept(dial.offer), 77, "pairing offer.*quicket accept --pair NAME")
        self.assert_fails(self.bob.accept(dial.offer, "--allow-unsealed"), 77, "pairing offer.*quicket accept --pair NAME")
        self.cancel(dial)

    def test_is_the_only_kind_that_pairs(self):
        self.alice.trust(self.bob)
        for options in ((), ("--unsealed",)):
            dial = self.alice.dial(self.bob, *options)
            self.refuse(self.bob, "alice", dial.offer, 65, "not for pairing.*quicket accept", "--allow-unsealed")
            self.cancel(dial)

    def test_is_refused_on_the_device_that_made_it(self):
        dial = self.dial(self.alice, "bob")
        self.refuse(self.alice, "bob", dial.offer, 77, "this device's own key")
        self.cancel(dial)

    def test_is_refused_when_the_name_or_the_key_is_taken(self):
        carol = self.stranger("carol")
        self.bob.trust(carol, "alice")
        dial = self.dial(self.alice, "bob")
        self.refuse(self.bob, "alice", dial.offer, 64, '"alice" is another key already.*quicket trust remove alice')
        self.bob.finish("trust", "remove", "alice")
        self.bob.trust(self.alice, "ally")
        self.refuse(self.bob, "alice", dial.offer, 64, 'trusted already, as "ally"')
        self.cancel(dial)

    def test_is_answered_by_another_key_than_the_name_had(self):
        carol = self.stranger("carol")
        self.alice.trust(carol, "bob")
        dial = self.dial(self.alice, "bob")
        accept = self.accept(self.bob, "alice", dial.offer)
        self.assert_fails(dial, 77, "expected bob.*If bob has a new key: quicket trust remove bob")
        self.assert_fails(accept, 77, "refused")
        self.assertEqual(self.known_to(self.bob), {})
        self.assertEqual(self.known_to(self.alice), {"bob": carol.id})

    def test_is_answered_by_a_key_that_has_another_name(self):
        self.alice.trust(self.bob, "robert")
        dial = self.dial(self.alice, "bob")
        accept = self.accept(self.bob, "alice", dial.offer)
        self.assert_fails(dial, 64, 'trusted already, as "robert".*quicket trust remove robert')
        self.assert_fails(accept, 77, "refused")
        self.assertEqual(self.known_to(self.bob), {})
        self.assertEqual(self.known_to(self.alice), {"robert": self.bob.id})

    def test_goes_by_no_carrier_that_strangers_read_unless_the_person_insists(self):
        spool = self.folder / "spool"
        dial = self.alice.start("dial", "--pair", "bob", "--carrier", f"bluetooth:out={spool}", "--send-only")
        self.assert_fails(dial, 64, "bluetooth neither hides nor authenticates.*stdio or qr.*--allow-exposed")
        accept = self.bob.start("accept", "--pair", "alice", "--carrier", f"bluetooth:in={spool}", "--allow-private-relays")
        self.assert_fails(accept, 64, "bluetooth neither hides nor authenticates.*--allow-exposed")
        insists = self.alice.start("dial", "--pair", "bob", "--carrier", f"bluetooth:out={spool}", "--allow-exposed", sends=b"well")
        harness.until(lambda: (spool / "new").is_dir() and list((spool / "new").iterdir()), insists.story)
        accept = self.bob.start("accept", "--pair", "alice", "--carrier", f"bluetooth:in={spool}", "--allow-exposed",
                                "--allow-private-relays").expect_exit(0)
        insists.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"well")


class PairingUsage(PairTest):
    def test_refuses_what_cannot_be_meant(self):
        carrier = ("--carrier", "stdio:out=offer")
        for arguments, pattern in ((("dial", "--pair", "bob", "bob", *carrier), "takes no PEER"),
                                   (("dial", "--pair", "qk1bob", *carrier), "a peer's name is"),
                                   (("dial", "--pair", "bob", "--unsealed", *carrier), "--unsealed and --pair"),
                                   (("dial", "--pair", "bob", "--patience", "25h", *carrier), "24 hours at most"),
                                   (("dial", "bob", "--allow-exposed", *carrier), "--allow-exposed goes with --pair"),
                                   (("accept", "--allow-exposed"), "--allow-exposed goes with --pair"),
                                   (("accept", "--pair", "al ice"), "a peer's name is"),
                                   (("accept", "--pair", "alice", "--keep-open"), "--pair and --keep-open")):
            with self.subTest(arguments=arguments):
                self.assert_fails(self.alice.start(*arguments), 64, pattern)

    def test_takes_no_mailbox_for_whose_key_nobody_knows(self):
        for command in ("dial", "accept"):
            process = self.alice.start(command, "--pair", "bob", "--carrier", "mailbox")
            self.assert_fails(process, 64, "mailbox.*stdio or qr")
            self.assertNotIn("offer   ", process.stderr.text())

    def test_says_how_to_begin_where_nobody_is_trusted(self):
        self.assert_fails(self.bob.start("accept"), 78, "quicket accept --pair NAME")


if __name__ == "__main__":
    harness.main()
