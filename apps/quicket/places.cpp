#include "apps/quicket/places.hpp"

namespace quicket::cli {

Places::Places(const apps::Environment& environment)
    : data_(folder(environment, "XDG_DATA_HOME", ".local/share")),
      config_(folder(environment, "XDG_CONFIG_HOME", ".config")),
      state_(folder(environment, "XDG_STATE_HOME", ".local/state")) {}

Places::Folder Places::folder(const apps::Environment& environment, const char* variable, const char* below_home) {
  const std::filesystem::path given(apps::find_variable(environment, variable));
  if (given.is_absolute()) return {variable, given / "quicket"};
  const std::filesystem::path home(apps::find_variable(environment, "HOME"));
  if (home.is_absolute()) return {variable, home / below_home / "quicket"};
  return {variable, {}};
}

Checked<std::filesystem::path> Places::in(const Folder& folder, const char* name) {
  if (folder.path.empty()) {
    return Problem{Exit::kConfig, std::string("nothing says where this user's files are: set HOME, or ") +
                                      folder.variable + ", to an absolute path"};
  }
  return *name == '\0' ? folder.path : folder.path / name;
}

}  // namespace quicket::cli
