#include "core/identity/proof.hpp"

namespace quicket {

namespace {
constexpr std::string_view kContext = "quicket register 1";
}  // namespace

Bytes registration_proof_message(ByteView exporter, ByteView key, ByteView session) {
  Bytes message;
  for (const ByteView part : {as_bytes(kContext), exporter, key, session})
    message.insert(message.end(), part.begin(), part.end());
  return message;
}

std::array<std::byte, 64> registration_proof(const Identity& key, ByteView exporter, ByteView session) {
  return key.sign(registration_proof_message(exporter, key.id().key(), session));
}

bool registration_proof_holds(ByteView key, ByteView exporter, ByteView session, ByteView proof) {
  const auto holder = PeerId::from_key(key);
  return holder.has_value() && exporter.size() == kRegisterExporterSize &&
         verify(holder->key(), registration_proof_message(exporter, key, session), proof);
}

}  // namespace quicket
