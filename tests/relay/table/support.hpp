#pragma once

#include "core/base/quota_address.hpp"
#include "core/cid/schedule.hpp"
#include "relay/table/route_table.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace quicket::relay {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1h};

inline Address address(std::string_view text) { return Address::parse(text).value(); }

// The relay and some of its clients.
inline const Address kRelay = address("203.0.113.1:4433");
inline const Address kAlice = address("192.0.2.1:1111");
inline const Address kBob = address("198.51.100.2:2222");
inline const Address kMallory = address("192.0.2.66:6666");

inline AddressPair from(const Address& remote) { return {.local = kRelay, .remote = remote}; }

// proven_key and bearer_key give a different key for each number.
inline RegistrationKey key_of_size(std::size_t size, std::uint32_t number) {
  Bytes bytes(size, std::byte{0x5a});
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = std::byte(number >> (8 * i));
  return RegistrationKey::from(bytes).value();
}
inline RegistrationKey proven_key(std::uint32_t number) { return key_of_size(32, number); }
inline RegistrationKey bearer_key(std::uint32_t number) { return key_of_size(16, number); }

inline SessionId session(std::uint32_t number) {
  SessionId id{};
  for (std::size_t i = 0; i < 4; ++i) id[i] = std::byte(number >> (8 * i));
  return id;
}

// window asks for 64 connection IDs as a client at `remote` would.
inline WindowRequest window(const RegistrationKey& key, const Address& remote,
                            std::optional<SessionId> in = std::nullopt) {
  WindowRequest request{.key = key};
  request.proven = !key.is_bearer();
  request.num = 64;
  request.session = in;
  request.target = from(remote);
  request.quota_address = quota_address(remote);
  return request;
}

inline WindowRequest with_range(WindowRequest request, std::uint32_t first, std::uint32_t num) {
  request.first = first;
  request.num = num;
  return request;
}

inline ConnectionId id_of(const RegistrationKey& key, std::uint32_t counter) {
  return Schedule::create(key.bytes(), Owner::kPeer).value().at(counter);
}

// small_limits keeps a test's tables small; the rates and times are the defaults.
inline Limits small_limits() {
  Limits limits;
  limits.registrations = 64;
  limits.ids = 16'384;
  limits.sessions = 64;
  return limits;
}

// refusal is why a request was refused; nullopt when it was granted.
inline std::optional<Refusal> refusal(const boost::system::result<Grant, Refused>& result) {
  if (result) return std::nullopt;
  return result.error().reason;
}

}  // namespace quicket::relay
