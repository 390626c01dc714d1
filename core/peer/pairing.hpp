#pragma once

#include <quicket/bytes.hpp>

#include "core/base/hash.hpp"
#include "core/quic/types.hpp"

#include <string_view>
#include <utility>

namespace quicket {

// What both sides of a first contact take from their TLS session for the proofs (RFC 8446 section 7.5).
constexpr std::string_view kPairingExporterLabel = "EXPORTER-quicket-pair";
constexpr std::size_t kPairingExporterSize = 32;

// pairing_proof is how the side of this role shows, in this TLS session and no other, that it has the pairing offer
// (docs/protocol.md "First contact").
Sha256 pairing_proof(ByteView secret, quic::Role prover, ByteView exporter);

// Pairing is one side's knowledge of a pairing offer's secret, good for one proof by the other side.
class Pairing {
 public:
  // `own` is this side's role.
  Pairing(Bytes secret, quic::Role own) : secret_(std::move(secret)), own_(own) {}
  Pairing(Pairing&&) = default;
  Pairing& operator=(Pairing&&) = delete;
  ~Pairing() { wipe(secret_); }

  Sha256 proof(ByteView exporter) const { return pairing_proof(secret_, own_, exporter); }
  // take says whether the other side's proof is right. The secret is gone then, either way. Constant time.
  bool take(ByteView proof, ByteView exporter) &&;

 private:
  Bytes secret_;
  quic::Role own_;
};

}  // namespace quicket
