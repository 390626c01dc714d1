"""tests/vectors as somebody else's peer reads them: written after docs/protocol.md, sharing no code with what it checks."""

import base64
import ipaddress
import json
import pathlib
import sys
import unittest

try:
    import control
    import forwarding
    import initial
    import keys
    import offer
    import random_fields
    import wire
except ImportError as missing:
    print(missing)
    sys.exit(77)

unhex = bytes.fromhex


def read(name):
    return json.loads((pathlib.Path(__file__).parents[1] / f"{name}.json").read_text())


def address(text):
    host, port = text.rsplit(":", 1)
    return {"ip": ipaddress.ip_address(host.strip("[]")).packed, "port": int(port)}


def candidates(vectors):
    return [{"address": address(vector["address"]), "kind": vector["kind"]} for vector in vectors]


class Registration(unittest.TestCase):
    def test_connection_ids_follow_the_schedule(self):
        for vector in read("connection_ids")["vectors"]:
            made = keys.connection_id(unhex(vector["key"]), vector["counter"], vector["length"], vector["owner"] == "http3")
            self.assertEqual(made.hex(), vector["id"])

    def test_proofs_and_sessions_are_derived(self):
        file = read("registration")
        for vector in file["proofs"]:
            exporter, session = unhex(vector["exporter"]), unhex(vector["session"])
            self.assertEqual(keys.proof_message(exporter, unhex(vector["key"]), session).hex(), vector["message"])
            self.assertEqual(keys.proof(unhex(vector["seed"]), exporter, session).hex(), vector["proof"])
        for vector in file["sessions"]:
            relay = unhex(vector["pin"]) if "pin" in vector else vector["host"].encode()
            self.assertEqual(keys.session_id(unhex(vector["secret"]), relay).hex(), vector["session"])


class Mailboxes(unittest.TestCase):
    def test_owners_prove_themselves(self):
        for vector in read("mailbox")["proofs"]:
            exporter, key = unhex(vector["exporter"]), unhex(vector["key"])
            self.assertEqual(keys.mailbox_proof_message(exporter, key).hex(), vector["message"])
            proof = keys.mailbox_proof(unhex(vector["seed"]), exporter)
            self.assertEqual(proof.hex(), vector["proof"])
            self.assertEqual(base64.urlsafe_b64encode(proof).rstrip(b"=").decode(), vector["header"])

    def test_messages_are_the_same_in_both_encodings(self):
        for vector in read("mailbox")["messages"]:
            form = wire.MAILBOX_MESSAGE if vector["message"] == "MailboxMessage" else wire.MAILBOX_RECEIPT
            fields = json.loads(vector["json"])
            if "offer" in fields:
                fields["offer"] = base64.b64decode(fields["offer"])
            self.assertEqual(wire.encode(form, fields).hex(), vector["protobuf"])
            self.assertEqual(wire.decode(form, unhex(vector["protobuf"])), fields)


class Forwarding(unittest.TestCase):
    def test_every_datagram_gets_its_verdict(self):
        file = read("forwarding")
        length = file["length"]
        registrations = []
        for one in file["registrations"]:
            counters = range(one["first"], one["first"] + one["num"])
            ids = frozenset(keys.connection_id(unhex(one["key"]), counter, length, False) for counter in counters)
            registrations.append(forwarding.Registration(one["name"], ids, one["address"], one["session"]))
        for vector in file["datagrams"]:
            with self.subTest(vector["name"]):
                rule, verdict, alive = forwarding.judge(unhex(vector["datagram"]), vector["from"], registrations, length)
                self.assertEqual((rule, verdict), (vector["rule"], vector["verdict"]))
                self.assertEqual(alive.name if alive else None, vector.get("alive"))


