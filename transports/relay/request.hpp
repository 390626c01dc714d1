#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>

#include "transports/http3/message.hpp"
#include "transports/relay/session_id.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quicket::transports {

// IdWindow is a range of counters of a connection ID schedule: [first, first + num).
struct IdWindow {
  std::uint32_t first = 1;
  std::uint32_t num = 0;

  std::uint32_t end() const noexcept { return first + num; }
  friend bool operator==(const IdWindow&, const IdWindow&) = default;
};

// RequestFrame is what all requests to one relay share.
struct RequestFrame {
  std::string authority;
  std::string software;      // User-Agent; empty: none
  std::string bearer_token;  // Authorization; empty: none
};

// RegistrationProof is an Ed25519 signature (core/identity/proof.hpp).
using RegistrationProof = std::array<std::byte, 64>;

HttpRequest register_request(const RequestFrame& frame, const PeerId::Key& key, const RelaySessionId& session,
                             const IdWindow& window, const std::string& peer_token,
                             const std::optional<RegistrationProof>& proof);
HttpRequest release_request(const RequestFrame& frame, const PeerId::Key& key, const RelaySessionId& session,
                            const std::optional<RegistrationProof>& proof);
HttpRequest info_request(const RequestFrame& frame);
// framed adds what all requests share.
HttpRequest framed(const RequestFrame& frame, HttpRequest request);

// Grant is a relay's yes.
struct Grant {
  IdWindow window;  // part of what was asked for
  Address observed;
  std::vector<Address> public_addresses;  // at most kMaxPublicAddresses
  Duration lease{};                       // within kShortestLease and kLongestLease
  std::string peer_token;                 // at most kMaxPeerToken characters
};
constexpr std::size_t kMaxPublicAddresses = 4, kMaxPeerToken = 256;
constexpr Duration kShortestLease = std::chrono::seconds(4), kLongestLease = std::chrono::hours(24);

// Denial is a relay's no, or an answer that means nothing.
struct Denial {
  Failure why;
  bool final = false;                   // asking again is useless
  bool unproven = false;                // 403: a proof may help
  std::optional<Duration> retry_after;  // as the relay asks for it
};

// read_register_answer judges the answer to register_request() for the window `asked`. `relay` is the relay's name for
// messages. Total: any response gives one of both.
std::variant<Grant, Denial> read_register_answer(const HttpResponse& response, const IdWindow& asked,
                                                 const std::string& relay);

// read_info_answer gives the length of peers' connection IDs at the relay, in bytes; nullopt when it does not say.
// Total.
std::optional<std::size_t> read_info_answer(const HttpResponse& response);

// printable makes text from elsewhere fit for a message: ASCII without control characters, at most 200 of them.
std::string printable(std::string_view text);

}  // namespace quicket::transports
