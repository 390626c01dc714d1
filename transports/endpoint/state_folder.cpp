#include "transports/endpoint/state_folder.hpp"

#include "core/base/file.hpp"
#include "core/base/hash.hpp"

namespace quicket::detail {

namespace {

constexpr std::size_t kResetSecret = 32;

Bytes new_secret() {
  Bytes secret(kResetSecret);
  random_fill(secret);
  return secret;
}

Result<Bytes> load_or_create_secret(const std::filesystem::path& file) {
  constexpr mode_t kMode = 0600;
  auto secret = read_private_file(file, kResetSecret);
  if (!secret && secret.error() == boost::system::errc::no_such_file_or_directory) {
    const auto written = write_new_file(file, new_secret(), kMode);
    const bool lost_the_race = !written && written.error() == boost::system::errc::file_exists;
    if (!written && !lost_the_race) return written.error();
    secret = read_private_file(file, kResetSecret);
  }
  if (!secret) return secret.error() == Errc::kTooLarge ? make_error_code(Errc::kKeyFileMalformed) : secret.error();
  if (secret->size() != kResetSecret) return Errc::kKeyFileMalformed;
  return secret;
}

Failure failure(const std::filesystem::path& file, error_code why) {
  return {why, file.string() + ": " + why.message()};
}

}  // namespace

Outcome<DeviceState> open_state(const std::filesystem::path& folder) {
  if (folder.empty())
    return DeviceState{.reset_secret = new_secret(), .replay = std::make_unique<TransientReplayMemory>()};
  if (const auto made = make_private_folders(folder); !made) return failure(folder, made.error());
  auto secret = load_or_create_secret(folder / "reset-secret");
  if (!secret) return failure(folder / "reset-secret", secret.error());
  return DeviceState{.reset_secret = std::move(*secret),
                     .replay = std::make_unique<FileReplayMemory>(folder / "used-offers")};
}

}  // namespace quicket::detail
