#pragma once

#include <quicket/bytes.hpp>
#include <quicket/identity.hpp>

#include <array>
#include <string_view>

namespace quicket {

// A registration proof shows a relay that the registrant holds the private half of its CID key: an Ed25519 signature
// over "quicket register 1", a TLS exporter of the connection, the key and the session (docs/protocol.md
// "Registration"). The exporter binds it to one connection, so that a relay cannot use it at another.

// kRegisterExporterLabel and kRegisterExporterSize: the TLS exporter is taken once per connection, with an empty
// context.
constexpr std::string_view kRegisterExporterLabel = "EXPORTER-quicket-register";
constexpr std::size_t kRegisterExporterSize = 32;  // bytes

// registration_proof_message is what is signed. `session` is empty where there is none.
Bytes registration_proof_message(ByteView exporter, ByteView key, ByteView session);

// registration_proof signs with the key pair made for this registration, whose public half is the CID key.
std::array<std::byte, 64> registration_proof(const Identity& key, ByteView exporter, ByteView session);

// registration_proof_holds is the relay's check. Total: false for a key, an exporter or a proof of the wrong size.
bool registration_proof_holds(ByteView key, ByteView exporter, ByteView session, ByteView proof);

}  // namespace quicket
