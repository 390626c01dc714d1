#pragma once

#include <filesystem>

#include "apps/quicket/errors.hpp"
#include "apps/quicket/options.hpp"

namespace quicket::cli {

// Places are where this program keeps its files (XDG Base Directory Specification 0.8). Relative paths in the variables are ignored,
// as it demands. All errors: kConfig, when neither the variable nor HOME says where.
class Places {
 public:
  static constexpr const char* kSystemConfig = "/etc/quicket/config";

  explicit Places(const Environment& environment);

  CliResult<std::filesystem::path> identity() const { return in(data_, "identity"); }
  CliResult<std::filesystem::path> config() const { return in(config_, "config"); }
  CliResult<std::filesystem::path> trusted_peers() const { return in(config_, "trusted_peers"); }
  CliResult<std::filesystem::path> relays() const { return in(config_, "relays"); }
  CliResult<std::filesystem::path> state() const { return in(state_, ""); }

 private:
  struct Folder {
    const char* variable;
    std::filesystem::path path;  // empty: unknown
  };
  static Folder folder(const Environment& environment, const char* variable, const char* below_home);
  static CliResult<std::filesystem::path> in(const Folder& folder, const char* name);

  Folder data_, config_, state_;
};

}  // namespace quicket::cli
