#include "apps/quicket/context.hpp"

#include "apps/quicket/relay_list.hpp"

namespace quicket::cli {

namespace fs = std::filesystem;

Checked<Identity> identity_of(Context& context) {
  fs::path file;
  if (const auto given = context.settings.text("identity")) {
    file = *given;
  } else {
    const auto usual = context.places.identity();
    if (!usual) return usual.error();
    file = *usual;
  }
  std::error_code ignored;
  const bool existed = fs::exists(file, ignored);
  const auto identity = Identity::load_or_create(file);
  if (!identity) {
    Problem problem = problem_of(identity.error(), file.string());
    if (identity.error() == Errc::kKeyFileExposed)
      problem.message += ". Make it yours alone with: chmod 600 " + file.string();
    return problem;
  }
  if (!existed) {
    context.output.tell("identity", "key", "a new one, kept in " + file.string(),
                        {{"file", file.string()}, {"id", identity->id().to_string()}});
  }
  return *identity;
}

Checked<TrustStore> trust_of(const Context& context) {
  const auto file = context.places.trusted_peers();
  if (!file) return file.error();
  std::size_t bad_line = 0;
  auto store = TrustStore::load(*file, &bad_line);
  if (store) return std::move(*store);
  std::string about = file->string();
  if (bad_line != 0) about += ", line " + std::to_string(bad_line);
  return own_file_problem(store.error(), about);
}

Checked<std::vector<RelayUrl>> relays_of(const Context& context) {
  if (context.settings.is_given("relay")) {
    std::vector<RelayUrl> relays;
    for (const std::string& text : context.settings.list("relay")) {
      const auto url = RelayUrl::parse(text);
      if (!url) return context.settings.complain("relay", "\"" + text + "\": " + url.error().message());
      relays.push_back(*url);
    }
    return relays;
  }
  const auto file = context.places.relays();
  if (!file) return file.error();
  const auto list = load_relays(*file);
  if (!list) return list.error();
  return list->urls();
}

CarrierSearch carrier_search(const Context& context) {
  CarrierSearch search;
  const auto append = [&search](const std::string& folders) {
    if (!search.plugin_path.empty()) search.plugin_path += ':';
    search.plugin_path += folders;
  };
  for (const std::string& folders : context.settings.list("carrier-path")) append(folders);
  if (const fs::path beside = carriers_beside(); !beside.empty()) append(beside.string());
  search.install_dir = QUICKET_CARRIERS_INSTALLED;
  return search;
}

fs::path carriers_beside() {
  const fs::path program = this_program();
  return program.empty() ? fs::path() : program.parent_path().parent_path() / QUICKET_CARRIERS_BESIDE;
}

fs::path this_program() {
  std::error_code error;
  fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : program;
}

}  // namespace quicket::cli
