// Initial packets and the frozen dialer's filter. The input is what is inside the packet, for nothing gets past its
// authentication otherwise: sizes, flags, a place to damage, then frames. What an offer makes of it is checked too.
#include "core/offer/flight.hpp"
#include "core/quic/cursor.hpp"
#include "core/quic/initial.hpp"
#include "core/quic/initial_filter.hpp"
#include "core/quic/initial_frames.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace quicket::quic {
namespace {

constexpr std::size_t kMostFrames = 1400;  // bytes

void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

void check_frames(ByteView payload) {
  const auto frames = scan_initial_frames(payload);
  if (!frames) return;
  FUZZ_CHECK(frames->trailing_padding <= payload.size() && frames->crypto.size() <= payload.size());
  std::size_t carried = 0;
  for (const CryptoData& crypto : frames->crypto) carried += crypto.data.size();
  FUZZ_CHECK(carried + frames->trailing_padding <= payload.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Cursor input(byte_view(data, size));
  const std::uint8_t flags = input.octet();  // reserved bits and size of the packet number, token, direction, padding
  const auto damage = static_cast<std::size_t>(input.number(2));
  const FrozenDial dial{.first_id = *ConnectionId::from(Bytes(12, std::byte{7})),
                        .original_id = *ConnectionId::from(Bytes(8, std::byte{9}))};
  const bool to_client = (flags & 0x20) != 0, padded = (flags & 0x40) != 0;
  const Role sender = to_client ? Role::kServer : Role::kClient;
  const Bytes source(input.octet() % 21, std::byte{input.octet()});
  const std::size_t token = (flags & 0x10) != 0 ? 5 : 0, number_size = (flags & 3) + 1;
  const ByteView rest = input.take(input.left());
  Bytes frames = to_bytes(rest.first(std::min(rest.size(), kMostFrames)));
  check_frames(frames);
  const ConnectionId& destination = to_client ? dial.first_id : dial.original_id;
  const std::size_t head = 1 + 4 + 1 + destination.length() + 1 + source.size() + 1 + token + 2 + number_size;
  if (padded) frames.resize(std::max(frames.size(), kMinFlightDatagram - head - kAeadTag));

  Bytes packet{std::byte(0xc0 | (flags & 0x0f)), {}, {}, {}, std::byte{1}, std::byte(destination.length())};
  append(packet, destination.bytes());
  packet.push_back(std::byte(source.size()));
  append(packet, source);
  packet.push_back(std::byte(token));
  packet.resize(packet.size() + token, std::byte{3});
  const std::size_t length = number_size + frames.size() + kAeadTag;
  append(packet, Bytes{std::byte(0x40 | length >> 8), std::byte(length)});
  packet.resize(packet.size() + number_size, std::byte{1});
  append(packet, frames);

  auto datagram = protect_initial(packet, dial.original_id, sender);
  if (!datagram) return FUZZ_CHECK(length < 20), 0;  // too short to protect
  const auto opened = unprotect_initial(*datagram, dial.original_id, sender);
  FUZZ_CHECK(opened && opened->bytes == packet && std::ranges::equal(opened->frames(), frames));
  const FrozenVerdict verdict = judge_while_frozen(*datagram, dial);
  const bool plain = to_client && token == 0 && (flags & 0x0c) == 0;
  FUZZ_CHECK(plain || verdict == FrozenVerdict::kOther);
  FUZZ_CHECK(verdict != FrozenVerdict::kFeed || (source.size() == 12 && source[0] < std::byte{0x80}));

  if (datagram->size() >= kMinFlightDatagram && datagram->size() <= kMaxFlightDatagram) {
    const auto expanded = expand_datagram(compact_datagram(*datagram));
    FUZZ_CHECK(expanded && *expanded == *datagram);
  }
  (*datagram)[damage % datagram->size()] ^= std::byte(1 << damage % 8);
  FUZZ_CHECK(judge_while_frozen(*datagram, dial) == FrozenVerdict::kOther);
  return 0;
}

}  // namespace quicket::quic
