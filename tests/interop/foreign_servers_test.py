"""This project's HTTP/3 client and servers that others wrote."""

import clients
import harness


class Gtlsserver(clients.ClientTest):
    """ngtcp2's server."""

    def serve(self, *options):
        """The port where it serves the folder `htdocs`."""
        program = harness.foreign("gtlsserver", "ngtcp2-server")
        self.documents = self.folder / "htdocs"
        self.documents.mkdir()
        self.finish("certificate", clients.built("http3_fetch"), "--make-certificate", self.folder)
        self.server = self.start("gtlsserver", program, "--no-quic-dump", "--no-http-dump", "-d", self.documents, *options,
                                 "127.0.0.1", 0, self.folder / "key.pem", self.folder / "cert.pem")
        return harness.until(self.server.udp_ports, "a port of gtlsserver's")[0]

    def test_sends_our_client_a_file(self):
        port = self.serve()
        content = bytes(range(256)) * 200
        (self.documents / "file.bin").write_bytes(content)
        response = self.by_our_client(port, "GET", "/file.bin")
        self.assertEqual(response.status, 200)
        self.assertEqual(response.headers["content-length"], str(len(content)))
        self.assertEqual(response.body, content)

    def test_tells_our_client_what_is_not_there(self):
        self.assertEqual(self.by_our_client(self.serve(), "GET", "/nothing").status, 404)

    def test_takes_our_clients_content(self):
        port = self.serve()
        self.assertEqual(self.by_our_client(port, "POST", "/1000", b"c" * 50_000).status, 200)
        self.server.stderr.wait_for(r"content-length: 50000")

    def test_makes_our_client_prove_its_address_first(self):
        port = self.serve("--validate-addr")
        self.assertEqual(self.by_our_client(port, "GET", "/1000").body, bytes(1000))
        self.server.stderr.wait_for("Token was successfully validated")

    def test_cannot_make_our_client_take_more_than_its_bound(self):
        done = self.finish("fetch", clients.built("http3_fetch"), f"127.0.0.1:{self.serve()}", "GET", "/100000", status=1)
        self.assertIn("over the limit", done.stderr.text())

    def test_adds_trailers_that_our_client_reads_over(self):
        self.assertEqual(self.by_our_client(self.serve("--send-trailers"), "GET", "/10").body, bytes(10))

    def test_loses_packets_and_still_serves_our_client(self):
        port = self.serve("--tx-loss=0.1", "--rx-loss=0.1", "--initial-rtt=20ms")
        self.assertEqual(len(self.by_our_client(port, "GET", "/40000").body), 40_000)


class QuicGo(clients.ClientTest):
    """quic-go's server; it sends back what it gets."""

    def serve(self):
        server = self.start("quicgo", clients.quicgo(), "serve")
        return int(server.stdout.wait_for(r"listening on 127\.0\.0\.1:(\d+)").group(1))

    def test_echoes_our_clients_content(self):
        content = bytes(range(256)) * 200
        response = self.by_our_client(self.serve(), "POST", "/v1/echo?all", content)
        self.assertEqual(response.status, 200)
        self.assertEqual((response.headers["x-method"], response.headers["x-path"]), ("POST", "/v1/echo"))
        self.assertEqual(response.body, content)

    def test_answers_our_client_without_content(self):
        response = self.by_our_client(self.serve(), "GET", "/")
        self.assertEqual((response.status, response.body), (200, b""))


if __name__ == "__main__":
    harness.main()
