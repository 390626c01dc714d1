#include "core/offer/flight.hpp"

#include "core/quic/initial.hpp"
#include "core/quic/initial_frames.hpp"

#include <algorithm>
#include <optional>

namespace quicket {

namespace {

bool has_flight_size(std::size_t size) { return size >= kMinFlightDatagram && size <= kMaxFlightDatagram; }

Result<CompactDatagram> strip(ByteView datagram) {
  const auto header = quic::parse_initial_header(datagram);
  if (!header) return Errc::kOfferMalformed;
  auto packet = quic::unprotect_initial(datagram, header->destination, quic::Role::kClient);
  if (!packet || packet->size() != datagram.size()) return Errc::kOfferMalformed;
  const auto frames = quic::scan_initial_frames(packet->frames());
  if (!frames) return Errc::kOfferMalformed;
  packet->bytes.resize(packet->bytes.size() - frames->trailing_padding);
  return CompactDatagram{.packet = std::move(packet->bytes), .size = datagram.size()};
}

}  // namespace

CompactDatagram compact_datagram(ByteView datagram) {
  if (auto compact = strip(datagram)) {
    const auto again = expand_datagram(*compact);
    if (again && std::ranges::equal(*again, datagram)) return *std::move(compact);
  }
  return {.packet = to_bytes(datagram), .size = 0};
}

Result<Bytes> expand_datagram(const CompactDatagram& compact) {
  if (compact.size == 0) {
    if (!has_flight_size(compact.packet.size())) return Errc::kOfferMalformed;
    return compact.packet;
  }
  const auto header = quic::parse_initial_header(compact.packet);
  if (!header || !has_flight_size(compact.size) || compact.packet.size() + quic::kAeadTag > compact.size) {
    return Errc::kOfferMalformed;
  }
  Bytes packet = compact.packet;
  packet.resize(compact.size - quic::kAeadTag);  // PADDING frames are zeros
  auto datagram = quic::protect_initial(packet, header->destination, quic::Role::kClient);
  if (!datagram) return Errc::kOfferMalformed;
  return datagram;
}

Result<void> check_flight(const std::vector<Bytes>& flight) {
  std::optional<quic::InitialHeader> first;
  for (const Bytes& datagram : flight) {
    const auto header = quic::parse_initial_header(datagram);
    if (!header || !has_flight_size(datagram.size())) return Errc::kOfferMalformed;
    if (!first) first = header;
    if (header->destination != first->destination || header->source != first->source) return Errc::kOfferMalformed;
  }
  return {};
}

}  // namespace quicket
