"""How the program takes and gives words: arguments, configuration, help, --json, --quiet."""

import json
import re

import harness
import peers

COMMANDS = ("id", "trust add", "trust list", "trust remove", "relay add", "relay list", "relay remove", "dial", "accept",
            "carriers", "version", "help")
PIN = "#pin=AAAAAAAAAAAAAAAAAAAAAA"


class Usage(peers.PeerTest):
    def setUp(self):
        super().setUp()
        self.alice = self.peer("alice")

    def refuse(self, *arguments, status=64, pattern, **options):
        """The program ends like this, with nothing on standard output."""
        process = self.alice.start(*arguments, **options)
        self.assert_fails(process, status, pattern)
        self.assertEqual(process.stdout.text(), "")

    def test_refuses_wrong_arguments(self):
        for arguments, pattern in (
                ([], "a command is missing"),
                (["dail"], "no command \"dail\".*quicket dial"),
                (["trust"], "quicket trust add"),
                (["trust", "ad", "x"], "no command \"trust ad\""),
                (["id", "extra"], "takes no arguments"),
                (["dial"], "needs PEER"),
                (["dial", "a", "b"], "takes only PEER"),
                (["id", "--no-such"], "no option --no-such"),
                (["id", "--quite"], "Did you mean --quiet"),
                (["id", "--patience", "3s"], "takes no --patience"),
                (["dial", "bob", "--patience"], "patience"),
                (["trust", "add", "bob", "qk1nonsense"], "qk1nonsense.*not a peer id"),
                (["trust", "add", "-x", "y"], "."),
                (["relay", "add", "http://example.org"], "not a relay URL"),
                (["relay", "remove", "example.org"], "no relay \"example.org\""),
                (["dial", "bob\x1b[2J"], "no peer named"),
        ):
            with self.subTest(arguments=arguments):
                self.refuse(*arguments, pattern=pattern)

    def test_refuses_wrong_values_of_a_dial(self):
        self.alice.finish("trust", "add", "bob", self.peer("bob").id)
        for option, value, pattern in (("--patience", "soon", "not a duration"), ("--patience", "0s", "is less than 1s$"),
                                       ("--carrier", "pigeon", "pigeon|carrier"), ("--carrier", "stdio:out=x,no=1", "no option \"no\""),
                                       ("--relay", "ftp://x", "not a relay URL")):
            with self.subTest(option=option, value=value):
                dial = self.alice.start("dial", "bob", "--relay", f"https://127.0.0.1:9{PIN}",
                                        *([] if option == "--carrier" else ["--carrier", "stdio:out=offer.json"]), option, value)
                self.assert_fails(dial, 69 if value == "pigeon" else 64, pattern)

    def test_refuses_to_mix_the_offer_with_the_peers_bytes(self):
        self.alice.finish("trust", "add", "bob", self.peer("bob").id)
        self.refuse("dial", "bob", "--carrier", "stdio", "--relay", f"https://127.0.0.1:9{PIN}", pattern="would mix on standard output")

    def test_lists_the_trusted_peers_when_a_name_is_unknown(self):
        for name in ("bob", "carol"):
            self.alice.trust(self.peer(name))
        self.refuse("dial", "bbo", "--carrier", "stdio:out=offer.json",
                  pattern=r'no peer named "bbo" \(trusted: bob, carol\)\. Add one with: quicket trust add bbo PEER-ID$')
        self.refuse("dial", "", pattern=r'a peer\'s name is needed, not "" \(trusted: bob, carol\)$')
        self.refuse("trust", "remove", "bbo", pattern=r"\(trusted: bob, carol\)")

    def test_keeps_one_name_a_key(self):
        bob, carol = self.peer("bob"), self.peer("carol")
        self.alice.trust(bob)
        self.alice.trust(bob)
        self.refuse("trust", "add", "bob", carol.id, pattern='"bob" is another key already.*quicket trust remove bob')
        self.refuse("trust", "add", "robert", bob.id, pattern='is trusted already, as "bob"')
        self.assertEqual(self.alice.finish("trust", "list").stdout.lines(), [f"bob  {bob.id}"])
        self.alice.finish("trust", "remove", "bob")
        self.assertEqual(self.alice.finish("trust", "list").stdout.lines(), [])

    def test_lists_relays_in_their_order(self):
        urls = [f"https://192.0.2.{number}:4433{PIN}" for number in (3, 1, 2)]
        for url in urls:
            self.alice.finish("relay", "add", url)
        self.assertEqual(self.alice.finish("relay", "list").stdout.lines(), urls)
        self.alice.finish("relay", "remove", "192.0.2.1")
        self.assertEqual(self.alice.finish("relay", "list").stdout.lines(), [urls[0], urls[2]])

    def test_refuses_a_configuration_that_it_does_not_understand(self):
        folder = self.alice.home / "config/quicket"
        folder.mkdir(exist_ok=True)
        for name, content, arguments, pattern in (("config", "no-such = 1\n", ["id"], "config, line 1: .*no-such"),
                                                  ("config", "quiet = perhaps\n", ["id"], "config, line 1: .*perhaps"),
                                                  ("trusted_peers", "bob qk1nonsense\n", ["trust", "list"], "trusted_peers, line 1"),
                                                  ("relays", "\nhttp://x\n", ["relay", "list"], "relays, line 2")):
            with self.subTest(name=name, content=content):
                (folder / name).write_text(content)
                self.refuse(*arguments, status=78, pattern=pattern)
                (folder / name).unlink()

    def test_counts_flags_before_variables_before_the_file(self):
        folder = self.alice.home / "config/quicket"
        folder.mkdir(exist_ok=True)
        other = [self.folder / "keys" / name for name in ("flag", "variable", "file")]
        (folder / "config").write_text(f"identity = {other[2]}\n")
        self.alice.finish("id")
        self.alice.finish("id", QUICKET_IDENTITY=str(other[1]))
        self.alice.finish("id", "--identity", other[0], QUICKET_IDENTITY=str(other[1]))
        self.assertEqual([path.exists() for path in other], [True, True, True])
        self.assertEqual(len({path.read_bytes() for path in other}), 3)

    def test_helps_everywhere(self):
        everywhere = self.alice.finish("--help").stdout.text()
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assertRegex(everywhere, rf"(?m)^  {command} ")
                by_option = self.alice.finish(*command.split(), "--help")
                by_command = self.alice.finish("help", *command.split())
                self.assertIn(f"quicket {command}", by_option.stdout.text())
                self.assertEqual(by_option.stdout.text(), by_command.stdout.text())
                self.assertEqual(by_option.stderr.text() + by_command.stderr.text(), "")

    def test_tells_its_version(self):
        for arguments in (["--version"], ["version"]):
            self.assertRegex(self.alice.finish(*arguments).stdout.text(), r"^quicket \d+\.\d+\.\d+\n")

    def test_lists_the_carriers(self):
        self.assertRegex(self.alice.finish("carriers").stdout.text(), "(?m)^stdio  ")
        carriers = [json.loads(line) for line in self.alice.finish("carriers", "--json").stdout.lines()]
        self.assertIn("stdio", [carrier["name"] for carrier in carriers])


