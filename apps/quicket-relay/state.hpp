#pragma once

#include <quicket/bytes.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/options/exit.hpp"
#include "apps/quicket-relay/config.hpp"
#include "core/quic/tls.hpp"

namespace quicket::relayd {

// The files of the state folder. relay.pem has the self-signed certificate and its private key, and so the pin; secret
// is one line, "quicket-relay-secret-1 BASE64(32 bytes)", from which the relay's other secrets are derived. Both have
// mode 0600, and are made, whole, by the first start that needs them; of two starts at once, one makes them.
constexpr const char* kCertificateFile = "relay.pem";
constexpr const char* kSecretFile = "secret";

// Secrets stay the same over restarts.
struct Secrets {
  Bytes reset;       // 32 bytes
  Bytes peer_token;  // 32 bytes
};

// load_credentials reads Config::certificate, or the self-signed certificate of the state folder, which is made for
// `hosts` when missing. `credentials_folder` is where the service manager keeps secrets for this process alone, empty
// for none: it guards the files there. Errors: kConfig (damaged), kNoPermission (unreadable, or readable to others),
// kCannotCreate.
apps::Checked<std::shared_ptr<const quic::Credentials>> load_credentials(
    const Config& config, const std::vector<std::string>& hosts, const std::filesystem::path& credentials_folder);

// load_secrets reads the secret of the state folder, which is made when missing. Errors: as above.
apps::Checked<Secrets> load_secrets(const std::filesystem::path& state);

// load_tokens reads bearer tokens, one per line; empty lines and those that start with '#' are passed over. Errors:
// kConfig, kNoPermission.
apps::Checked<std::vector<std::string>> load_tokens(const std::filesystem::path& file,
                                                    const std::filesystem::path& credentials_folder);

}  // namespace quicket::relayd
