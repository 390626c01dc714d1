#include "core/cid/header.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicket {
namespace {

Bytes counting(std::size_t size, unsigned from) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = std::byte(from + i);
  return bytes;
}

void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

Bytes long_header(unsigned first, std::uint32_t version, ByteView destination, ByteView source) {
  Bytes packet{std::byte(first), std::byte(version >> 24), std::byte(version >> 16), std::byte(version >> 8),
               std::byte(version)};
  packet.push_back(std::byte(destination.size()));
  append(packet, destination);
  packet.push_back(std::byte(source.size()));
  append(packet, source);
  return packet;
}

Bytes short_header(unsigned first, ByteView destination) {
  Bytes packet{std::byte(first)};
  append(packet, destination);
  return packet;
}

TEST(ParseHeader, ReadsAnInitialOfVersion1) {
  Bytes packet = long_header(0xc3, 1, counting(12, 1), counting(20, 100));
  append(packet, counting(1000, 0));
  const auto header = parse_header(packet, 12);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->form, HeaderForm::kLong);
  EXPECT_TRUE(header->fixed_bit);
  EXPECT_EQ(header->version, 1u);
  EXPECT_EQ(header->long_type, LongType::kInitial);
  EXPECT_EQ(header->destination, ConnectionId::from(counting(12, 1)));
  EXPECT_EQ(header->source, ConnectionId::from(counting(20, 100)));
}

TEST(ParseHeader, KnowsTheLongTypesOfVersion1) {
  const LongType types[] = {LongType::kInitial, LongType::kZeroRtt, LongType::kHandshake, LongType::kRetry};
  for (unsigned type = 0; type < 4; ++type) {
    EXPECT_EQ(parse_header(long_header(0xc0 | type << 4, 1, {}, {}), 12)->long_type, types[type]);
  }
}

TEST(ParseHeader, GivesOtherVersionsNoType) {
  for (const std::uint32_t version : {0u, 2u, 0x6b3343cfu, 0x1a2a3a4au, 0xffffffffu}) {
    const auto header = parse_header(long_header(0xd0, version, counting(8, 1), counting(8, 2)), 12);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->version, version);
    EXPECT_EQ(header->long_type, std::nullopt);
  }
}

TEST(ParseHeader, ReadsAShortHeaderByTheGivenLength) {
  const Bytes packet = short_header(0x45, counting(30, 7));
  for (std::size_t length = 0; length <= 20; ++length) {
    const auto header = parse_header(packet, length);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->form, HeaderForm::kShort);
    EXPECT_EQ(header->destination, ConnectionId::from(counting(length, 7)));
    EXPECT_EQ(header->source.length(), 0u);
    EXPECT_EQ(header->long_type, std::nullopt);
  }
  EXPECT_FALSE(parse_header(packet, 21).has_value());
}

TEST(ParseHeader, ReportsTheFixedBit) {
  EXPECT_TRUE(parse_header(short_header(0x40, counting(12, 0)), 12)->fixed_bit);
  EXPECT_FALSE(parse_header(short_header(0x3f, counting(12, 0)), 12)->fixed_bit);
  EXPECT_TRUE(parse_header(long_header(0xc0, 1, {}, {}), 12)->fixed_bit);
  EXPECT_FALSE(parse_header(long_header(0xbf, 1, {}, {}), 12)->fixed_bit);
}

TEST(ParseHeader, RefusesTheEmptyDatagram) {
  EXPECT_FALSE(parse_header({}, 12).has_value());
  EXPECT_FALSE(parse_header({}, 0).has_value());
}

TEST(ParseHeader, RefusesEveryTruncation) {
  for (const Bytes& whole :
       {long_header(0xc0, 1, counting(12, 1), counting(12, 2)), long_header(0xc0, 1, counting(20, 1), counting(20, 2)),
        long_header(0x80, 0, {}, {}), short_header(0x40, counting(12, 3))}) {
    EXPECT_TRUE(parse_header(whole, 12).has_value());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut(whole.begin(),
                      whole.begin() + static_cast<std::ptrdiff_t>(size));  // a copy: sanitizers see its end
      EXPECT_FALSE(parse_header(cut, 12).has_value()) << size << " of " << whole.size();
    }
  }
}

TEST(ParseHeader, RefusesIdsOfMoreThanTwentyBytes) {
  for (const std::size_t length : {21u, 64u, 255u}) {
    for (const std::uint32_t version : {0u, 1u, 7u}) {
      Bytes destination = long_header(0xc0, version, counting(length, 0), counting(8, 0));
      Bytes source = long_header(0xc0, version, counting(8, 0), counting(length, 0));
      for (Bytes* packet : {&destination, &source}) {
        packet->resize(1500);
        EXPECT_FALSE(parse_header(*packet, 12).has_value()) << length;
      }
    }
  }
}

TEST(ParseHeader, BearsAnyBytes) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    Bytes datagram(random() % 64);
    for (std::byte& b : datagram) b = std::byte(random());
    if (datagram.size() > 6 && random() % 2 == 0) datagram[5] = std::byte(random() % 24);
    const std::size_t length = random() % 24;
    const auto header = parse_header(datagram, length);
    if (!header) continue;
    ++accepted;
    EXPECT_EQ(header->form == HeaderForm::kLong, (datagram[0] & std::byte{0x80}) != std::byte{0});
    const std::size_t start = header->form == HeaderForm::kLong ? 6 : 1;
    ASSERT_LE(start + header->destination.length(), datagram.size());
    EXPECT_EQ(to_bytes(header->destination.bytes()),
              to_bytes(ByteView(datagram).subspan(start, header->destination.length())));
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace quicket
