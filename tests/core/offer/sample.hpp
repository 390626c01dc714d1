#pragma once

#include "core/offer/offer.hpp"

#include <quicket/identity.hpp>

#include <random>

namespace quicket {

using Random = std::mt19937;

Bytes random_bytes(Random& random, std::size_t size);

Identity random_identity(Random& random);

// sample_flight is the first flight of a real connection between peers, as the QUIC stack writes it.
std::vector<Bytes> sample_flight(Random& random);

Address random_v4(Random& random, std::uint16_t port);
Address random_v6(Random& random, std::uint16_t port);

// sample_offer has a flight, `relays` relays at IPv4 addresses with pins, and what its kind needs; no candidates.
Offer sample_offer(Random& random, OfferKind kind, std::size_t relays = 1);

constexpr UnixTime kSampleTime{std::chrono::seconds(1'780'000'000)};

}  // namespace quicket
