#include "apps/quicket/command.hpp"

#include <algorithm>
#include <array>

#include "apps/options/text.hpp"
#include "apps/quicket/options.hpp"

namespace quicket::cli {

namespace {

constexpr std::size_t kMaxTypos = 2;  // letters, for suggestions

constexpr std::array<std::string_view, 1> kIdOptions{"identity"};
constexpr std::array<std::string_view, 1> kCarriersOptions{"carrier-path"};
constexpr std::array<std::string_view, 11> kDialOptions{"carrier",  "carrier-path", "relay",       "patience",
                                                        "pair",     "unsealed",     "protocol",    "allow-exposed",
                                                        "identity", "send-only",    "receive-only"};
constexpr std::array<std::string_view, 12> kAcceptOptions{
    "carrier",  "carrier-path", "keep-open",     "relay",     "pair",        "allow-unsealed", "allow-private-relays",
    "protocol", "identity",     "allow-exposed", "send-only", "receive-only"};

constexpr std::string_view kIdDetails =
    R"(The id is this device's public key. It is no secret: whoever has it can seal offers for this device, and nothing else.
The key itself is made at the first use.)";

constexpr std::string_view kTrustDetails =
    R"(Trusted peers may call this device, and can be dialed by name. One name a key, one key a name.
They are lines "NAME PEER-ID" in $XDG_CONFIG_HOME/quicket/trusted_peers.)";

constexpr std::string_view kRelayDetails =
    R"(These are the relays that dials use, in order of preference: lines in $XDG_CONFIG_HOME/quicket/relays.
A relay prints its URL when it starts: https://HOST:PORT#pin=... The pin is how peers know it; without one, the
certificate authorities of the web vouch for its name.)";

constexpr std::string_view kDialDetails =
    R"(PEER is a trusted name or a peer id. The offer goes out over the carriers; once PEER has accepted it, standard input goes to
PEER and what PEER sends comes out of standard output, until both have ended. Exit status 0 says that PEER has written out
all that was sent to it.

Unless a carrier is given, the relay keeps the offer in PEER's mailbox until PEER accepts there. With --carrier stdio it is one
line of JSON on standard output. Offer and peer never share a pipe or a file: where standard output is not a terminal, say where
the offer goes (--carrier stdio:out=FILE) or that nothing is to be received (--send-only).

With --pair NAME somebody is called whose key is not known here, and who has not ours: whoever runs quicket accept --pair with
the offer, once. Both are trusted from then on. Give that offer to nobody else: whoever reads it first can take NAME's place.
Unless a carrier is given, it is a line on standard output: paste it to NAME.

  tar c photos | quicket dial bob
  quicket dial bob --carrier stdio          (copy the line to bob, then type)
  tar c photos | quicket dial bob --carrier stdio:out=offer.json
  quicket dial --pair bob --carrier qr)";

constexpr std::string_view kAcceptDetails =
    R"(The offer comes in over the carriers: unless one is given, from this device's mailbox at its relays. What the peer sends comes
out of standard output, and standard input goes to the peer, until both have ended. Exit status 0 says that both have, in order.
An offer that is refused, or whose sender has given up, is warned of, and others are waited for until all carriers have ended.

Offer and bytes never share a pipe either: where the offer comes from standard input, nothing is sent to the peer. With
--keep-open nothing is sent to anybody, and what the peers send is written one after another, never mixed.

With --pair NAME an offer is taken that was made by quicket dial --pair, and no other; its sender is NAME from then on. Unless a
carrier is given, it is a line on standard input.

  quicket accept | tar x
  quicket accept --carrier stdio:in=offer.json | tar x
  cat offer.json | quicket accept --carrier stdio)";

constexpr std::string_view kCarriersDetails =
    R"(Carriers bring offers from the dialer to the accepter. They are plugins; each is tried in a process of its own, and those that
cannot be used are listed with the reason.

Options are given as --carrier NAME:KEY=VALUE,... or stay in the configuration file: a section [carrier.NAME] with lines
KEY = VALUE. What --carrier says comes first; without it, the carriers that have a section are used. Several at once race:
the first offer to arrive counts.)";

