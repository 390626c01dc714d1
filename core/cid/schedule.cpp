#include "core/cid/schedule.hpp"

#include <blake2.h>

#include <boost/assert.hpp>

#include <array>

namespace quicket {

namespace {
constexpr std::byte kTopBit{0x80};
}  // namespace

Result<Schedule> Schedule::create(ByteView key, Owner owner, std::size_t length) {
  static_assert(kMaxKey == BLAKE2B_KEYBYTES);
  const bool key_fits = key.size() >= kMinKey && key.size() <= kMaxKey;
  const bool length_fits = length >= kMinLength && length <= ConnectionId::kMaxLength;
  if (!key_fits || !length_fits) return make_error_code(boost::system::errc::invalid_argument);
  return Schedule(key, owner, length);
}

Schedule::Schedule(ByteView key, Owner owner, std::size_t length)
    : key_(key.begin(), key.end()), owner_(owner), length_(length) {}

ConnectionId Schedule::at(std::uint32_t counter) const {
  BOOST_ASSERT(counter != 0);
  const std::array<std::uint8_t, 4> message{
      static_cast<std::uint8_t>(counter >> 24), static_cast<std::uint8_t>(counter >> 16),
      static_cast<std::uint8_t>(counter >> 8), static_cast<std::uint8_t>(counter)};
  std::array<std::byte, ConnectionId::kMaxLength> digest{};
  // Only lengths can make it fail, and create() checked them.
  BOOST_VERIFY(
      blake2b(octets(MutableByteView(digest)), message.data(), key_.data(), length_, message.size(), key_.size()) == 0);

  if (owner_ == Owner::kPeer) digest[0] &= ~kTopBit;
  if (owner_ == Owner::kHttp3) digest[0] |= kTopBit;
  return *ConnectionId::from(ByteView(digest).first(length_));
}

}  // namespace quicket
