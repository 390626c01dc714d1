#pragma once

#include <quicket/address.hpp>

#include "relay/table/key.hpp"

#include <array>
#include <cstddef>

namespace quicket::relay {

// KeyedHash is SipHash-2-4 under a random key, for tables whose keys clients choose.
class KeyedHash {
 public:
  using is_avalanching = void;

  // KeyedHash draws a fresh key.
  KeyedHash();

  std::size_t operator()(ByteView bytes) const noexcept;
  std::size_t operator()(const RegistrationKey& key) const noexcept { return (*this)(key.bytes()); }
  std::size_t operator()(const SessionId& id) const noexcept { return (*this)(ByteView(id)); }
  std::size_t operator()(const Address& address) const noexcept;

 private:
  std::array<std::byte, 16> key_;
};

}  // namespace quicket::relay
