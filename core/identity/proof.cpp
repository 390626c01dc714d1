#include "core/identity/proof.hpp"

namespace quicket {

namespace {
constexpr std::string_view kRegisterContext = "quicket register 1", kMailboxContext = "quicket mailbox 1";

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes message;
  for (const ByteView part : parts) message.insert(message.end(), part.begin(), part.end());
  return message;
}
}  // namespace

Bytes registration_proof_message(ByteView exporter, ByteView key, ByteView session) {
  return joined({as_bytes(kRegisterContext), exporter, key, session});
}

std::array<std::byte, 64> registration_proof(const Identity& key, ByteView exporter, ByteView session) {
  return key.sign(registration_proof_message(exporter, key.id().key(), session));
}

bool registration_proof_holds(ByteView key, ByteView exporter, ByteView session, ByteView proof) {
  const auto holder = PeerId::from_key(key);
  return holder.has_value() && exporter.size() == kProofExporterSize &&
         verify(holder->key(), registration_proof_message(exporter, key, session), proof);
}

std::array<std::byte, 64> mailbox_proof(const Identity& peer, ByteView exporter) {
  return peer.sign(joined({as_bytes(kMailboxContext), exporter, peer.id().key()}));
}

bool mailbox_proof_holds(const PeerId& peer, ByteView exporter, ByteView proof) {
  return exporter.size() == kProofExporterSize &&
         verify(peer.key(), joined({as_bytes(kMailboxContext), exporter, peer.key()}), proof);
}

}  // namespace quicket
