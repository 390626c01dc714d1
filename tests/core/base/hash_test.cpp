#include "core/base/hash.hpp"

#include <gtest/gtest.h>

#include "core/base/encoding.hpp"
#include "tests/core/base/hex.hpp"

#include <set>

namespace quicket {
namespace {

Bytes unhex(std::string_view text) { return from_hex(text); }

// FIPS 180-4 examples.
TEST(Sha256, AgreesWithFips180) {
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 4231 test cases 1, 2 and 6.
TEST(HmacSha256, AgreesWithRfc4231) {
  EXPECT_EQ(hex(hmac_sha256(Bytes(20, std::byte{0x0b}), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      hex(hmac_sha256(Bytes(131, std::byte{0xaa}), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// RFC 5869 appendix A, the three cases with SHA-256.
TEST(HkdfSha256, AgreesWithRfc5869) {
  const Bytes secret(22, std::byte{0x0b});
  EXPECT_EQ(hex(hkdf_sha256(secret, unhex("f0f1f2f3f4f5f6f7f8f9"), 42, unhex("000102030405060708090a0b0c"))),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");

  Bytes long_secret, long_salt, long_info;
  for (unsigned i = 0; i < 80; ++i) {
    long_secret.push_back(std::byte(i));
    long_salt.push_back(std::byte(0x60 + i));
    long_info.push_back(std::byte(0xb0 + i));
  }
  EXPECT_EQ(hex(hkdf_sha256(long_secret, long_info, 82, long_salt)),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c"
            "2f09b8367793a9"
            "aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");

  EXPECT_EQ(hex(hkdf_sha256(secret, {}, 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HkdfSha256, GivesAnySizeUpToItsLimit) {
  const Bytes longest = hkdf_sha256(as_bytes("secret"), as_bytes("info"), kMaxHkdf);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{31}, std::size_t{32}, std::size_t{33}, kMaxHkdf}) {
    EXPECT_EQ(hkdf_sha256(as_bytes("secret"), as_bytes("info"), size), to_bytes(ByteView(longest).first(size)));
  }
}

TEST(EqualInConstantTime, ComparesSizeAndContent) {
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST(RandomFill, NeverRepeatsItself) {
  std::set<Sha256> drawn;
  for (int round = 0; round < 100; ++round) {
    Sha256 bytes{};
    random_fill(bytes);
    EXPECT_TRUE(drawn.insert(bytes).second);
  }
  random_fill({});
}

TEST(Wipe, LeavesZeros) {
  Bytes secret(40, std::byte{7});
  wipe(secret);
  EXPECT_EQ(secret, Bytes(40));
  wipe({});
}

}  // namespace
}  // namespace quicket
