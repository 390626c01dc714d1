#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <array>

namespace quicket {

// Noise_X_25519_ChaChaPoly_SHA256 (The Noise Protocol Framework, revision 34): one message, from a sender whose static
// key travels encrypted, to a recipient whose static key is known.
//   <- s    ...    -> e, es, s, ss
// Message: ephemeral key (32 bytes), encrypted static key (48), encrypted payload (its size and 16).

using X25519Key = std::array<std::byte, 32>;  // a secret scalar or a public u coordinate (RFC 7748)

constexpr std::size_t kNoiseXOverhead = 32 + 48 + 16;  // bytes

// x25519_public computes the public key of a secret one.
X25519Key x25519_public(const X25519Key& secret);

// NoiseKeys is what both sides know after the key exchange: chaining key, hash and cipher key. Wiped when it goes.
struct NoiseKeys {
  X25519Key chaining{}, hash{}, cipher{};
  std::uint64_t nonce = 0;

  NoiseKeys() = default;
  NoiseKeys(const NoiseKeys&) = default;
  NoiseKeys& operator=(const NoiseKeys&) = default;
  ~NoiseKeys();
};

// NoiseXSender makes one message. The first transport key does not depend on the payload, so it is there before the
// payload is.
class NoiseXSender {
 public:
  // start runs the key exchange. `ephemeral` is a secret key of 32 random bytes that must never be used again.
  // Errors: errc::invalid_argument: `recipient` is a point of low order.
  static Result<NoiseXSender> start(const X25519Key& own_secret, const X25519Key& recipient, ByteView prologue,
                                    const X25519Key& ephemeral);

  // first_key is k1 of Split(): the key of the sender's direction. Secret.
  X25519Key first_key() const;

  // finish encrypts the payload and gives the message. Once only: a second payload under the same key would give both
  // away.
  Bytes finish(ByteView payload) &&;

 private:
  NoiseXSender(const NoiseKeys& keys, Bytes head) : keys_(keys), head_(std::move(head)) {}

  NoiseKeys keys_;
  Bytes head_;  // ephemeral and encrypted static key
};

// NoiseXMessage is an opened message.
struct NoiseXMessage {
  X25519Key sender{};     // the sender's static key: proven, not yet trusted
  X25519Key first_key{};  // as NoiseXSender::first_key()
  Bytes payload;
};

// open_noise_x is the recipient's side. Total.
// Errors: errc::bad_message: for another key, under another prologue, damaged or cut short; these look the same.
Result<NoiseXMessage> open_noise_x(const X25519Key& own_secret, ByteView prologue, ByteView message);

}  // namespace quicket
