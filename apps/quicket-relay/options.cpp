#include "apps/quicket-relay/options.hpp"

#include "apps/options/text.hpp"
#include "core/base/file.hpp"

#include <array>
#include <filesystem>

namespace quicket::relayd {

namespace {

using apps::Checked;
using apps::Environment;
using apps::Exit;
using apps::find_variable;
using apps::Option;
using apps::OptionKind;
using apps::Problem;
using apps::Settings;

constexpr std::size_t kMaxConfig = 256 * 1024;  // bytes

constexpr std::array kOptions{
    Option{.name = "listen",
           .letter = 'l',
           .kind = OptionKind::kList,
           .value = "ADDR:PORT",
           .meaning =
               "where to serve, on UDP; several times for several; PORT alone means all addresses; port 0 takes any",
           .initial = "4433"},
    Option{.name = "admin",
           .kind = OptionKind::kValue,
           .value = "ADDR:PORT",
           .meaning = "where to serve /healthz, /readyz and /metrics, on TCP without passwords; off: nowhere",
           .initial = "127.0.0.1:9433"},
    Option{.name = "host",
           .kind = OptionKind::kValue,
           .value = "NAME",
           .meaning = "the name or address in the relay's URL (default: this machine's own address)"},
    Option{.name = "public",
           .kind = OptionKind::kList,
           .value = "ADDR:PORT",
           .meaning = "where clients reach this relay, told to them; several times for several; its port goes into the "
                      "relay's URL"},
    Option{.name = "state",
           .kind = OptionKind::kValue,
           .value = "FOLDER",
           .meaning =
               "where the self-signed certificate and the relay's secret are kept (default: $STATE_DIRECTORY, else "
               "$XDG_DATA_HOME/quicket/relay, else /var/lib/quicket-relay for root and ~/.local/share/quicket/relay "
               "for others)"},
    Option{.name = "cert",
           .kind = OptionKind::kValue,
           .value = "FILE",
           .meaning = "PEM file with another certificate, and its chain; needs --key"},
    Option{.name = "key",
           .kind = OptionKind::kValue,
           .value = "FILE",
           .meaning = "PEM file with the private key of --cert"},
    Option{.name = "token",
           .kind = OptionKind::kValue,
           .value = "FILE",
           .meaning = "take registrations only with one of the bearer tokens in this file, one per line"},
    Option{.name = "require-peer-token",
           .meaning = "let only those join a session who present the token that its first party was given"},
    Option{.name = "no-bearer-keys",
           .meaning = "refuse keys without proof, such as those of the reference implementation"},
    Option{.name = "allow-loopback",
           .meaning = "forward to loopback and link-local addresses too: for tests and demonstrations"},
    Option{.name = "max-registrations",
           .kind = OptionKind::kValue,
           .value = "N",
           .meaning = "registrations at once, in all",
           .initial = "131072"},
    Option{.name = "max-per-address",
           .kind = OptionKind::kValue,
           .value = "N",
           .meaning = "registrations at once of one IPv4 address or IPv6 /64; so many HTTP/3 connections and 64 more",
           .initial = "256"},
    Option{.name = "max-ids",
           .kind = OptionKind::kValue,
           .value = "N",
           .meaning = "connection IDs at once, in all",
           .initial = "4000000"},
    Option{.name = "max-window",
           .kind = OptionKind::kValue,
           .value = "N",
           .meaning = "connection IDs at once of one registration",
           .initial = "256"},
    Option{.name = "max-connections",
           .kind = OptionKind::kValue,
           .value = "N",
           .meaning = "HTTP/3 connections at once",
           .initial = "10000"},
    Option{.name = "mailbox-memory",
           .kind = OptionKind::kValue,
           .value = "MIB",
           .meaning = "memory in MiB for offers that wait for their recipients",
           .initial = "64"},
    Option{.name = "lease",
           .kind = OptionKind::kValue,
           .value = "DURATION",
           .meaning = "how long a registration lasts without a sign of life",
           .initial = "2min"},
    Option{.name = "absolute-lease",
           .kind = OptionKind::kValue,
           .value = "DURATION",
           .meaning = "how long it lasts without being stated again, whatever its traffic",
           .initial = "24h"},
    Option{
        .name = "drain-timeout",
        .kind = OptionKind::kValue,
        .value = "DURATION",
        .meaning =
            "how long to go on for those who are there, after the first SIGTERM or SIGINT; a second one ends at once",
        .initial = "10s"},
    Option{.name = "log-format",
           .kind = OptionKind::kValue,
           .value = "text|json",
           .meaning = "how to write the log, on standard error (default: text on a terminal, else json)"},
    Option{.name = "log-level",
           .kind = OptionKind::kValue,
           .value = "LEVEL",
           .meaning = "from where on to log: debug, info, warning or error",
           .initial = "info"},
    Option{
        .name = "config",
        .kind = OptionKind::kValue,
        .value = "FILE",
        .meaning =
            "read this configuration file instead of $XDG_CONFIG_HOME/quicket/relay.conf and /etc/quicket/relay.conf",
        .configurable = false},
    Option{.name = "version", .meaning = "tell the version", .configurable = false},
    Option{.name = "help", .letter = 'h', .meaning = "this text", .configurable = false},
};

constexpr apps::OptionTable kTable(kOptions, "QUICKET_RELAY_");

// add_file puts a file behind the other sources; one that is not there is passed over unless it is `wanted`.
Checked<> add_file(Settings& settings, const std::filesystem::path& file, bool wanted) {
  const auto content = read_file(file, kMaxConfig);
  if (!content && content.error() == boost::system::errc::no_such_file_or_directory && !wanted) return {};
  if (!content)
    return Problem{apps::exit_for_own_file(content.error()), file.string() + ": " + content.error().message()};
  auto given = apps::parse_config(kTable, as_text(*content), file.string());
  if (!given) return given.error();
  settings.add(*given, file.string(), Exit::kConfig);
  return {};
}

std::filesystem::path user_config(const Environment& environment) {
  const std::filesystem::path given(find_variable(environment, "XDG_CONFIG_HOME"));
  if (given.is_absolute()) return given / "quicket/relay.conf";
  const std::filesystem::path home(find_variable(environment, "HOME"));
  return home.is_absolute() ? home / ".config/quicket/relay.conf" : std::filesystem::path();
}

}  // namespace

const apps::OptionTable& option_table() noexcept { return kTable; }

std::string help_text() {
  return "Usage: quicket-relay [OPTION...]\n"
         "A relay for quicket: peers register the connection IDs of their QUIC connection, and it forwards packets by "
         "them.\n"
         "It reads ciphertext only. The first start makes a certificate; its digest is the pin in the URL that is "
         "printed.\n\n" +
         kTable.help() +
         "\nAn option NAME can also be set as QUICKET_RELAY_NAME in the environment (lists separated by blanks), and "
         "as a line\n"
         "NAME = VALUE of the configuration file; a flag comes before the environment, and that before the file. "
         "SIGHUP "
         "reads\nfile, certificate and tokens again: connections and registrations stay.\n\n"
         "Exit status: 0 drained or stopped, 64 wrong usage, 69 an address is taken, 70 a defect, 73 the state cannot "
         "be\n"
         "written, 74 reading or a socket failed, 75 no memory or descriptors are left: try again later, 77 no "
         "permission or an exposed key, 78 wrong configuration or damaged state.\n";
}

Checked<Settings> read_settings(const std::vector<std::string>& arguments, const Environment& environment,
                                std::string_view system_config) {
  auto line = apps::parse_command_line(kTable, arguments);
  if (!line) return line.error();
  if (!line->words.empty()) {
    return Problem{Exit::kUsage, "\"" + apps::printable(line->words.front()) +
                                     "\" is not an option. quicket-relay --help lists them"};
  }
  Settings settings(kTable);
  settings.add(line->options, "", Exit::kUsage);
  if (settings.is_on("help") || settings.is_on("version")) return settings;  // whatever is wrong elsewhere
  auto variables = apps::parse_environment(kTable, environment);
  if (!variables) return variables.error();
  settings.add(*variables, Settings::kEnvironmentOrigin, Exit::kUsage);

  if (const auto file = settings.text("config")) {
    if (auto added = add_file(settings, *file, true); !added) return added.error();
    return settings;
  }
  if (const auto file = user_config(environment); !file.empty()) {
    if (auto added = add_file(settings, file, false); !added) return added.error();
  }
  if (auto added = add_file(settings, system_config, false); !added) return added.error();
  return settings;
}

}  // namespace quicket::relayd
