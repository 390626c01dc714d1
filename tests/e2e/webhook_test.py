"""Dials whose offer goes by HTTP: between our own ends, to a server and from clients that are not ours."""

import base64
import datetime
import hashlib
import hmac
import http.client
import http.server
import ipaddress
import json
import socket
import ssl
import threading
import time

import harness
import peers

KEY = b"a key of both sides, and long"


def make_certificate(folder):
    """Writes cert.pem and key.pem for localhost."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
                   .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(names, critical=False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
                   .sign(key, hashes.SHA256()))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                       serialization.NoEncryption()))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def signature(identifier, timestamp, body):
    text = b".".join((identifier.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(KEY, text, hashlib.sha256).digest()).decode()


def signed_headers(body, identifier="msg_test"):
    timestamp = str(int(time.time()))
    return {"webhook-id": identifier, "webhook-timestamp": timestamp,
            "webhook-signature": signature(identifier, timestamp, body)}


class PythonServer:
    """Python's own HTTPS server, which keeps what is posted to it, and answers by a list of statuses."""

    def __init__(self, folder, statuses):
        kept = self.requests = []
        left = list(statuses)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.append((self.path, dict(self.headers.items()), body))
                self.send_response(left.pop(0) if len(left) > 1 else left[0])
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Webhook(peers.PeerTest):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.open_relay_for("alice", "bob")
        make_certificate(self.folder)
        self.write("secret", KEY + b"\n")
        for name in ("key.pem", "secret"):
            (self.folder / name).chmod(0o600)
        self.port = free_port()

    def dial(self, port, *options, **more):
        carrier = (f"webhook:url=https://localhost:{port}/offers,ca-file={self.folder}/cert.pem,"
                   f"secret-file={self.folder}/secret")
        return self.alice.start("dial", "bob", "--carrier", ",".join([carrier, *options]), **more)

    def accept(self, **more):
        accept = self.bob.start("accept", "--allow-private-relays", "--carrier",
                                f"webhook:listen=127.0.0.1:{self.port},path=/offers,cert-file={self.folder}/cert.pem,"
                                f"key-file={self.folder}/key.pem,secret-file={self.folder}/secret", **more)

        def listens():
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", self.port)) == 0 or not accept.is_running()

        harness.until(listens, accept.story)
        return accept

    def expect_talk(self, dial, accept):
        accept.expect_exit(0)
        dial.expect_exit(0)
        self.assertEqual((accept.stdout.bytes(), dial.stdout.bytes()), (b"to bob", b"to alice"))

    def test_carries_a_dial_to_a_listener(self):
        accept = self.accept(sends=b"to alice")
        self.expect_talk(self.dial(self.port, sends=b"to bob"), accept)

    def test_carries_a_dial_to_a_listener_that_comes_later(self):
        dial = self.dial(self.port, "form=binary", sends=b"to bob")
        dial.stderr.wait_for("trying again in")
        self.expect_talk(dial, self.accept(sends=b"to alice"))
        self.assertNotIn("/offers", dial.stderr.text())

    def test_posts_to_a_server_that_is_not_ours(self):
        server = PythonServer(self.folder, [503, 200])
        self.addCleanup(server.close)
        dial = self.dial(server.port, sends=b"to bob")
        harness.until(lambda: len(server.requests) == 2, dial.story)
        (path, headers, body), again = server.requests
        self.assertEqual(path, "/offers")
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["webhook-signature"], signature(headers["webhook-id"], headers["webhook-timestamp"], body))
        self.assertEqual((again[1]["webhook-id"], again[2]), (headers["webhook-id"], body))
        size = len(base64.b64decode(json.loads(body)["offer"]))
        print(f"webhook: the sealed offer has {size} bytes, the request's body {len(body)}")
        self.assertLessEqual(size, 250)
        self.expect_talk(dial, self.bob.accept(self.write("body", body), sends=b"to alice"))

    def test_takes_a_request_of_curl(self):
        curl = harness.foreign("curl", "curl")
        accept = self.accept(sends=b"to alice")
        dial = self.alice.dial(self.bob, sends=b"to bob")
        body = dial.offer.read_bytes()
        headers = [part for name, value in signed_headers(body).items() for part in ("--header", f"{name}: {value}")]
        answer = self.finish("curl", curl, "--silent", "--show-error", "--fail", "--cacert", self.folder / "cert.pem", *headers,
                             "--data-binary", f"@{dial.offer}", f"https://localhost:{self.port}/offers")
        self.assertEqual(answer.stdout.bytes(), b"accepted\n")
        self.expect_talk(dial, accept)

    def test_tells_a_client_that_is_not_ours_what_is_wrong(self):
        accept = self.accept(sends=b"to alice")
        dial = self.alice.dial(self.bob, sends=b"to bob")
        body = dial.offer.read_bytes()
        context = ssl.create_default_context(cafile=self.folder / "cert.pem")

        def post(content, headers):
            connection = http.client.HTTPSConnection("localhost", self.port, context=context, timeout=harness.PATIENCE)
            connection.request("POST", "/offers", content, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            return answer.status, text

        self.assertEqual(post(body, {}), (401, "a signature is needed: webhook-id, webhook-timestamp and webhook-signature, "
                                               "each once\n"))
        self.assertEqual(post(body, signed_headers(body + b" ")), (401, "the signature does not fit\n"))
        old = dict(signed_headers(body))
        old["webhook-timestamp"] = str(int(time.time()) - 900)
        old["webhook-signature"] = signature("msg_test", old["webhook-timestamp"], body)
        self.assertRegex(post(body, old)[1], r"^the timestamp is 90\d s off: check the clocks\n$")
        self.assertEqual(post(b"{}", signed_headers(b"{}")), (400, "the body is no offer\n"))
        self.assertEqual(post(body, signed_headers(body)), (200, "accepted\n"))
        self.expect_talk(dial, accept)

    def test_says_when_the_certificate_is_nobodys(self):
        server = PythonServer(self.folder, [200])
        self.addCleanup(server.close)
        dial = self.alice.start("dial", "bob", "--carrier", f"webhook:url=https://localhost:{server.port}/token")
        self.assert_fails(dial, 74, f"https://localhost:{server.port}.*certificate")
        self.assertNotIn("token", dial.stderr.text())
        self.assertEqual(server.requests, [])

    def test_tells_no_secret(self):
        server = PythonServer(self.folder, [403])
        self.addCleanup(server.close)
        url = self.write("url", f"https://localhost:{server.port}/services/TOKEN?key=TOKEN\n".encode())
        headers = self.write("headers", b"Authorization: Bearer TOKEN\n")
        for path in (url, headers):
            path.chmod(0o600)
        dial = self.alice.start("dial", "bob", "--carrier",
                                f"webhook:url-file={url},headers-file={headers},ca-file={self.folder}/cert.pem")
        self.assert_fails(dial, 74, f"https://localhost:{server.port} answers 403")
        self.assertNotIn("TOKEN", dial.stderr.text())
        self.assertEqual(server.requests[0][1]["Authorization"], "Bearer TOKEN")


if __name__ == "__main__":
    harness.main()
