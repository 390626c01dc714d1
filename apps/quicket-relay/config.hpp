#pragma once

#include <quicket/address.hpp>
#include <quicket/time.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/options/settings.hpp"
#include "apps/quicket-relay/log.hpp"
#include "relay/table/limits.hpp"

namespace quicket::relayd {

// Config is what to run, read and checked as far as that goes without touching anything.
struct Config {
  struct CertificateFiles {
    std::filesystem::path certificate, key;
  };

  std::vector<Address> listen;
  bool ipv6_is_optional = false;  // no one asked for IPv6 by name
  std::optional<Address> admin;   // none: off
  std::string host;               // empty: to be found out
  std::vector<Address> public_addresses;
  std::filesystem::path state;
  std::optional<CertificateFiles> certificate;  // none: self-signed
  std::optional<std::filesystem::path> tokens;
  bool require_peer_token = false;
  bool bearer_keys = true;
  relay::Limits limits;
  std::size_t max_connections = 0;
  std::size_t mailbox_bytes = 0;
  Duration drain_timeout{};
  LogFormat log_format = LogFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
};

// read_config gives a meaning to the settings. `terminal`: the log goes to one. `root`: the process may write
// everywhere. Errors: kUsage or kConfig, by where the wrong value comes from.
apps::Checked<Config> read_config(const apps::Settings& settings, const apps::Environment& environment, bool terminal,
                                  bool root);

// keep_fixed gives `next` back what only a start can change, from the configuration that is running. The names of the
// options that differ there.
std::vector<std::string_view> keep_fixed(const Config& running, Config& next);

}  // namespace quicket::relayd
