#include "core/carrier/plugin.hpp"

#include <dlfcn.h>

#include "core/carrier/foreign.hpp"

namespace quicket {

namespace {

Failure broken(const std::filesystem::path& file, const std::string& why) {
  return {make_error_code(Errc::kCarrierBroken), file.string() + ": " + why};
}

std::string loader_error() {
  const char* text = ::dlerror();
  return printable_text(text == nullptr ? "unknown error" : text, 500);
}

}  // namespace

Outcome<std::shared_ptr<const Plugin>> Plugin::load(const std::filesystem::path& file) {
  std::error_code error;
  const auto path =
      std::filesystem::absolute(file, error);  // a name without '/' would be looked for among the system's libraries
  if (error || !std::filesystem::exists(path, error)) {
    return Failure{make_error_code(Errc::kCarrierNotFound), file.string() + ": there is no such file"};
  }
  if (!std::filesystem::is_regular_file(path, error)) return broken(file, "it is not a file");
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return broken(file, "it cannot be loaded: " + loader_error());
  std::shared_ptr<Plugin> plugin(new Plugin(library));

  void* symbol = ::dlsym(library, QUICKET_CARRIER_SYMBOL);
  if (symbol == nullptr) return broken(file, "it is not a carrier: symbol " QUICKET_CARRIER_SYMBOL " is missing");
  const auto entry = reinterpret_cast<decltype(&quicket_carrier_v1)>(symbol);
  const auto threw = call_foreign([&] { plugin->table_ = entry(QUICKET_CARRIER_ABI_VERSION); });
  if (threw) return broken(file, *threw);
  auto info = check_table(plugin->table_);
  if (!info) return broken(file, info.error().detail);
  plugin->info_ = std::move(*info);
  plugin->info_.file = path;
  return std::shared_ptr<const Plugin>(std::move(plugin));
}

Plugin::~Plugin() { ::dlclose(library_); }

Outcome<CarrierInfo> probe_carrier(const std::filesystem::path& file) {
  const auto plugin = Plugin::load(file);
  if (!plugin) return plugin.error();
  return (*plugin)->info();
}

}  // namespace quicket
