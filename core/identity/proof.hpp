#pragma once

#include <quicket/bytes.hpp>
#include <quicket/identity.hpp>

#include <array>
#include <string_view>

namespace quicket {

// A registration proof shows a relay that the registrant holds the private half of its CID key: an Ed25519 signature
// over "quicket register 1", a TLS exporter of the connection, the key and the session (docs/protocol.md
// "Registration"). The exporter binds it to one connection, so that a relay cannot use it at another.

// kRegisterExporterLabel and kProofExporterSize: the TLS exporter is taken once per connection, with an empty
// context.
constexpr std::string_view kRegisterExporterLabel = "EXPORTER-quicket-register";
constexpr std::size_t kProofExporterSize = 32;  // bytes

// registration_proof_message is what is signed. `session` is empty where there is none.
Bytes registration_proof_message(ByteView exporter, ByteView key, ByteView session);

// registration_proof signs with the key pair made for this registration, whose public half is the CID key.
std::array<std::byte, 64> registration_proof(const Identity& key, ByteView exporter, ByteView session);

// registration_proof_holds is the relay's check. Total: false for a key, an exporter or a proof of the wrong size.
bool registration_proof_holds(ByteView key, ByteView exporter, ByteView session, ByteView proof);

// A mailbox proof shows a relay that its client is the peer whose mailbox it asks for: the peer's signature over
// "quicket mailbox 1", a TLS exporter of the connection and the peer's key (docs/protocol.md "Mailbox").
constexpr std::string_view kMailboxExporterLabel = "EXPORTER-quicket-mailbox";

std::array<std::byte, 64> mailbox_proof(const Identity& peer, ByteView exporter);
// mailbox_proof_holds is the relay's check. Total, like registration_proof_holds().
bool mailbox_proof_holds(const PeerId& peer, ByteView exporter, ByteView proof);

}  // namespace quicket
