#pragma once

#include <quicket/peer_id.hpp>
#include <quicket/trust.hpp>

#include <string>
#include <string_view>

#include "apps/quicket/errors.hpp"

namespace quicket::cli {

// NamedPeer is a peer, and what to call it in messages: its trusted name, or its short id.
struct NamedPeer {
  PeerId id;
  std::string name;
  bool trusted = false;
};

// named looks a peer's name up.
NamedPeer named(const PeerId& id, const TrustStore& trust);
// find_peer takes a trusted name or a whole peer id, trusted or not. Errors: kUsage.
Checked<NamedPeer> find_peer(std::string_view name_or_id, const TrustStore& trust);
// unknown_peer says that nobody has this name, and who is there.
Problem unknown_peer(std::string_view name, const TrustStore& trust);

}  // namespace quicket::cli
