#include "core/cid/header.hpp"

namespace quicket {

namespace {

constexpr std::byte kLongForm{0x80};  // RFC 8999 section 5.1
constexpr std::byte kFixedBit{0x40};  // RFC 9000 section 17.2
constexpr std::byte kTypeMask{0x30};
constexpr std::uint32_t kVersion1 = 1;

// Cursor takes bytes off the front of a datagram.
class Cursor {
 public:
  explicit Cursor(ByteView left) noexcept : left_(left) {}

  // take gives the next `size` bytes; nullopt when there are fewer.
  std::optional<ByteView> take(std::size_t size) noexcept {
    if (left_.size() < size) return std::nullopt;
    const ByteView taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }

  std::optional<ConnectionId> take_id(std::size_t length) noexcept {
    const auto bytes = take(length);
    return bytes ? ConnectionId::from(*bytes) : std::nullopt;
  }

  // take_id reads a length byte and that many bytes.
  std::optional<ConnectionId> take_id() noexcept {
    const auto length = take(1);
    return length ? take_id(std::to_integer<std::size_t>(length->front())) : std::nullopt;
  }

 private:
  ByteView left_;
};

}  // namespace

std::optional<PacketHeader> parse_header(ByteView datagram, std::size_t short_length) noexcept {
  Cursor cursor(datagram);
  const auto first = cursor.take(1);
  if (!first) return std::nullopt;
  const std::byte flags = first->front();

  PacketHeader header;
  header.fixed_bit = (flags & kFixedBit) != std::byte{0};
  if ((flags & kLongForm) == std::byte{0}) {
    const auto destination = cursor.take_id(short_length);
    if (!destination) return std::nullopt;
    header.destination = *destination;
    return header;
  }

  header.form = HeaderForm::kLong;
  const auto version = cursor.take(4);
  if (!version) return std::nullopt;
  for (const std::byte b : *version) header.version = header.version << 8 | std::to_integer<std::uint32_t>(b);
  if (header.version == kVersion1) header.long_type = static_cast<LongType>((flags & kTypeMask) >> 4);
  const auto destination = cursor.take_id();
  const auto source = cursor.take_id();
  if (!destination || !source) return std::nullopt;
  header.destination = *destination;
  header.source = *source;
  return header;
}

}  // namespace quicket