class Offers(unittest.TestCase):
    def setUp(self):
        self.file = read("offers")
        self.dictionary = unhex(read("dictionary")["bytes"])
        self.recipient = unhex(self.file["offers"][0]["recipient_seed"])
        self.trusted = [keys.public_key(unhex(self.file["offers"][0]["sender_seed"]))]

    def open(self, vector):
        return offer.open_offer(unhex(vector["offer"]), self.recipient, self.trusted, self.dictionary)

    def test_datagrams_are_compacted_and_expanded(self):
        for vector in self.file["flight"] + self.file["datagrams"]:
            datagram, packet = unhex(vector["datagram"]), unhex(vector.get("packet", vector["datagram"]))
            self.assertEqual(initial.compact_datagram(datagram), (packet, vector["size"]))
            self.assertEqual(initial.expand_datagram(packet, vector["size"]), datagram)
        for vector in self.file["refused_datagrams"]:
            with self.subTest(vector["why"]), self.assertRaises(ValueError):
                initial.expand_datagram(unhex(vector["packet"]), vector["size"])

    def test_random_fields_are_taken_and_filled_in(self):
        for vector in self.file["random_fields"]:
            with self.subTest(vector["name"]):
                blank, fields = random_fields.take(unhex(vector["body"]))
                self.assertEqual((blank.hex(), fields.hex()), (vector["blank"], vector["fields"]))
                self.assertEqual(random_fields.fill(blank, fields).hex(), vector["body"])

    def test_compact_forms_are_expanded(self):
        for vector in self.file["forms"]:
            self.assertEqual(offer.expand_body(unhex(vector["compact"]), self.dictionary).hex(), vector["body"])

    def test_keys_are_mapped_or_refused(self):
        for vector in self.file["recipients"]:
            if "x25519" in vector:
                self.assertEqual(keys.x25519_public(unhex(vector["key"])).hex(), vector["x25519"])
            else:
                with self.subTest(vector["why"]), self.assertRaises(ValueError):
                    keys.x25519_public(unhex(vector["key"]))

    def test_whole_offers_are_written(self):
        for vector in self.file["offers"]:
            fields, compact = vector["fields"], unhex(vector["compact"])
            body = {"expires": fields["expires"], "candidates": candidates(fields.get("candidates", [])),
                    "flight": [{"packet": unhex(one["packet"]), "size": one["size"]} for one in self.file["flight"]],
                    "relays": [{"addresses": [address(text) for text in relay["addresses"]],
                                "pin": unhex(relay.get("pin", "")), "host": relay.get("host", ""),
                                "peer_token": relay.get("peer_token", "")} for relay in fields["relays"]],
                    "peer": unhex(fields.get("peer", "")), "secret": unhex(fields.get("secret", ""))}
            encoded = wire.encode(wire.OFFER_BODY, body)
            self.assertEqual(encoded.hex(), vector["body"])
            whole = bytes([1, vector["kind"]]) + compact
            if vector["kind"] == offer.SEALED:
                recipient = keys.public_key(unhex(vector["recipient_seed"]))
                whole, first_key = offer.seal(unhex(vector["sender_seed"]), recipient, unhex(vector["ephemeral"]), compact)
                self.assertEqual(first_key.hex(), vector["first_key"])
            self.assertEqual(whole.hex(), vector["offer"])

    def test_whole_offers_are_opened(self):
        for vector in self.file["offers"]:
            body, secret = self.open(vector)
            self.assertEqual(secret.hex(), vector["session_secret"])
            self.assertEqual([datagram.hex() for datagram in body["datagrams"]],
                             [one["datagram"] for one in self.file["flight"]])
        for vector in self.file["accepted"]:
            with self.subTest(vector["name"]):
                self.open(vector)

    def test_wrong_ones_are_refused(self):
        for vector in self.file["refused"]:
            with self.subTest(vector["why"]), self.assertRaises(ValueError) as caught:
                self.open(vector)
            refused = caught.exception
            self.assertEqual(str(refused) if isinstance(refused, offer.Refused) else "malformed", vector["error"],
                             vector["why"])


class Handshake(unittest.TestCase):
    def test_datagrams_are_judged_while_frozen(self):
        file = read("initial_filter")
        first_id, original_id = unhex(file["first_id"]), unhex(file["original_id"])
        for vector in file["datagrams"]:
            verdict = initial.judge_while_frozen(unhex(vector["datagram"]), first_id, original_id, file["peer_length"])
            self.assertEqual(verdict, vector["verdict"], vector["name"])

    def test_both_sides_of_a_first_contact_prove_themselves(self):
        for vector in read("pairing")["proofs"]:
            for who in ("dialer", "accepter"):
                made = keys.pairing_proof(unhex(vector["secret"]), who == "dialer", unhex(vector["exporter"]))
                self.assertEqual(made.hex(), vector[who])

    def test_control_streams_are_read(self):
        file = read("control")
        for vector in file["hello"]:
            hello = control.read(unhex(vector["stream"]))
            self.assertEqual((hello["version"], hello["protocols"]), (vector["version"], vector["protocols"]))
            self.assertEqual(hello["candidates"], candidates(vector["candidates"]))
            self.assertEqual(hello.get("pairing_proof", b"").hex(), vector["pairing_proof"])
            length, at = wire.read_quic_varint(unhex(vector["stream"]), 0)
            self.assertEqual(wire.encode(wire.CONTROL_MESSAGE, {"hello": hello}), unhex(vector["stream"])[at:at + length])
        for vector in file["accepted"]:
            self.assertIsNotNone(control.read(unhex(vector["stream"])), vector["name"])
        for vector in file["refused"]:
            with self.subTest(vector["name"]), self.assertRaises(ValueError):
                control.read(unhex(vector["stream"]))
        for vector in file["protocol"]:
            self.assertEqual(control.choose(vector["dialer"], vector["accepter"]), vector["protocol"])


if __name__ == "__main__":
    unittest.main()
