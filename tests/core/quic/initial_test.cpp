#include "core/quic/initial.hpp"

#include "core/base/encoding.hpp"
#include "core/quic/initial_frames.hpp"
#include "tests/core/base/hex.hpp"
#include "tests/core/quic/initial_builder.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicket::quic {
namespace {

Bytes unhex(std::string_view text) { return from_hex(text); }

ConnectionId id(std::string_view text) { return *ConnectionId::from(unhex(text)); }

// RFC 9001, appendix A.
const ConnectionId kClientChose = id("8394c8f03e515708");
constexpr std::string_view kClientHeader = "c300000001088394c8f03e5157080000449e00000002";
constexpr std::string_view kClientCrypto =
    "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010"
    "000e00000b"
    "6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100000000003300260024001d00"
    "209370b2c9"
    "caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d"
    "0002010100"
    "1c00024001003900320408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000"
    "ffff";
constexpr std::string_view kServerUnprotected =
    "c1000000010008f067a5502a4262b50040750001"
    "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a1200130100002e00330024"
    "001d00209d"
    "3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304";
constexpr std::string_view kServerProtected =
    "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c"
    "3ec2493a18"
    "39b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca"
    "3d20398c27"
    "6456cbc42158407dd074ee";

Bytes client_unprotected() {
  Bytes packet = unhex(kClientHeader);
  append(packet, unhex(kClientCrypto));
  packet.resize(22 + 1162);  // PADDING
  return packet;
}

TEST(Initial, DerivesTheKeysOfRfc9001) {
  const InitialKeys client = initial_keys(kClientChose, Role::kClient);
  EXPECT_EQ(hex(client.key), "1f369613dd76d5467730efcbe3b1a22d");
  EXPECT_EQ(hex(client.iv), "fa044b2f42a3fd3b46fb255c");
  EXPECT_EQ(hex(client.header_key), "9f50449e04a0e810283a1e9933adedd2");
  const InitialKeys server = initial_keys(kClientChose, Role::kServer);
  EXPECT_EQ(hex(server.key), "cf3a5331653c364c88f0f379b6067e37");
  EXPECT_EQ(hex(server.iv), "0ac1493ca1905853b0bba03e");
  EXPECT_EQ(hex(server.header_key), "c206b8d9b9f0f37644430b490eeaa314");
}

TEST(Initial, ProtectsTheClientInitialOfRfc9001) {
  const Bytes packet = protect_initial(client_unprotected(), kClientChose, Role::kClient).value();
  ASSERT_EQ(packet.size(), 1200u);
  EXPECT_EQ(hex(ByteView(packet).first(48)),
            "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b47d92ec356c");
  EXPECT_EQ(hex(ByteView(packet).last(16)),
            "e221af44860018ab0856972e194cd934");  // the tag speaks for every byte between
}

TEST(Initial, OpensWhatItProtected) {
  const Bytes plain = client_unprotected();
  const Bytes packet = protect_initial(plain, kClientChose, Role::kClient).value();
  const auto opened = unprotect_initial(packet, kClientChose, Role::kClient).value();
  EXPECT_EQ(opened.bytes, plain);
  EXPECT_EQ(opened.number, 2u);
  EXPECT_EQ(opened.size(), 1200u);
  EXPECT_EQ(opened.header.destination, kClientChose);
  EXPECT_EQ(opened.header.source.length(), 0u);
  EXPECT_EQ(opened.frames().size(), 1162u);
}

TEST(Initial, ProtectsAndOpensTheServerInitialOfRfc9001) {
  EXPECT_EQ(hex(protect_initial(unhex(kServerUnprotected), kClientChose, Role::kServer).value()), kServerProtected);
  const auto opened = unprotect_initial(unhex(kServerProtected), kClientChose, Role::kServer).value();
  EXPECT_EQ(hex(opened.bytes), kServerUnprotected);
  EXPECT_EQ(opened.number, 1u);
  EXPECT_EQ(opened.header.source, id("f067a5502a4262b5"));
  EXPECT_FALSE(opened.has_reserved_bits());
}

TEST(Initial, OpensOnlyTheFirstPacketOfADatagram) {
  Bytes datagram = unhex(kServerProtected);
  const std::size_t size = datagram.size();
  datagram.resize(1200, std::byte{0xe5});
  EXPECT_EQ(unprotect_initial(datagram, kClientChose, Role::kServer).value().size(), size);
}

TEST(Initial, DoesNotOpenWithTheOtherSidesKeysOrAnotherId) {
  const auto refused = make_error_code(boost::system::errc::bad_message);
  EXPECT_EQ(unprotect_initial(unhex(kServerProtected), kClientChose, Role::kClient).error(), refused);
  EXPECT_EQ(unprotect_initial(unhex(kServerProtected), id("8394c8f03e515709"), Role::kServer).error(), refused);
}

TEST(Initial, DoesNotOpenWithAnyByteChanged) {
  const Bytes packet = unhex(kServerProtected);
  for (std::size_t i = 0; i < packet.size(); ++i) {
    Bytes changed = packet;
    changed[i] ^= std::byte{0x10};
    EXPECT_TRUE(unprotect_initial(changed, kClientChose, Role::kServer).has_error()) << "byte " << i;
  }
}

TEST(Initial, RefusesToOpenEveryTruncation) {
  const Bytes packet = unhex(kServerProtected);
  for (std::size_t size = 0; size < packet.size(); ++size) {
    EXPECT_EQ(unprotect_initial(ByteView(packet).first(size), kClientChose, Role::kServer).error(),
              Errc::kProtocolViolation);
  }
}

TEST(Initial, RefusesToProtectAPacketWhoseLengthFieldIsWrong) {
  Bytes plain = unhex(kServerUnprotected);
  plain.push_back(std::byte{0});
  EXPECT_EQ(protect_initial(plain, kClientChose, Role::kServer).error(), Errc::kProtocolViolation);
  EXPECT_EQ(protect_initial({}, kClientChose, Role::kServer).error(), Errc::kProtocolViolation);
}

TEST(Initial, RefusesToProtectAPacketTooShortForItsSample) {
  const InitialPlan plan{.destination = kClientChose, .frames = octets_of({1, 1})};
  EXPECT_EQ(protect_initial(unprotected_initial(plan), kClientChose, Role::kClient).error(), Errc::kProtocolViolation);
}

TEST(Initial, TakesRandomBytesWithoutHarm) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const Bytes good = unhex(kServerProtected);
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes(random() % 200);
    for (std::byte& b : bytes) b = std::byte(static_cast<std::uint8_t>(random()));
    if (bytes.size() > 6 && round % 2 == 0) std::copy_n(good.begin(), 6, bytes.begin());
    EXPECT_TRUE(unprotect_initial(bytes, kClientChose, Role::kServer).has_error());
    if (const auto made = protect_initial(bytes, kClientChose, Role::kServer)) {
      EXPECT_EQ(unprotect_initial(*made, kClientChose, Role::kServer).value().bytes, bytes);
    }
    if (const auto frames = scan_initial_frames(bytes)) {
      EXPECT_LE(frames->trailing_padding, bytes.size());
    }
  }
}

