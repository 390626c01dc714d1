"""HTTP/3 clients that share no code with the relay register there, and hear what is wrong with their requests."""

import base64
import re

import clients
import harness
import wire

KEY = bytes(range(16))
PROTOBUF = {"content-type": "application/protobuf"}
JSON = {"content-type": "application/json"}


class QuicGo(clients.ClientTest):
    def post(self, relay, body, headers=PROTOBUF, path="/v1/register", **options):
        return self.by_quicgo(relay, "POST", path, body, headers, **options)

    def prove(self, relay, seed, session=b""):
        """Registers the Ed25519 key of this seed, with proof."""
        return self.by_quicgo(relay, "POST", "/v1/register", headers=PROTOBUF,
                              more=["-prove", (bytes([seed]) * 32).hex(), "-session", session.hex()])

    def assert_problem(self, response, status, kind):
        """An error answer in protobuf that says what happened."""
        self.assertEqual(response.status, status, response)
        self.assertEqual(response.headers["content-type"], "application/protobuf")
        problem = wire.read_message(response.body)
        self.assertEqual(problem[1], f"quicket:{kind}".encode())
        self.assertEqual(problem[3], status)
        self.assertTrue(problem[4])

    def test_learns_what_the_relay_offers(self):
        info = self.by_quicgo(self.start_relay()).json()
        self.assertEqual(info["connectionIdLength"], 12)
        self.assertEqual(info["schedules"], [1])

    def test_registers_a_bearer_key_in_json_without_a_content_type(self):
        relay = self.start_relay()
        response = self.post(relay, clients.bearer(KEY), headers={})
        self.assertEqual(response.status, 200, response)
        self.assertEqual(response.headers["content-type"], "application/json")
        self.assertEqual(base64.b64decode(response.json()["observed"]["ip"]), bytes([127, 0, 0, 1]))
        self.assertEqual(relay.metrics()["connection_ids"], response.json()["num"])

    def test_registers_a_bearer_key_in_protobuf(self):
        relay = self.start_relay()
        response = self.post(relay, wire.message(f1=KEY, f2=10), {"content-type": "application/x-protobuf"})
        self.assertEqual(response.status, 200, response)
        granted = wire.read_message(response.body)
        self.assertEqual(wire.read_message(granted[1])[1], bytes([127, 0, 0, 1]))
        self.assertEqual(relay.metrics()["connection_ids"], granted[5])

    def test_registers_a_key_that_it_proves_by_a_tls_exporter(self):
        relay = self.start_relay()
        response = self.prove(relay, seed=1, session=b"s" * 16)
        self.assertEqual(response.status, 200, response)
        self.assertEqual(wire.read_message(response.body)[5], 64)
        self.assertEqual(relay.metrics()["sessions"], 1)

    def test_is_refused_a_key_without_proof(self):
        self.assert_problem(self.post(self.start_relay(), wire.message(f1=bytes(32), f2=10)), 403, "proof-refused")

    def test_is_refused_a_key_with_a_wrong_proof(self):
        body = wire.message(f1=bytes(range(32)), f2=10, f5=bytes(64))
        self.assert_problem(self.post(self.start_relay(), body), 403, "proof-refused")

    def test_hears_400_for_malformed_protobuf(self):
        for body in (b"\xff", wire.message(f1=KEY)[:-1], b"\x0a\xff\xff\xff\xff\x0f"):
            with self.subTest(body=body):
                self.assert_problem(self.post(self.start_relay(), body), 400, "malformed")

    def test_hears_400_for_malformed_json(self):
        response = self.post(self.start_relay(), b'{"key":', JSON)
        self.assertEqual(response.status, 400, response)
        self.assertEqual(response.headers["content-type"], "application/problem+json")
        self.assertEqual(response.json()["type"], "quicket:malformed")

    def test_hears_400_for_a_key_of_another_length(self):
        relay = self.start_relay()
        for size in (0, 15, 33):
            with self.subTest(size=size):
                self.assert_problem(self.post(relay, wire.message(f1=bytes(size), f2=10)), 400, "malformed")

    def test_hears_404_for_an_unknown_path(self):
        self.assert_problem(self.post(self.start_relay(), b"", path="/v2/register"), 404, "not-found")

    def test_hears_405_for_the_wrong_method_and_which_one_is_right(self):
        response = self.by_quicgo(self.start_relay(), "PUT", "/v1/register", b"", PROTOBUF)
        self.assert_problem(response, 405, "method-not-allowed")
        self.assertEqual(response.headers["allow"], "POST")

    def test_hears_413_for_a_body_that_is_too_large(self):
        response = self.post(self.start_relay(), bytes(70_000))
        self.assertEqual(response.status, 413, response)

    def test_hears_415_for_another_media_type(self):
        response = self.post(self.start_relay(), wire.message(f1=KEY, f2=10), {"content-type": "text/plain"})
        self.assertEqual(response.status, 415, response)
        self.assertIn("application/protobuf", response.headers["accept-post"])

    def test_hears_409_as_the_third_party_of_a_session(self):
        relay = self.start_relay()
        session = b"one session only"
        self.assertEqual([self.prove(relay, seed, session).status for seed in (1, 2)], [200, 200])
        self.assert_problem(self.prove(relay, 3, session), 409, "answered-elsewhere")

    def test_hears_409_for_a_bearer_key_that_another_address_holds(self):
        relay = self.start_relay()
        body = wire.message(f1=KEY, f2=10)
        self.assertEqual(self.post(relay, body).status, 200)
        self.assert_problem(self.post(relay, body), 409, "bearer-from-elsewhere")

    def test_hears_429_over_its_quota_and_when_to_come_again(self):
        relay = self.start_relay("--max-per-address", 1)
        self.assertEqual(self.post(relay, wire.message(f1=KEY, f2=10)).status, 200)
        response = self.post(relay, wire.message(f1=bytes(16), f2=10))
        self.assert_problem(response, 429, "over-quota")
        self.assertGreater(int(response.headers["retry-after"]), 0)

    def test_hears_403_when_another_site_made_the_browser_ask(self):
        response = self.post(self.start_relay(), wire.message(f1=KEY, f2=10), {**PROTOBUF, "sec-fetch-site": "cross-site"})
        self.assert_problem(response, 403, "cross-site")


