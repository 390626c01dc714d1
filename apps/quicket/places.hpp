#pragma once

#include <filesystem>

#include "apps/options/environment.hpp"
#include "apps/quicket/errors.hpp"

namespace quicket::cli {

// Places are where this program keeps its files (XDG Base Directory Specification 0.8). Relative paths in the variables
// are ignored, as it demands. All errors: kConfig, when neither the variable nor HOME says where.
class Places {
 public:
  static constexpr const char* kSystemConfig = "/etc/quicket/config";

  explicit Places(const apps::Environment& environment);

  Checked<std::filesystem::path> identity() const { return in(data_, "identity"); }
  Checked<std::filesystem::path> config() const { return in(config_, "config"); }
  Checked<std::filesystem::path> trusted_peers() const { return in(config_, "trusted_peers"); }
  Checked<std::filesystem::path> relays() const { return in(config_, "relays"); }
  Checked<std::filesystem::path> state() const { return in(state_, ""); }

 private:
  struct Folder {
    const char* variable;
    std::filesystem::path path;  // empty: unknown
  };
  static Folder folder(const apps::Environment& environment, const char* variable, const char* below_home);
  static Checked<std::filesystem::path> in(const Folder& folder, const char* name);

  Folder data_, config_, state_;
};

}  // namespace quicket::cli