class Manner(peers.PeerTest):
    def call(self, *options):
        alice, bob = self.open_relay_for("alice", "bob")
        dial = alice.dial(bob, *options, sends=b"abc")
        accept = bob.accept(dial.offer, *options).expect_exit(0)
        return dial.expect_exit(0), accept

    def test_says_nothing_when_it_shall_be_quiet(self):
        for process in self.call("--quiet"):
            self.assertEqual(process.stderr.text(), "")

    def test_tells_errors_even_when_it_shall_be_quiet(self):
        alice = self.peer("alice")
        self.assert_fails(alice.start("dial", "bob", "--quiet"), 64, "no peer named")

    def test_speaks_json_line_by_line(self):
        dial, accept = self.call("--json")
        self.assertEqual([event["event"] for event in peers.events(dial)], ["offer", "linked", "sent"])
        self.assertEqual([event["event"] for event in peers.events(accept)], ["linked", "received"])
        self.assertEqual(peers.events(accept)[-1]["bytes"], 3)
        self.assertEqual(peers.events(accept)[0]["path"], "relay")
        self.assertEqual(accept.stdout.bytes(), b"abc")

    def test_speaks_json_of_errors_and_results_too(self):
        alice = self.peer("alice")
        for arguments, status in ((["dial", "bob"], 64), (["--no-such"], 64), (["dial"], 64)):
            error = alice.finish("--json", *arguments, status=status)
            self.assertEqual([(event["event"], event["exit"]) for event in peers.events(error)], [("error", status)])
        self.assertEqual(json.loads(alice.finish("id", "--json").stdout.text()), {"id": alice.id})
        alice.finish("trust", "add", "me", alice.id)
        self.assertEqual(json.loads(alice.finish("trust", "list", "--json").stdout.text()), {"name": "me", "id": alice.id})

    def test_draws_no_moving_line_where_there_is_no_terminal(self):
        for process in self.call():
            self.assertIsNone(re.search("[\r\x1b]", process.stderr.text()))


if __name__ == "__main__":
    harness.main()
