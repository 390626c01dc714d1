#include "core/quic/vector_aes.hpp"

#include "core/base/encoding.hpp"
#include "tests/core/base/hex.hpp"

#include <gtest/gtest.h>

#include <gnutls/crypto.h>

namespace quicket::quic {
namespace {

class VectorAes : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_vector_aes()) GTEST_SKIP() << "this processor has no AVX, or this build no intel-ipsec-mb";
    gnutls_rnd(GNUTLS_RND_NONCE, key.data(), key.size());
    gcm = make_vector_gcm(key);
    ASSERT_TRUE(gcm);
  }

  Bytes random(std::size_t size) {
    Bytes bytes(size);
    gnutls_rnd(GNUTLS_RND_NONCE, bytes.data(), bytes.size());
    return bytes;
  }

  // by_gnutls is what seal() has to give.
  Bytes by_gnutls(ByteView plain, ByteView nonce, ByteView aad) {
    const gnutls_datum_t datum{octets(MutableByteView(key)), static_cast<unsigned>(key.size())};
    gnutls_aead_cipher_hd_t cipher = nullptr;
    EXPECT_GE(gnutls_aead_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_GCM, &datum), 0);
    Bytes out(plain.size() + kGcmTag);
    std::size_t size = out.size();
    EXPECT_GE(gnutls_aead_cipher_encrypt(cipher, nonce.data(), nonce.size(), aad.data(), aad.size(), kGcmTag,
                                         plain.data(), plain.size(), out.data(), &size),
              0);
    gnutls_aead_cipher_deinit(cipher);
    return out;
  }

  Bytes key = Bytes(kAes128Key);
  std::unique_ptr<VectorGcm> gcm;
};

TEST_F(VectorAes, SealsAsGnutlsDoesAtEverySizeAndInPlace) {
  for (std::size_t size = 0; size <= 1500; ++size) {
    const Bytes plain = random(size), nonce = random(kGcmNonce), aad = random(1 + size % 40);
    const Bytes expected = by_gnutls(plain, nonce, aad);
    Bytes out(size + kGcmTag + 1, std::byte{0x5a});
    gcm->seal(octets(MutableByteView(out)), plain, octets(ByteView(nonce)), aad);
    EXPECT_EQ(out.back(), std::byte{0x5a}) << size;
    out.pop_back();
    ASSERT_EQ(out, expected) << size;

    Bytes place = plain;
    place.resize(size + kGcmTag);
    gcm->seal(octets(MutableByteView(place)), ByteView(place).first(size), octets(ByteView(nonce)), aad);
    ASSERT_EQ(place, expected) << size;
    ASSERT_TRUE(gcm->open(octets(MutableByteView(place)), place, octets(ByteView(nonce)), aad)) << size;
    place.resize(size);
    ASSERT_EQ(place, plain) << size;
  }
}

TEST_F(VectorAes, OpensNothingThatWasChanged) {
  const Bytes plain = random(100), nonce = random(kGcmNonce), aad = random(20);
  const Bytes sealed = by_gnutls(plain, nonce, aad);
  Bytes out(plain.size());
  const auto opens = [&](const Bytes& bytes, const Bytes& with_nonce, const Bytes& with_aad) {
    return gcm->open(octets(MutableByteView(out)), bytes, octets(ByteView(with_nonce)), with_aad);
  };
  EXPECT_TRUE(opens(sealed, nonce, aad));
  const auto changed = [](Bytes bytes, std::size_t bit) {
    bytes[bit / 8] ^= std::byte(1 << bit % 8);
    return bytes;
  };
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit)
    EXPECT_FALSE(opens(changed(sealed, bit), nonce, aad)) << bit;
  for (std::size_t bit = 0; bit < 8 * nonce.size(); ++bit) EXPECT_FALSE(opens(sealed, changed(nonce, bit), aad)) << bit;
  for (std::size_t bit = 0; bit < 8 * aad.size(); ++bit) EXPECT_FALSE(opens(sealed, nonce, changed(aad, bit))) << bit;
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(opens(Bytes(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(size)), nonce, aad)) << size;
}

TEST_F(VectorAes, MasksTheHeaderOfRfc9001) {  // appendix A.2
  const auto block = make_vector_block(from_hex("9f50449e04a0e810283a1e9933adedd2"));
  ASSERT_TRUE(block);
  const Bytes sample = from_hex("d1b1c98dd7689fb8ec11d242b123dc9b");
  Bytes mask(kAesBlock);
  block->encrypt(octets(MutableByteView(mask)), octets(ByteView(sample)));
  EXPECT_EQ(hex(ByteView(mask).first(5)), "437b9aec36");
}

}  // namespace
}  // namespace quicket::quic
