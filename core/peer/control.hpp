#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include "core/offer/offer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quicket {

// Hello opens the conversation of two peers (Hello in proto/quicket/v1/control.proto).
struct Hello {
  static constexpr std::uint32_t kVersion = 1;
  static constexpr std::size_t kMaxProtocols = 16, kMaxProtocol = 255;

  std::uint32_t version = kVersion;
  std::vector<std::string> protocols;
  std::vector<Candidate> candidates;
  Bytes pairing_proof;
};

constexpr std::size_t kMaxControlMessage = 16 * 1024;  // bytes, without its length

// encode_hello frames a HELLO as it goes on the control stream: varint length (RFC 9000 section 16), then the
// ControlMessage.
Bytes encode_hello(const Hello& hello);

// ControlReader reads the other side's control stream. Total.
class ControlReader {
 public:
  // feed takes the stream's next bytes and gives the HELLO when they complete it.
  // Errors: kProtocolViolation: a message that is malformed or over the limit, or is not HELLO first, or HELLO again.
  Result<std::optional<Hello>> feed(ByteView bytes);

 private:
  Bytes pending_;
  bool greeted_ = false;
};

// choose_protocol takes the first of the dialer's that the accepter has; nullopt: none.
std::optional<std::string> choose_protocol(const std::vector<std::string>& dialer,
                                           const std::vector<std::string>& accepter);

}  // namespace quicket
