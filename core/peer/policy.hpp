#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/identity.hpp>

#include "core/peer/link_options.hpp"
#include "core/quic/connection.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace quicket {

// JudgeNewPeer says whether somebody who need not be known may be paired with.
using JudgeNewPeer = std::function<Outcome<>(const PeerId&)>;

// PeerCheck is whom a link expects, and whom it saw in the handshake.
struct PeerCheck {
  std::optional<PeerId> expected;  // nothing: whom `welcomes` lets in, who then has to prove what a pairing offer holds
  JudgeNewPeer welcomes{};
  std::optional<PeerId> seen{};
  std::optional<Failure> refusal{};  // what `welcomes` said

  // verify_with refuses every certificate but that of the expected key, and notes the key it saw.
  static quic::Verify verify_with(std::shared_ptr<PeerCheck> check);
};

// link_policy is what dialers and accepters hand to quic::Connection. `key` is as in Link.
// Errors: errc::invalid_argument (protocols, see LinkOptions), or no memory.
Result<quic::Policy> link_policy(quic::Role role, const Identity& own, const Identity& key, ByteView reset_secret,
                                 const std::shared_ptr<PeerCheck>& check, const LinkOptions& options);

}  // namespace quicket
