#pragma once

#include <quicket/error.hpp>

#include "core/cid/connection_id.hpp"

#include <cstdint>

namespace quicket {

// Owner says whose IDs a schedule makes; it decides the top bit, by which the relay tells them apart.
enum class Owner { kPeer, kHttp3 };

// Schedule derives the connection IDs of one QUIC connection from its key (docs/protocol.md "Connection IDs"):
//   id(counter) = BLAKE2b(key, length bytes out, message = counter as big-endian 32 bits), counter from 1.
// Whoever knows the key can compute every ID, past and future: the relay must, nobody else should.
class Schedule {
 public:
  static constexpr std::size_t kMinKey = 16, kMaxKey = 64, kMinLength = 8;

  // create checks the key (16..64 bytes) and the ID length (8..20 bytes).
  // Errors: errc::invalid_argument.
  static Result<Schedule> create(ByteView key, Owner owner, std::size_t length = ConnectionId::kDefaultLength);

  // at returns the ID with this counter; `counter` must not be 0.
  ConnectionId at(std::uint32_t counter) const;

  // next returns the first ID not handed out yet.
  ConnectionId next() { return at(++issued_); }

  // issued counts the IDs handed out by next().
  std::uint32_t issued() const noexcept { return issued_; }

  std::size_t length() const noexcept { return length_; }
  ByteView key() const noexcept { return key_; }

 private:
  Schedule(ByteView key, Owner owner, std::size_t length);

  Bytes key_;
  Owner owner_;
  std::size_t length_;
  std::uint32_t issued_ = 0;
};

}  // namespace quicket
