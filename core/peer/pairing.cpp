#include "core/peer/pairing.hpp"

namespace quicket {

namespace {

// Each side's proof begins with another byte, so that neither can be sent back as the other.
constexpr std::byte kDialersProof{1}, kAcceptersProof{2};

}  // namespace

Sha256 pairing_proof(ByteView secret, quic::Role prover, ByteView exporter) {
  Bytes message{prover == quic::Role::kClient ? kDialersProof : kAcceptersProof};
  message.insert(message.end(), exporter.begin(), exporter.end());
  return hmac_sha256(secret, message);
}

bool Pairing::take(ByteView proof, ByteView exporter) && {
  const quic::Role other = own_ == quic::Role::kClient ? quic::Role::kServer : quic::Role::kClient;
  if (secret_.empty()) return false;
  const bool is_right = equal_in_constant_time(proof, pairing_proof(secret_, other, exporter));
  wipe(secret_);
  secret_.clear();
  return is_right;
}

}  // namespace quicket
