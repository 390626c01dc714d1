#include "core/peer/policy.hpp"

#include "core/peer/control.hpp"

#include <algorithm>
#include <utility>

namespace quicket {

quic::Verify PeerCheck::verify_with(std::shared_ptr<PeerCheck> check) {
  return [check = std::move(check)](const quic::PeerCertificate& certificate) -> Result<void> {
    const auto key = certificate.ed25519();
    if (!key) return Errc::kHandshakeFailed;
    check->seen = PeerId(*key);
    if (check->expected) return check->seen == check->expected ? Result<void>() : Errc::kPeerKeyMismatch;
    const auto welcome = check->welcomes(*check->seen);
    if (welcome) return {};
    check->refusal = welcome.error();
    return check->refusal->code;
  };
}

Result<quic::Policy> link_policy(quic::Role role, const Identity& own, const Identity& key, ByteView reset_secret,
                                 const std::shared_ptr<PeerCheck>& check, const LinkOptions& options) {
  const bool some = !options.protocols.empty() && options.protocols.size() <= Hello::kMaxProtocols;
  const bool fit = std::ranges::all_of(
      options.protocols, [](const std::string& p) { return !p.empty() && p.size() <= Hello::kMaxProtocol; });
  if (!some || !fit) return make_error_code(boost::system::errc::invalid_argument);
  auto schedule = Schedule::create(key.id().key(), Owner::kPeer);
  if (!schedule) return schedule.error();
  auto credentials = quic::Credentials::from_ed25519(own.seed());
  if (!credentials) return credentials.error();
  return quic::Policy{
      .role = role,
      .cids = std::move(*schedule),
      .tls = {.own = *credentials, .verify = PeerCheck::verify_with(check), .alpn = {"quicket/1"}, .server_name = {}},
      .reset_secret = to_bytes(reset_secret),
      .idle_timeout = options.idle_timeout,
      .handshake_timeout = options.handshake_timeout,
      .keep_alive = options.keep_alive,
      .bbr = options.bbr,
      .qlog = options.qlog,
      .key_log = options.key_log,
  };
}

}  // namespace quicket
