#include "core/offer/flight.hpp"

#include "core/quic/initial.hpp"
#include "tests/core/offer/sample.hpp"
#include "tests/core/quic/initial_builder.hpp"

#include <gtest/gtest.h>

namespace quicket {
namespace {

constexpr int kFlights = 300;

Random seeded() {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  return Random(seed);
}

TEST(Flight, IsRebuiltByteForByte) {
  Random random = seeded();
  for (int round = 0; round < kFlights; ++round) {
    for (const Bytes& datagram : sample_flight(random)) {
      const CompactDatagram compact = compact_datagram(datagram);
      EXPECT_EQ(compact.size, datagram.size());
      EXPECT_LT(compact.packet.size(), 320u);
      EXPECT_EQ(expand_datagram(compact).value(), datagram);
    }
  }
}

TEST(Flight, PassesItsOwnCheck) {
  Random random = seeded();
  const auto flight = sample_flight(random);
  ASSERT_FALSE(flight.empty());
  EXPECT_TRUE(check_flight(flight));
}

TEST(Flight, RefusesDatagramsOfDifferentConnections) {
  Random random = seeded();
  EXPECT_EQ(check_flight({sample_flight(random)[0], sample_flight(random)[0]}).error(), Errc::kOfferMalformed);
}

TEST(Flight, KeepsWholeWhatIsNoInitial) {
  Random random = seeded();
  const Bytes noise = random_bytes(random, 1200);
  const CompactDatagram compact = compact_datagram(noise);
  EXPECT_EQ(compact, (CompactDatagram{.packet = noise, .size = 0}));
  EXPECT_EQ(expand_datagram(compact).value(), noise);
}

TEST(Flight, KeepsWholeADatagramWithTwoPackets) {
  Random random = seeded();
  Bytes datagram = sample_flight(random)[0];
  datagram.resize(1300, std::byte{0xd0});
  EXPECT_EQ(compact_datagram(datagram), (CompactDatagram{.packet = datagram, .size = 0}));
}

TEST(Flight, KeepsWholeADatagramThatDoesNotDecrypt) {
  Random random = seeded();
  Bytes datagram = sample_flight(random)[0];
  datagram.back() ^= std::byte{1};
  EXPECT_EQ(compact_datagram(datagram).size, 0u);
}

TEST(Flight, KeepsInnerPaddingAndCryptoFramesThatEndInZeros) {
  quic::InitialPlan plan{.destination = *ConnectionId::from(Bytes(12, std::byte{1})), .token = quic::octets_of({9, 9})};
  plan.frames = quic::octets_of({0, 0, 6, 0, 3, 1, 0, 0, 1, 6, 3, 2, 0, 0});
  plan.frames.resize(1200 - quic::unprotected_initial(plan).size() - quic::kAeadTag + plan.frames.size());
  const Bytes datagram =
      quic::protect_initial(quic::unprotected_initial(plan), plan.destination, quic::Role::kClient).value();
  ASSERT_EQ(datagram.size(), 1200u);
  const CompactDatagram compact = compact_datagram(datagram);
  EXPECT_EQ(compact.size, 1200u);
  EXPECT_LT(compact.packet.size(), 50u);
  EXPECT_EQ(expand_datagram(compact).value(), datagram);
}

TEST(Flight, RefusesSizesThatNoFlightHas) {
  Random random = seeded();
  CompactDatagram compact = compact_datagram(sample_flight(random)[0]);
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{1199}, std::size_t{1201}, std::size_t{1501}, ~std::size_t{0}}) {
    compact.size = size;
    EXPECT_EQ(expand_datagram(compact).error(), Errc::kOfferMalformed) << size;
  }
  for (const std::size_t size : {0u, 1199u, 1501u}) {
    EXPECT_EQ(expand_datagram({.packet = Bytes(size), .size = 0}).error(), Errc::kOfferMalformed) << size;
  }
}

TEST(Flight, TakesRandomBytesWithoutHarm) {
  Random random = seeded();
  const Bytes good = compact_datagram(sample_flight(random)[0]).packet;
  for (int round = 0; round < 5'000; ++round) {
    CompactDatagram compact{.packet = good, .size = 1200};
    compact.packet[random() % compact.packet.size()] = std::byte(static_cast<std::uint8_t>(random()));
    if (round % 2 == 0) compact.packet = random_bytes(random, random() % 1400);
    if (round % 4 == 1) compact.packet.resize(random() % compact.packet.size());
    if (const auto datagram = expand_datagram(compact)) {
      EXPECT_EQ(datagram->size(), 1200u);
    }
  }
}

}  // namespace
}  // namespace quicket
