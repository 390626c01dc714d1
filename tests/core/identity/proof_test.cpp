#include "core/identity/proof.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/encoding.hpp"
#include "tests/core/base/hex.hpp"

namespace quicket {
namespace {

Bytes counting(std::size_t size, unsigned from) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = std::byte(from + i);
  return bytes;
}

Identity example_key() {
  Identity::Seed seed;
  std::ranges::copy(from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"), seed.begin());
  return Identity::from_seed(seed);
}

TEST(RegistrationProof, SignsContextExporterKeyAndSession) {
  Bytes expected = to_bytes(as_bytes("quicket register 1"));
  for (const Bytes& part : {counting(32, 0), to_bytes(example_key().id().key()), counting(16, 100)}) {
    expected.insert(expected.end(), part.begin(), part.end());
  }
  EXPECT_EQ(registration_proof_message(counting(32, 0), example_key().id().key(), counting(16, 100)), expected);
}

// Computed with another Ed25519 implementation.
TEST(RegistrationProof, AgreesWithItsVector) {
  EXPECT_EQ(hex(registration_proof(example_key(), counting(32, 0), counting(16, 100))),
            "3f4a0269aee53cf90952400d826e923b6f3bc56ef019838bc83ed838ea537da303d0f7471c812a131a8969a95b8bcd72f614307a60"
            "08b3b0256a6022"
            "2bf51802");
}

TEST(RegistrationProof, HoldsForItsOwnConnectionKeyAndSessionOnly) {
  const Identity key = Identity::generate();
  const auto proof = registration_proof(key, counting(32, 0), counting(16, 1));
  const ByteView holder = key.id().key();
  EXPECT_TRUE(registration_proof_holds(holder, counting(32, 0), counting(16, 1), proof));
  EXPECT_FALSE(registration_proof_holds(holder, counting(32, 9), counting(16, 1), proof));
  EXPECT_FALSE(registration_proof_holds(holder, counting(32, 0), counting(16, 9), proof));
  EXPECT_FALSE(registration_proof_holds(holder, counting(32, 0), {}, proof));
  EXPECT_FALSE(registration_proof_holds(Identity::generate().id().key(), counting(32, 0), counting(16, 1), proof));
}

TEST(RegistrationProof, HoldsWithoutASession) {
  const Identity key = Identity::generate();
  EXPECT_TRUE(
      registration_proof_holds(key.id().key(), counting(32, 0), {}, registration_proof(key, counting(32, 0), {})));
}

TEST(RegistrationProof, FailsForPartsOfTheWrongSize) {
  const Identity key = Identity::generate();
  const auto proof = registration_proof(key, counting(32, 0), {});
  const Bytes holder = to_bytes(key.id().key());
  for (std::size_t size = 0; size < 64; ++size) {
    EXPECT_FALSE(registration_proof_holds(holder, counting(32, 0), {}, ByteView(proof).first(size))) << size;
    if (size == 32) continue;
    Bytes other_key = holder;
    other_key.resize(size);
    EXPECT_FALSE(registration_proof_holds(other_key, counting(32, 0), {}, proof)) << size;
    EXPECT_FALSE(
        registration_proof_holds(holder, counting(size, 0), {}, registration_proof(key, counting(size, 0), {})))
        << size;
  }
}

}  // namespace
}  // namespace quicket
