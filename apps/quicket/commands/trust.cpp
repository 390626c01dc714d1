#include <algorithm>

#include "apps/options/text.hpp"
#include "apps/quicket/command.hpp"
#include "apps/quicket/peer_name.hpp"

namespace quicket::cli {

namespace {

constexpr std::size_t kMaxNameColumn = 24;

}  // namespace

Checked<> run_trust_add(Context& context) {
  const std::string& name = context.arguments[0];
  const auto id = PeerId::parse(context.arguments[1]);
  if (!id) return Problem{Exit::kUsage, "\"" + apps::printable(context.arguments[1]) + "\": " + id.error().message()};
  const auto file = context.places.trusted_peers();
  if (!file) return file.error();
  auto before = trust_of(context);
  if (!before) return before.error();
  if (const auto fits = before->check(name, *id); !fits)
    return usage_problem(TrustStore::is_name(name) ? fits.error().message()
                                                   : "\"" + apps::printable(name) + "\": " + fits.error().message());
  if (const auto added = add_trusted(*file, name, *id); !added) return problem_of(added.error(), file->string());
  const bool news = before->find(name) != *id;
  context.output.tell("trusted", "trusted", name + " = " + id->short_string() + (news ? "" : ", as before"),
                      {{"name", name}, {"id", id->to_string()}, {"new", news}});
  return {};
}

Checked<> run_trust_list(Context& context) {
  const auto store = trust_of(context);
  if (!store) return store.error();
  std::size_t column = 0;
  for (const TrustedPeer& peer : store->peers()) column = std::max(column, std::min(peer.name.size(), kMaxNameColumn));
  for (const TrustedPeer& peer : store->peers()) {
    std::string name = peer.name;
    name.resize(std::max(name.size(), column), ' ');
    context.output.result(name + "  " + peer.id.to_string(), {{"name", peer.name}, {"id", peer.id.to_string()}});
  }
  return {};
}

Checked<> run_trust_remove(Context& context) {
  const std::string& name = context.arguments[0];
  const auto file = context.places.trusted_peers();
  if (!file) return file.error();
  const auto removed = remove_trusted(*file, name);
  if (!removed && removed.error() == Errc::kPeerUnknown) {
    const auto store = trust_of(context);
    if (!store) return store.error();
    return unknown_peer(name, *store);
  }
  if (!removed) return problem_of(removed.error(), file->string());
  context.output.tell("removed", "removed", name, {{"name", name}});
  return {};
}

}  // namespace quicket::cli