class GtlsClient(clients.ClientTest):
    def register(self, relay, key=KEY, options=()):
        return self.by_gtlsclient(relay, "POST", "/v1/register", clients.bearer(key), options)

    def assert_problem(self, response, status, kind):
        self.assertEqual(response.status, status, response)
        self.assertEqual(response.headers["content-type"], "application/problem+json")
        self.assertEqual(response.json()["type"], f"quicket:{kind}")
        self.assertEqual(response.json()["status"], status)

    def assert_registers(self, *options):
        relay = self.start_relay()
        response = self.register(relay, options=options)
        self.assertEqual(response.status, 200, response)
        self.assertEqual(relay.metrics()["registrations"], 1)
        return relay

    def log(self):
        return (self.folder / "gtlsclient.err").read_text()

    def ports_used(self):
        return set(re.findall(r"^Sent packet: local=\[127\.0\.0\.1\]:(\d+)", self.log(), re.MULTILINE))

    def test_registers_a_bearer_key(self):
        relay = self.start_relay()
        response = self.register(relay)
        self.assertEqual(response.status, 200, response)
        self.assertEqual(response.headers["content-type"], "application/json")
        self.assertEqual(relay.metrics()["connection_ids"], response.json()["num"])

    def test_registers_with_an_empty_connection_id(self):
        self.assert_registers("--scid", "")

    def test_registers_with_connection_ids_of_a_peers_form(self):
        self.assert_registers("--scid", "0x" + "11" * 12, "--dcid", "0x" + "22" * 12)

    def test_hears_which_version_to_speak(self):
        with self.assertRaisesRegex(AssertionError, r"no response(.|\n)*rx 0 VN v=0x00000001\n"):
            self.by_gtlsclient(self.start_relay(), options=["--version", "0xfadafada"])

    def test_registers_after_it_moved_to_another_port(self):
        self.assert_registers("--change-local-addr=20ms", "--delay-stream=200ms")
        self.assertEqual(len(self.ports_used()), 2)

    def test_registers_behind_a_nat_that_forgot_it(self):
        self.assert_registers("--change-local-addr=20ms", "--nat-rebinding", "--delay-stream=200ms")
        self.assertEqual(len(self.ports_used()), 2)

    def test_registers_after_a_key_update(self):
        self.assert_registers("--key-update=20ms", "--delay-stream=200ms")
        self.assertIn("key update confirmed", self.log())

    def test_hears_400_for_malformed_json(self):
        response = self.by_gtlsclient(self.start_relay(), "POST", "/v1/register", b'{"key": 7')
        self.assert_problem(response, 400, "malformed")

    def test_hears_404_for_an_unknown_path(self):
        self.assert_problem(self.by_gtlsclient(self.start_relay(), "GET", "/favicon.ico"), 404, "not-found")

    def test_hears_405_for_the_wrong_method(self):
        response = self.by_gtlsclient(self.start_relay(), "GET", "/v1/register")
        self.assert_problem(response, 405, "method-not-allowed")
        self.assertEqual(response.headers["allow"], "POST")

    def test_hears_413_for_a_body_that_is_too_large(self):
        response = self.by_gtlsclient(self.start_relay(), "POST", "/v1/register", b"{" + b" " * 70_000)
        self.assertEqual(response.status, 413, response)

    def test_hears_415_for_a_body_that_nothing_describes(self):
        response = self.by_gtlsclient(self.start_relay(), "POST", "/v1/register", wire.message(f1=KEY, f2=10))
        self.assert_problem(response, 415, "media-type")

    def test_hears_409_for_a_bearer_key_that_another_address_holds(self):
        relay = self.assert_registers()
        self.assert_problem(self.register(relay), 409, "bearer-from-elsewhere")

    def test_hears_429_over_its_quota_and_when_to_come_again(self):
        relay = self.start_relay("--max-per-address", 1)
        self.assertEqual(self.register(relay).status, 200)
        response = self.register(relay, bytes(16))
        self.assert_problem(response, 429, "over-quota")
        self.assertGreater(int(response.headers["retry-after"]), 0)


if __name__ == "__main__":
    harness.main()
