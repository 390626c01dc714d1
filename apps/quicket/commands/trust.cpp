#include <algorithm>

#include "apps/options/text.hpp"
#include "apps/quicket/command.hpp"
#include "apps/quicket/peer_name.hpp"

namespace quicket::cli {

namespace {

namespace errc = boost::system::errc;

constexpr std::size_t kMaxNameColumn = 24;

// why_not explains what add_trusted() refused.
Problem why_not(const error_code& code, const std::string& name, const PeerId& id, const TrustStore& store,
                const std::string& file) {
  if (code == errc::invalid_argument) {
    return usage_problem(
        "\"" + apps::printable(name) +
        "\" is no name for a peer: 1 to 64 of A-Z a-z 0-9 . _ - and neither a '-' or '.' nor \"qk1\" in front");
  }
  if (code == errc::file_exists) {
    if (const auto other = store.name_of(id)) {
      return usage_problem(id.short_string() + " is trusted already, as \"" + *other +
                           "\". To rename it: quicket trust remove " + *other);
    }
    const auto other = store.find(name);
    return usage_problem("\"" + name + "\" is another key already" + (other ? ", " + other->short_string() : "") +
                         ". If that one is no longer right: quicket trust remove " + name);
  }
  return problem_of(code, file);
}

}  // namespace

Checked<> run_trust_add(Context& context) {
  const std::string& name = context.arguments[0];
  const auto id = PeerId::parse(context.arguments[1]);
  if (!id) return Problem{Exit::kUsage, "\"" + apps::printable(context.arguments[1]) + "\": " + id.error().message()};
  const auto file = context.places.trusted_peers();
  if (!file) return file.error();
  auto before = trust_of(context);
  if (!before) return before.error();
  if (const auto added = add_trusted(*file, name, *id); !added)
    return why_not(added.error(), name, *id, *before, file->string());
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