TEST(InitialFrames, FindsTheFramesOfTheServerInitial) {
  const Bytes plain = unhex(kServerUnprotected);
  const auto frames = scan_initial_frames(ByteView(plain).subspan(20)).value();
  EXPECT_TRUE(frames.has_ack);
  EXPECT_FALSE(frames.has_ping);
  EXPECT_FALSE(frames.has_close);
  ASSERT_EQ(frames.crypto.size(), 1u);
  EXPECT_EQ(frames.crypto[0].offset, 0u);
  EXPECT_EQ(frames.crypto[0].data.size(), 0x5au);
  EXPECT_EQ(frames.trailing_padding, 0u);
}

TEST(InitialFrames, CountsOnlyPaddingFramesAtTheEnd) {
  // PADDING, PING, a CRYPTO frame that ends in zeros, three PADDING frames.
  const auto payload = octets_of({0, 0, 1, 6, 0, 3, 9, 0, 0, 0, 0, 0});
  const auto frames = scan_initial_frames(payload).value();
  EXPECT_EQ(frames.trailing_padding, 3u);
  ASSERT_EQ(frames.crypto.size(), 1u);
  EXPECT_EQ(frames.crypto[0].data.size(), 3u);
  EXPECT_TRUE(frames.has_ping);
}

TEST(InitialFrames, ReadsAcknowledgementsWithRangesAndEcnCounts) {
  const auto frames = scan_initial_frames(octets_of({3, 9, 0, 1, 0, 2, 1, 4, 5, 6, 0x1c, 2, 0, 1, 'x'})).value();
  EXPECT_TRUE(frames.has_ack);
  EXPECT_TRUE(frames.has_close);
  EXPECT_EQ(frames.trailing_padding, 0u);
}

TEST(InitialFrames, RefusesFramesThatAreCutShort) {
  EXPECT_TRUE(scan_initial_frames({}).has_error());
  EXPECT_TRUE(scan_initial_frames(octets_of({6, 0, 3, 1, 2})).has_error());
  EXPECT_TRUE(scan_initial_frames(octets_of({2, 0, 0, 1, 0})).has_error());
  EXPECT_TRUE(scan_initial_frames(octets_of({0x1c, 0, 0, 9})).has_error());
  EXPECT_TRUE(scan_initial_frames(octets_of({2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0})).has_error());
}

TEST(InitialFrames, RefusesFramesThatDoNotBelongIntoAnInitial) {
  for (const int type : {0x04, 0x07, 0x08, 0x18, 0x1a, 0x1d, 0x1e, 0x30, 0x40}) {
    EXPECT_TRUE(scan_initial_frames(octets_of({type, 0, 0, 0, 0, 0, 0, 0, 0})).has_error()) << type;
  }
}

}  // namespace
}  // namespace quicket::quic
