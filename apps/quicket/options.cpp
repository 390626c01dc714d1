#include "apps/quicket/options.hpp"

#include <array>

namespace quicket::cli {

namespace {

using apps::Option;
using apps::OptionKind;
using apps::OptionTable;

constexpr std::array kOptions{
    Option{.name = "help",
           .letter = 'h',
           .meaning = "tell what a command does",
           .configurable = false,
           .everywhere = true},
    Option{.name = "version", .meaning = "tell the version", .configurable = false, .everywhere = true},
    Option{.name = "quiet", .letter = 'q', .meaning = "tell nothing but errors", .everywhere = true},
    Option{.name = "json", .meaning = "make every line, and every result, one JSON object", .everywhere = true},
    Option{.name = "no-progress", .meaning = "no line that moves", .everywhere = true},
    Option{.name = "identity",
           .kind = OptionKind::kValue,
           .value = "FILE",
           .meaning = "the file with this device's key; made when missing (default: $XDG_DATA_HOME/quicket/identity)"},
    Option{.name = "carrier",
           .letter = 'c',
           .kind = OptionKind::kList,
           .value = "NAME[:KEY=VALUE,...]",
           .meaning =
               "what the offer travels by, several times for several at once; \"quicket carriers\" lists what there is",
           .initial = "mailbox",
           .sections = true},
    Option{.name = "carrier-path",
           .kind = OptionKind::kChain,
           .value = "FOLDER[:FOLDER...]",
           .meaning = "where to look for carriers first",
           .variable = "QUICKET_PLUGIN_PATH"},
    Option{.name = "relay",
           .letter = 'r',
           .kind = OptionKind::kList,
           .value = "URL",
           .meaning = "use this relay instead of those of \"quicket relay\"; several times for several"},
    Option{.name = "patience",
           .letter = 'p',
           .kind = OptionKind::kValue,
           .value = "DURATION",
           .meaning = "how long the offer is valid and waited for, like 90s or 1h30min; to pair 10min unless given",
           .initial = "15min"},
    Option{.name = "protocol",
           .kind = OptionKind::kList,
           .value = "NAME",
           .meaning = "what is spoken over the connection; both sides need one in common",
           .initial = "pipe"},
    Option{.name = "unsealed",
           .meaning = "do not seal the offer: whoever carries it sees who calls from where, and can take the answer's "
                      "place or end the dial",
           .configurable = false},
    Option{.name = "pair",
           .kind = OptionKind::kValue,
           .value = "NAME",
           .meaning = "meet somebody whose key is not known yet, and trust it under this name from then on",
           .configurable = false},
    Option{.name = "allow-exposed",
           .meaning =
               "pair even by a carrier on which strangers could read or alter the offer, and take the other's place",
           .configurable = false},
    Option{.name = "send-only",
           .meaning = "take nothing from the peer; standard output stays free",
           .configurable = false},
    Option{.name = "receive-only",
           .meaning = "send nothing to the peer; standard input stays unread",
           .configurable = false},
    Option{.name = "keep-open",
           .letter = 'k',
           .meaning = "go on accepting, one peer after another",
           .configurable = false},
    Option{.name = "allow-unsealed", .meaning = "take offers that are not sealed too"},
    Option{.name = "allow-private-relays",
           .meaning = "follow offers to relays at private addresses that are not among the own ones"},
};

constexpr OptionTable kTable(kOptions, "QUICKET_");

}  // namespace

const OptionTable& option_table() noexcept { return kTable; }

}  // namespace quicket::cli
