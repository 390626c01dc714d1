#include <quicket/identity.hpp>

#include <sodium.h>

#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/wiped.hpp"
#include "core/identity/key_file.hpp"

namespace quicket {

namespace {

namespace errc = boost::system::errc;

constexpr std::size_t kMaxKeyFile = 256;  // bytes
constexpr mode_t kOwnerOnly = 0600;

}  // namespace

struct Identity::State {
  explicit State(const Seed& from) : seed(from) {
    static_assert(std::tuple_size_v<Seed> == crypto_sign_SEEDBYTES);
    PeerId::Key key;
    crypto_sign_seed_keypair(octets(MutableByteView(key)), secret.data(), octets(ByteView(seed)));
    id = PeerId(key);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    wipe(seed);
    wipe(std::as_writable_bytes(std::span(secret)));
  }

  Seed seed;
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret;
  PeerId id;
};

Identity::Identity(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Identity Identity::generate() {
  Seed seed;
  const Wiped wiped(seed);
  random_fill(seed);
  return from_seed(seed);
}

Identity Identity::from_seed(const Seed& seed) { return Identity(std::make_shared<const State>(seed)); }

Result<Identity> Identity::load(const std::filesystem::path& file) {
  auto content = read_private_file(file, kMaxKeyFile);
  if (content.has_error()) {
    const error_code error = content.error();
    return error == Errc::kTooLarge ? make_error_code(Errc::kKeyFileMalformed) : error;
  }
  const Wiped wiped(*content);
  return parse_key_file(as_text(*content));
}

Result<Identity> Identity::load_or_create(const std::filesystem::path& file) {
  auto loaded = load(file);
  if (loaded.has_value() || loaded.error() != errc::no_such_file_or_directory) return loaded;
  if (const auto made = make_private_folders(file.parent_path()); made.has_error()) return made.error();
  Identity created = generate();
  const auto saved = created.save(file);
  if (saved.has_value()) return created;
  return saved.error() == errc::file_exists ? load(file)
                                            : Result<Identity>(saved.error());  // another process was first
}

Result<void> Identity::save(const std::filesystem::path& file) const {
  std::string text = key_file_text(state_->seed);
  const Wiped wiped(text);
  return write_new_file(file, as_bytes(text), kOwnerOnly);
}

const PeerId& Identity::id() const noexcept { return state_->id; }

const Identity::Seed& Identity::seed() const noexcept { return state_->seed; }

std::array<std::byte, 64> Identity::sign(ByteView message) const {
  std::array<std::byte, 64> signature;
  static_assert(sizeof signature == crypto_sign_BYTES);
  crypto_sign_detached(octets(MutableByteView(signature)), nullptr, octets(message), message.size(),
                       state_->secret.data());
  return signature;
}

bool verify(const PeerId::Key& key, ByteView message, ByteView signature) noexcept {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(octets(signature), octets(message), message.size(), octets(key)) == 0;
}

}  // namespace quicket
