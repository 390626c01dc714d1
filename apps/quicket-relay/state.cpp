#include "apps/quicket-relay/state.hpp"

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/wiped.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

namespace quicket::relayd {

namespace {

using apps::Checked;
using apps::Exit;
using apps::Problem;
namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 256 * 1024;  // bytes
constexpr std::size_t kMaxTokens = 10'000;
constexpr std::size_t kSecretSize = 32;  // bytes
constexpr mode_t kPrivate = 0600;
constexpr std::string_view kSecretMagic = "quicket-relay-secret-1 ";

// is_missing: there is nothing by that name; making its folders tells what is in the way, if anything.
bool is_missing(const error_code& error) {
  return error == boost::system::errc::no_such_file_or_directory || error == boost::system::errc::not_a_directory;
}

Problem unreadable(const fs::path& file, const error_code& error) {
  const std::string name = file.string();
  if (error == Errc::kKeyFileExposed) {
    return {Exit::kNoPermission,
            name + " holds a secret, and others may read it. Take that right away: chmod 600 " + name};
  }
  const bool forbidden =
      error == boost::system::errc::permission_denied || error == boost::system::errc::operation_not_permitted;
  return {forbidden ? Exit::kNoPermission : apps::exit_for_own_file(error), name + ": " + error.message()};
}

Problem uncreatable(const fs::path& folder, const error_code& error) {
  return {Exit::kCannotCreate, "cannot keep the relay's state in " + folder.string() + ": " + error.message() +
                                   ". Choose another folder with --state, or give the right to write there"};
}

Problem damaged(const fs::path& file, std::string_view loss) {
  return {Exit::kConfig, file.string() + " is damaged. Restore it; or remove it, and the next start makes a new one: " +
                             std::string(loss)};
}

// read_secret_file reads a file that only its owner may read, or that lies in `guarded`.
Result<Bytes> read_secret_file(const fs::path& file, const fs::path& guarded) {
  const bool is_guarded = !guarded.empty() && file.parent_path() == guarded;
  return is_guarded ? read_file(file, kMaxFile) : read_private_file(file, kMaxFile);
}

// read_or_make gives the content of a file of the state folder; `make` gives that of a new one.
Checked<Bytes> read_or_make(const fs::path& file, const std::function<Result<std::string>()>& make) {
  auto content = read_private_file(file, kMaxFile);
  if (!content && is_missing(content.error())) {
    if (const auto made = make_private_folders(file.parent_path()); !made)
      return uncreatable(file.parent_path(), made.error());
    auto text = make();
    if (!text) return Problem{Exit::kInternal, "cannot make " + file.string() + ": " + text.error().message()};
    const Wiped wiped(*text);
    const auto written = write_new_file(file, as_bytes(*text), kPrivate);
    const bool lost_the_race = !written && written.error() == boost::system::errc::file_exists;
    if (!written && !lost_the_race) return uncreatable(file.parent_path(), written.error());
    content = read_private_file(file, kMaxFile);
  }
  if (!content) return unreadable(file, content.error());
  return std::move(*content);
}

Result<std::string> make_certificate(const std::vector<std::string>& hosts) {
  auto pair = quic::make_self_signed(hosts);
  if (!pair) return pair.error();
  const Wiped wiped(pair->key);
  return pair->certificate + pair->key;
}

Result<std::string> make_secret() {
  std::array<std::byte, kSecretSize> secret;
  const Wiped wiped(secret);
  random_fill(secret);
  return std::string(kSecretMagic) + base64(secret) + "\n";
}

}  // namespace

Checked<std::shared_ptr<const quic::Credentials>> load_credentials(const Config& config,
                                                                   const std::vector<std::string>& hosts,
                                                                   const fs::path& credentials_folder) {
  if (!config.certificate) {
    const fs::path file = config.state / kCertificateFile;
    auto text = read_or_make(file, [&] { return make_certificate(hosts); });
    if (!text) return text.error();
    const Wiped wiped(*text);
    auto credentials = quic::Credentials::from_pem(*text, *text);
    if (!credentials) return damaged(file, "with another pin, so that clients need the new URL");
    return *credentials;
  }
  const auto& [certificate_file, key_file] = *config.certificate;
  const auto certificate = read_file(certificate_file, kMaxFile);
  if (!certificate) return unreadable(certificate_file, certificate.error());
  auto key = read_secret_file(key_file, credentials_folder);
  if (!key) return unreadable(key_file, key.error());
  const Wiped wiped(*key);
  auto credentials = quic::Credentials::from_pem(*certificate, *key);
  if (credentials) return *credentials;
  return Problem{Exit::kConfig, certificate_file.string() + " and " + key_file.string() +
                                    " are not a certificate chain and its private key, in PEM without a password"};
}

Checked<Secrets> load_secrets(const fs::path& state) {
  const fs::path file = state / kSecretFile;
  auto text = read_or_make(file, make_secret);
  if (!text) return text.error();
  const Wiped wiped(*text);
  const Problem problem = damaged(file, "clients of the time before will then take longer to notice a restart");
  std::string_view line = as_text(*text);
  if (!line.starts_with(kSecretMagic) || !line.ends_with('\n')) return problem;
  line.remove_prefix(kSecretMagic.size());
  line.remove_suffix(1);
  auto secret = from_base64(line, kSecretSize);
  if (!secret) return problem;
  const Wiped wiped_secret(*secret);
  if (secret->size() != kSecretSize) return problem;
  return Secrets{.reset = hkdf_sha256(*secret, as_bytes("quicket relay reset 1"), 32),
                 .peer_token = hkdf_sha256(*secret, as_bytes("quicket relay peer token 1"), 32)};
}

Checked<std::vector<std::string>> load_tokens(const fs::path& file, const fs::path& credentials_folder) {
  auto content = read_secret_file(file, credentials_folder);
  if (!content) return unreadable(file, content.error());
  const Wiped wiped(*content);
  std::vector<std::string> tokens;
  std::size_t number = 0;
  for (std::string_view rest = as_text(*content); !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const bool fit = std::ranges::all_of(line, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!fit || tokens.size() == kMaxTokens) {
      return Problem{Exit::kConfig,
                     file.string() + ", line " + std::to_string(number) +
                         (fit ? ": more than 10000 tokens" : ": a token is visible ASCII without blanks")};
    }
    tokens.emplace_back(line);
  }
  if (tokens.empty()) return Problem{Exit::kConfig, file.string() + " has no token, so that nobody could register"};
  return tokens;
}

}  // namespace quicket::relayd
