#pragma once

#include <quicket/address.hpp>

#include <array>
#include <cstddef>
#include <optional>

namespace quicket::quic {

// AnswerBudget keeps a server from sending an address more bytes than came from there until the address is validated,
// so that whoever forges a source floods nobody by it. (RFC 9000 section 8 allows three times as many.) It knows the
// last two validated addresses, for a client that moves, and one that is not: the latest. What others had left is lost.
class AnswerBudget {
 public:
  void received(const Address& from, std::size_t bytes);
  void validated(const Address& address);

  // room is how long a datagram may be now, in bytes: bounded where the last one came from a claimed address.
  std::size_t room() const noexcept;
  // take says whether a datagram may go there, and counts it.
  bool take(const Address& to, std::size_t bytes);

 private:
  bool is_validated(const Address& address) const noexcept;

  std::array<std::optional<Address>, 2> validated_;  // the newer one first
  std::optional<Address> claimed_;
  std::size_t left_ = 0;  // bytes that may go to claimed_
  bool claimed_is_latest_ = false;
};

}  // namespace quicket::quic
