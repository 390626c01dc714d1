"""Whoever has another key than the one that is trusted gets nothing, and the error names both keys."""

import base64
import json

import harness
import peers


class WrongKey(peers.PeerTest):
    SECRET = b"for bob's eyes only\n" * 1000

    def test_ends_a_dial_that_somebody_else_answers(self):
        alice, bob, carol = self.open_relay_for("alice", "bob", "carol")
        dial = alice.dial(bob, "--unsealed", sends=self.SECRET)
        accept = carol.accept(dial.offer, "--allow-unsealed", sends=self.SECRET)
        self.assert_fails(dial, 77, f"{carol.id}.*expected .*{bob.id}.*nothing was sent")
        self.assert_fails(accept, 77, f"{alice.id}.* refused .*{carol.id}")
        self.assertEqual(dial.stdout.bytes(), b"")
        self.assertEqual(accept.stdout.bytes(), b"")

    def test_ends_an_answer_to_an_offer_in_anothers_name(self):
        alice, bob, mallory = self.open_relay_for("alice", "bob", "mallory")
        bob.finish("trust", "remove", "mallory")
        dial = mallory.dial(bob, "--unsealed", "--patience", "5s", sends=self.SECRET)
        offer = base64.b64decode(json.loads(dial.offer.read_bytes())["offer"])
        self.assertEqual(offer.count(peers.key_of(mallory.id)), 1)
        forged = offer.replace(peers.key_of(mallory.id), peers.key_of(alice.id))
        path = self.write("forged", b'{"offer":"' + base64.b64encode(forged) + b'"}\n')
        accept = bob.accept(path, "--allow-unsealed", sends=self.SECRET)
        self.assert_fails(accept, 77, f"{mallory.id}.*expected .*{alice.id}")
        self.assertEqual(accept.stdout.bytes(), b"")
        dial.wait()
        self.assertIn(dial.exit_status(), (75, 77), dial.story())
        self.assertEqual(dial.stdout.bytes(), b"")

    def test_leaves_a_sealed_offer_shut_when_the_peers_identity_was_replaced(self):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, "--patience", "3s", sends=self.SECRET)
        (bob.home / "data/quicket/identity").unlink()
        accept = bob.accept(dial.offer)
        self.assert_fails(accept, 65, "another key")
        self.assertEqual(accept.stdout.bytes(), b"")
        self.assert_fails(dial, 75, "bob did not answer within 3 s")

    def test_takes_no_sealed_offer_of_a_stranger(self):
        alice, bob, mallory = self.open_relay_for("alice", "bob", "mallory")
        bob.finish("trust", "remove", "mallory")
        dial = mallory.dial(bob, "--patience", "3s", sends=self.SECRET)
        accept = bob.accept(dial.offer)
        self.assert_fails(accept, 77, "trusted")
        self.assertEqual(accept.stdout.bytes(), b"")
        self.assert_fails(dial, 75, "bob did not answer")

    def test_takes_no_unsealed_offer_of_a_stranger_and_names_the_key(self):
        alice, bob, mallory = self.open_relay_for("alice", "bob", "mallory")
        bob.finish("trust", "remove", "mallory")
        dial = mallory.dial(bob, "--unsealed", "--patience", "3s", sends=self.SECRET)
        self.assert_fails(bob.accept(dial.offer, "--allow-unsealed"), 77, f"{mallory.id}, who is not trusted")
        self.assert_fails(dial, 75, "bob did not answer")

    def test_refuses_a_relay_with_another_pin(self):
        alice, bob = self.open_relay_for("alice", "bob")
        wrong = self.relay.url.replace(self.relay.pin, "A" * len(self.relay.pin))
        dial = alice.dial(bob, "--relay", wrong, wait=False)
        self.assert_fails(dial, 77, r"relay 127\.0\.0\.1:\d+.*(pin|certificate)")
        self.assertFalse(dial.offer.exists())


class OwnKey(peers.PeerTest):
    def test_is_not_used_while_others_can_read_it(self):
        alice = self.peer("alice")
        key = alice.home / "data/quicket/identity"
        key.chmod(0o644)
        self.assert_fails(alice.start("id"), 77, f"{key}: .*read by others.*chmod 600 {key}")
        key.chmod(0o600)
        self.assertEqual(alice.finish("id").stdout.lines(), [alice.id])

    def test_is_not_replaced_when_it_is_damaged(self):
        alice = self.peer("alice")
        key = alice.home / "data/quicket/identity"
        key.write_bytes(b"quicket-key-1 damaged\n")
        self.assert_fails(alice.start("id"), 78, f"{key}: this is not a Quicket key file")
        self.assertEqual(key.read_bytes(), b"quicket-key-1 damaged\n")

    def test_is_made_for_its_owner_alone(self):
        alice = self.peer("alice")
        self.assertEqual((alice.home / "data/quicket/identity").stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    harness.main()