constexpr std::array kCommands{
    Command{.name = "id",
            .summary = "print this device's peer id",
            .details = kIdDetails,
            .options = kIdOptions,
            .run = run_id},
    Command{.name = "trust add",
            .arguments = "NAME PEER-ID",
            .min_arguments = 2,
            .max_arguments = 2,
            .summary = "trust a peer, and give it a name",
            .details = kTrustDetails,
            .run = run_trust_add},
    Command{.name = "trust list", .summary = "list the trusted peers", .details = kTrustDetails, .run = run_trust_list},
    Command{.name = "trust remove",
            .arguments = "NAME",
            .min_arguments = 1,
            .max_arguments = 1,
            .summary = "trust a peer no longer; NAME may be its id",
            .details = kTrustDetails,
            .run = run_trust_remove},
    Command{.name = "relay add",
            .arguments = "URL",
            .min_arguments = 1,
            .max_arguments = 1,
            .summary = "use a relay for dials, or learn its new pin",
            .details = kRelayDetails,
            .run = run_relay_add},
    Command{.name = "relay list",
            .summary = "list the relays that dials use",
            .details = kRelayDetails,
            .run = run_relay_list},
    Command{.name = "relay remove",
            .arguments = "URL",
            .min_arguments = 1,
            .max_arguments = 1,
            .summary = "use a relay no longer; URL may be HOST or HOST:PORT",
            .details = kRelayDetails,
            .run = run_relay_remove},
    Command{.name = "dial",
            .arguments = "PEER",
            .max_arguments = 1,
            .summary = "call a peer; standard input and output become the connection",
            .details = kDialDetails,
            .options = kDialOptions,
            .run = run_dial},
    Command{.name = "accept",
            .summary = "answer a call; standard input and output become the connection",
            .details = kAcceptDetails,
            .options = kAcceptOptions,
            .run = run_accept},
    Command{.name = "carriers",
            .summary = "list what offers can travel by, and with which options",
            .details = kCarriersDetails,
            .options = kCarriersOptions,
            .run = run_carriers},
    Command{.name = "version", .summary = "tell the version", .run = run_version},
    Command{.name = "help",
            .arguments = "[COMMAND]",
            .max_arguments = 2,
            .summary = "tell what a command does",
            .run = run_help},
    Command{.name = "probe-carrier",
            .arguments = "FILE",
            .min_arguments = 1,
            .max_arguments = 1,
            .summary = "load one carrier and describe it",
            .run = run_probe,
            .hidden = true},
};

// group gives the commands whose name begins with this word and has another: "trust add, trust list".
std::string group(std::string_view word) {
  std::string names;
  for (const Command& command : kCommands) {
    const bool belongs =
        command.name.size() > word.size() && command.name.starts_with(word) && command.name[word.size()] == ' ';
    if (belongs) names += (names.empty() ? "quicket " : ", quicket ") + std::string(command.name);
  }
  return names;
}

std::string suggestion(std::string_view typed) {
  std::string_view nearest;
  std::size_t typos = kMaxTypos + 1;
  for (const Command& command : kCommands) {
    for (const std::string_view name : {command.name, command.name.substr(0, command.name.find(' '))}) {
      const std::size_t off = apps::distance(name, typed.substr(0, name.size() + kMaxTypos + 1));
      if (!command.hidden && off < typos && off < name.size()) {
        nearest = name;
        typos = off;
      }
    }
  }
  return nearest.empty() ? "" : "Did you mean quicket " + std::string(nearest) + "? ";
}

}  // namespace

std::span<const Command> all_commands() noexcept { return kCommands; }

Checked<FoundCommand> find_command(std::span<const std::string> words) {
  if (words.empty()) return usage_problem("a command is missing. quicket --help lists them");
  const std::string two = words.size() > 1 ? words[0] + " " + words[1] : words[0];
  for (const Command& command : kCommands) {
    if (command.name == two) return FoundCommand{&command, words.size() > 1 ? 2u : 1u};
    if (command.name == words[0]) return FoundCommand{&command, 1};
  }
  if (const std::string names = group(words[0]); !names.empty()) {
    const bool more = words.size() > 1;
    const std::string what = more ? "there is no command \"" + apps::printable(two) + "\""
                                  : "quicket " + words[0] + " is not a whole command";
    return usage_problem(what + ": there are " + names);
  }
  return usage_problem("there is no command \"" + apps::printable(words[0]) + "\". " + suggestion(words[0]) +
                       "quicket --help lists them");
}

bool takes(const Command& command, std::string_view option) noexcept {
  const apps::Option* row = option_table().find(option);
  if (row == nullptr) return false;
  return row->everywhere || std::ranges::find(command.options, option) != command.options.end();
}

}  // namespace quicket::cli
