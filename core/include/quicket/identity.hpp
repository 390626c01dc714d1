#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/peer_id.hpp>

#include <array>
#include <filesystem>
#include <memory>

namespace quicket {

// Identity is this device's Ed25519 key pair. The seed is wiped from memory with the last copy.
// Thread safety: immutable; copies share the key.
class Identity {
 public:
  using Seed = std::array<std::byte, 32>;

  // generate draws a new key from the system's random source.
  static Identity generate();
  // from_seed derives the pair from 32 bytes (RFC 8032).
  static Identity from_seed(const Seed& seed);

  // load reads a key file. Errors: the operating system's; kKeyFileMalformed; kKeyFileExposed when others may read it.
  static Result<Identity> load(const std::filesystem::path& file);
  // load_or_create also makes the file (mode 0600) and its folders (0700) when there is none; two processes that do so
  // at once end with the same key.
  static Result<Identity> load_or_create(const std::filesystem::path& file);
  // save writes a new key file atomically and never overwrites one. Errors: errc::file_exists and the operating
  // system's.
  Result<void> save(const std::filesystem::path& file) const;

  const PeerId& id() const noexcept;
  const Seed& seed() const noexcept;

  // sign gives the Ed25519 signature of `message`.
  std::array<std::byte, 64> sign(ByteView message) const;

 private:
  struct State;
  explicit Identity(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

// verify checks an Ed25519 signature by the holder of `key`.
bool verify(const PeerId::Key& key, ByteView message, ByteView signature) noexcept;

}  // namespace quicket
