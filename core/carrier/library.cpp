#include <quicket/carrier.hpp>

#include <algorithm>

#include "core/carrier/instance.hpp"
#include "core/carrier/plugin.hpp"

namespace quicket {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "quicket-carrier-", kSuffix = ".so";

// folders gives those of the search, in order, each once.
std::vector<fs::path> folders(const CarrierSearch& search) {
  std::vector<fs::path> result;
  const auto add = [&](const fs::path& folder) {
    if (!folder.empty() && std::ranges::find(result, folder) == result.end()) result.push_back(folder);
  };
  for (std::string_view rest = search.plugin_path; !rest.empty();) {
    const std::size_t size = std::min(rest.find(':'), rest.size());
    add(rest.substr(0, size));
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
  add(search.install_dir);
  return result;
}

// name_of gives NAME of quicket-carrier-NAME.so; empty for other files.
std::string name_of(const fs::path& file) {
  const std::string name = file.filename().string();
  const bool ours =
      name.size() > kPrefix.size() + kSuffix.size() && name.starts_with(kPrefix) && name.ends_with(kSuffix);
  return ours ? name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size()) : std::string();
}

}  // namespace

CarrierLibrary::CarrierLibrary(CarrierSearch search, HostServices services)
    : search_(std::move(search)), services_(std::move(services)) {}

std::vector<CarrierLibrary::Found> CarrierLibrary::installed() const {
  std::vector<Found> found;
  for (const fs::path& folder : folders(search_)) {
    std::vector<Found> here;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      if (here.size() == kMaxFound) break;
      std::string name = name_of(entry->path());
      if (!name.empty()) here.push_back({std::move(name), entry->path()});
    }
    std::ranges::sort(here, {}, &Found::name);
    for (Found& one : here) {
      const bool shadowed = std::ranges::find(found, one.name, &Found::name) != found.end();
      if (!shadowed && found.size() < kMaxFound) found.push_back(std::move(one));
    }
  }
  return found;
}

Outcome<fs::path> CarrierLibrary::locate(std::string_view name) const {
  if (name.find('/') != std::string_view::npos) return fs::path(name);
  const std::string file = std::string(kPrefix) + std::string(name) + std::string(kSuffix);
  std::string looked;
  for (const fs::path& folder : folders(search_)) {
    std::error_code error;
    if (fs::exists(folder / file, error)) return folder / file;
    looked += (looked.empty() ? "" : ", ") + folder.string();
  }
  return Failure{make_error_code(Errc::kCarrierNotFound),
                 "there is no carrier \"" + std::string(name) + "\": no " + file +
                     (looked.empty() ? ", and no folder to look in" : " in " + looked)};
}

Outcome<Carrier> CarrierLibrary::open(const CarrierSpec& spec) const {
  const auto file = locate(spec.name);
  if (!file) return file.error();
  auto plugin = Plugin::load(*file);
  if (!plugin) return plugin.error();
  const bool by_path = spec.name.find('/') != std::string::npos;
  const std::string& name = (*plugin)->info().name;
  if (!by_path && name != spec.name) {
    return Failure{make_error_code(Errc::kCarrierBroken), file->string() + ": its name is \"" + name + "\""};
  }
  auto instance = Carrier::Instance::open(std::move(*plugin), services_, spec.options);
  if (!instance) return instance.error();
  return Carrier(std::move(*instance));
}

}  // namespace quicket
