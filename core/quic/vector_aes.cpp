#include "core/quic/vector_aes.hpp"

#include <array>
#include <new>

#include <gnutls/crypto.h>
#include <intel-ipsec-mb.h>

namespace quicket::quic {

namespace {

constexpr std::size_t kAes128Rounds = 10;

// Functions are the library's for this processor. Its manager, 200 kB, is for jobs, of which we have none.
struct Functions {
  decltype(IMB_MGR::gcm128_pre) expand_gcm = nullptr;
  decltype(IMB_MGR::gcm128_enc) seal = nullptr;
  decltype(IMB_MGR::gcm128_dec) open = nullptr;
  decltype(IMB_MGR::keyexp_128) expand = nullptr;
  decltype(IMB_MGR::aes128_cfb_one) encrypt_one = nullptr;

  Functions() noexcept {
    const std::unique_ptr<IMB_MGR, void (*)(IMB_MGR*)> manager(alloc_mb_mgr(0), free_mb_mgr);
    if (!manager) return;
    init_mb_mgr_auto(manager.get(), nullptr);
    // Without AVX it is slower than GnuTLS.
    constexpr std::uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_AVX;
    if (imb_get_errno(manager.get()) != 0 || (manager->features & kNeeded) != kNeeded) return;
    expand_gcm = manager->gcm128_pre;
    seal = manager->gcm128_enc;
    open = manager->gcm128_dec;
    expand = manager->keyexp_128;
    encrypt_one = manager->aes128_cfb_one;
  }

  static const Functions& get() noexcept {
    static const Functions functions;
    return functions;
  }
};

class Gcm final : public VectorGcm {
 public:
  explicit Gcm(ByteView key) noexcept { Functions::get().expand_gcm(key.data(), &key_); }
  ~Gcm() override { gnutls_memset(&key_, 0, sizeof key_); }

  void seal(std::uint8_t* out, ByteView plain, const std::uint8_t* nonce, ByteView aad) const noexcept override {
    gcm_context_data context;
    Functions::get().seal(&key_, &context, out, octets(plain), plain.size(), nonce, octets(aad), aad.size(),
                          out + plain.size(), kGcmTag);
  }

  bool open(std::uint8_t* out, ByteView sealed, const std::uint8_t* nonce, ByteView aad) const noexcept override {
    if (sealed.size() < kGcmTag) return false;
    const ByteView text = sealed.first(sealed.size() - kGcmTag);
    std::array<std::uint8_t, kGcmTag> tag;
    gcm_context_data context;
    Functions::get().open(&key_, &context, out, octets(text), text.size(), nonce, octets(aad), aad.size(), tag.data(),
                          tag.size());
    return gnutls_memcmp(tag.data(), octets(sealed.last(kGcmTag)), kGcmTag) == 0;
  }

 private:
  alignas(64) gcm_key_data key_;  // as its declaration asks for, for C alone
};

class Block final : public VectorBlock {
 public:
  explicit Block(ByteView key) noexcept {
    alignas(16) Expanded unused;  // for decryption
    Functions::get().expand(key.data(), key_.data(), unused.data());
    gnutls_memset(unused.data(), 0, unused.size());
  }
  ~Block() override { gnutls_memset(key_.data(), 0, key_.size()); }

  void encrypt(std::uint8_t* out, const std::uint8_t* block) const noexcept override {
    // The first block of CFB is the encrypted initialization vector, added to the plaintext.
    constexpr std::array<std::uint8_t, kAesBlock> kZeros{};
    Functions::get().encrypt_one(out, kZeros.data(), block, key_.data(), kAesBlock);
  }

 private:
  using Expanded = std::array<std::uint8_t, (kAes128Rounds + 1) * kAesBlock>;
  alignas(16) Expanded key_;
};

}  // namespace

bool has_vector_aes() noexcept { return Functions::get().seal != nullptr; }

std::unique_ptr<VectorGcm> make_vector_gcm(ByteView key) noexcept {
  return std::unique_ptr<VectorGcm>(has_vector_aes() ? new (std::nothrow) Gcm(key) : nullptr);
}

std::unique_ptr<VectorBlock> make_vector_block(ByteView key) noexcept {
  return std::unique_ptr<VectorBlock>(has_vector_aes() ? new (std::nothrow) Block(key) : nullptr);
}

}  // namespace quicket::quic
