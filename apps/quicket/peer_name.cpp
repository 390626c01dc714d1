#include "apps/quicket/peer_name.hpp"

#include "apps/options/text.hpp"

namespace quicket::cli {

namespace {

constexpr std::size_t kMaxListed = 12;  // names in one message

std::string trusted_names(const TrustStore& trust) {
  std::string names;
  for (std::size_t i = 0; i < trust.peers().size(); ++i) {
    if (i == kMaxListed) return names + ", ...";
    names += (names.empty() ? "" : ", ") + trust.peers()[i].name;
  }
  return names.empty() ? "nobody" : names;
}

bool looks_like_an_id(std::string_view text) { return text.starts_with("qk1") || text.starts_with("QK1"); }

}  // namespace

NamedPeer named(const PeerId& id, const TrustStore& trust) {
  const auto name = trust.name_of(id);
  return {id, name.value_or(id.short_string()), name.has_value()};
}

Checked<NamedPeer> find_peer(std::string_view name_or_id, const TrustStore& trust) {
  if (looks_like_an_id(name_or_id)) {
    const auto id = PeerId::parse(name_or_id);
    if (!id) return usage_problem("\"" + apps::printable(name_or_id) + "\": " + id.error().message());
    return named(*id, trust);
  }
  if (const auto id = trust.find(name_or_id)) return named(*id, trust);
  return unknown_peer(name_or_id, trust);
}

Problem unknown_peer(std::string_view name, const TrustStore& trust) {
  if (name.empty()) return usage_problem("a peer's name is needed, not \"\" (trusted: " + trusted_names(trust) + ")");
  const std::string shown = apps::printable(name);
  return usage_problem("no peer named \"" + shown + "\" (trusted: " + trusted_names(trust) +
                       "). Add one with: quicket trust add " + shown + " PEER-ID");
}

}  // namespace quicket::cli
