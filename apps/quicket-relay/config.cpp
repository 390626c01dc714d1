#include "apps/quicket-relay/config.hpp"

#include <quicket/relay_url.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace quicket::relayd {

namespace {

using apps::Checked;
using apps::Environment;
using apps::Exit;
using apps::find_variable;
using apps::Problem;
using apps::Settings;

constexpr std::uint64_t kMostRegistrations = 16'000'000, kMostIds = 256'000'000, kMostWindow = 65'536;

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

Checked<Address> parse_address(const Settings& settings, std::string_view name, const std::string& text) {
  if (const auto address = Address::parse(text)) return *address;
  return settings.complain(name,
                           "\"" + text + "\" is not an address and port, such as 192.0.2.1:4433 or [2001:db8::1]:4433");
}

Checked<> read_listen(const Settings& settings, Config& config) {
  bool named_ipv6 = false;
  for (const std::string& text : settings.list("listen")) {
    if (const auto port = parse_port(text)) {
      config.listen.push_back(Address().with_port(*port));
      config.listen.push_back(Address::from(Bytes(16), *port).value());
      continue;
    }
    const auto address = parse_address(settings, "listen", text);
    if (!address) return address.error();
    named_ipv6 = named_ipv6 || !address->is_v4();
    config.listen.push_back(*address);
  }
  auto sorted = config.listen;
  std::ranges::sort(sorted);
  const auto twice =
      std::ranges::adjacent_find(sorted, [](const Address& a, const Address& b) { return a == b && a.port() != 0; });
  if (twice != sorted.end()) return settings.complain("listen", twice->to_string() + " is there twice");
  config.ipv6_is_optional = !named_ipv6;
  return {};
}

Checked<> read_places(const Settings& settings, Config& config) {
  if (const std::string admin = settings.text("admin").value_or("off"); admin != "off") {
    const auto address = parse_address(settings, "admin", admin);
    if (!address) return address.error();
    config.admin = *address;
  }
  for (const std::string& text : settings.list("public")) {
    const auto address = parse_address(settings, "public", text);
    if (!address) return address.error();
    const bool usable = !address->is_unspecified() && !address->is_multicast() && address->port() != 0;
    if (!usable) return settings.complain("public", "clients cannot reach " + text);
    config.public_addresses.push_back(*address);
  }
  config.host = settings.text("host").value_or("");
  if (config.host.starts_with('[') && config.host.ends_with(']'))
    config.host = config.host.substr(1, config.host.size() - 2);
  if (config.host.empty()) return {};
  RelayUrl url;
  url.host = config.host;
  if (!RelayUrl::parse(url.to_string())) {
    return settings.complain("host", "\"" + config.host + "\" is neither a host name nor an address without a port");
  }
  return {};
}

Checked<std::filesystem::path> state_folder(const Settings& settings, const Environment& environment, bool root) {
  if (const auto given = settings.text("state")) return std::filesystem::path(*given);
  const std::string_view of_systemd =
      find_variable(environment, "STATE_DIRECTORY");  // several, where the unit names several
  if (!of_systemd.empty()) return std::filesystem::path(of_systemd.substr(0, of_systemd.find(':')));
  const std::filesystem::path data(find_variable(environment, "XDG_DATA_HOME"));
  if (data.is_absolute()) return data / "quicket/relay";
  if (root) return std::filesystem::path("/var/lib/quicket-relay");
  const std::filesystem::path home(find_variable(environment, "HOME"));
  if (home.is_absolute()) return home / ".local/share/quicket/relay";
  return Problem{Exit::kConfig, "nothing says where to keep the certificate: name a folder with --state, or set HOME"};
}

Checked<> read_files(const Settings& settings, Config& config) {
  const auto certificate = settings.text("cert"), key = settings.text("key");
  if (certificate.has_value() != key.has_value()) {
    return settings.complain(certificate ? "cert" : "key", "--cert and --key go together");
  }
  if (certificate) config.certificate = Config::CertificateFiles{*certificate, *key};
  if (const auto tokens = settings.text("token")) config.tokens = *tokens;
  return {};
}

Checked<> read_limits(const Settings& settings, Config& config) {
  struct Row {
    std::string_view name;
    std::uint64_t most;
    std::uint64_t value;
  };
  std::array rows{Row{"max-registrations", kMostRegistrations, 0},
                  Row{"max-per-address", kMostRegistrations, 0},
                  Row{"max-ids", kMostIds, 0},
                  Row{"max-window", kMostWindow, 0},
                  Row{"max-connections", 1'000'000, 0},
                  Row{"mailbox-memory", 65'536, 0}};
  for (Row& row : rows) {
    const auto number = settings.number(row.name, 1, row.most);
    if (!number) return number.error();
    row.value = *number;
  }
  relay::Limits& limits = config.limits;
  limits.registrations = limits.sessions = rows[0].value;
  limits.registrations_per_address = rows[1].value;
  limits.ids = rows[2].value;
  limits.window = limits.bearer_window = static_cast<std::uint32_t>(rows[3].value);
  config.max_connections = rows[4].value;
  config.mailbox_bytes = rows[5].value * 1'024 * 1'024;
  // On average half a window each, and always room for one that slides.
  limits.ids_per_address =
      std::max(limits.registrations_per_address * limits.window / 2, std::size_t{2} * limits.window);
  if (limits.ids < limits.ids_per_address) limits.ids_per_address = limits.ids;

  const auto quiet = settings.duration("lease", std::chrono::seconds(1));
  if (!quiet) return quiet.error();
  const auto absolute = settings.duration("absolute-lease", *quiet);
  if (!absolute) return absolute.error();
  limits.quiet_lease = *quiet;
  limits.absolute_lease = *absolute;
  limits.allow_special = settings.is_on("allow-loopback");
  return {};
}

Checked<> read_manner(const Settings& settings, Config& config, bool terminal) {
  const auto drain = settings.duration("drain-timeout", Duration::zero());
  if (!drain) return drain.error();
  config.drain_timeout = *drain;

  const std::string format = settings.text("log-format").value_or(terminal ? "text" : "json");
  if (format != "text" && format != "json")
    return settings.complain("log-format", "\"" + format + "\" is neither text nor json");
  config.log_format = format == "json" ? LogFormat::kJson : LogFormat::kText;

  const auto level = parse_log_level(settings.text("log-level").value_or(""));
  if (!level) return settings.complain("log-level", "the levels are debug, info, warning and error");
  config.log_level = *level;
  return {};
}

}  // namespace

Checked<Config> read_config(const Settings& settings, const Environment& environment, bool terminal, bool root) {
  Config config;
  if (auto done = read_listen(settings, config); !done) return done.error();
  if (auto done = read_places(settings, config); !done) return done.error();
  if (auto done = read_files(settings, config); !done) return done.error();
  if (auto done = read_limits(settings, config); !done) return done.error();
  if (auto done = read_manner(settings, config, terminal); !done) return done.error();
  config.require_peer_token = settings.is_on("require-peer-token");
  config.bearer_keys = !settings.is_on("no-bearer-keys");
  auto state = state_folder(settings, environment, root);
  if (!state) return state.error();
  config.state = std::move(*state);
  return config;
}

std::vector<std::string_view> keep_fixed(const Config& running, Config& next) {
  std::vector<std::string_view> changed;
  const auto keep = [&changed](std::string_view name, const auto& was, auto& is) {
    if (is != was) changed.push_back(name);
    is = was;
  };
  keep("listen", running.listen, next.listen);
  keep("admin", running.admin, next.admin);
  keep("state", running.state, next.state);
  keep("log-format", running.log_format, next.log_format);
  keep("max-registrations", running.limits.registrations, next.limits.registrations);
  keep("max-ids", running.limits.ids, next.limits.ids);
  return changed;
}

}  // namespace quicket::relayd
