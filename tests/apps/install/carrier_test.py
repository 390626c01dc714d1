"""An author's carrier, built against the installed package, carries a dial of the installed program. QUICKET_CARRIER_DIR names its
folder."""

import harness
import peers


class AuthorsCarrier(peers.PeerTest):
    def test_carries_a_dial(self):
        alice, bob = self.open_relay_for("alice", "bob")
        carrier = f"unix:path={self.folder}/socket"
        dial = alice.start("dial", "bob", "-c", carrier, sends=b"hello")
        accept = bob.start("accept", "--allow-private-relays", "-c", carrier)
        for process in (accept, dial):
            process.expect_exit(0)
        self.assertEqual(accept.stdout.bytes(), b"hello")

    def test_is_listed(self):
        listed = self.peer("alice").finish("carriers").stdout.text()
        self.assertRegex(listed, r"(?m)^unix +offers through a Unix socket on this machine\n.*\n +path +the socket's path")


if __name__ == "__main__":
    harness.main()
