#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include "core/offer/replay.hpp"

#include <filesystem>
#include <memory>

namespace quicket::detail {

// DeviceState is what an endpoint remembers between its runs.
struct DeviceState {
  Bytes reset_secret;  // 32 bytes, from which stateless reset tokens derive
  std::unique_ptr<ReplayMemory> replay;
};

// open_state opens the state in `folder` and makes what is missing; an empty path gives one that lives in memory only.
// Errors: kKeyFileMalformed and kKeyFileExposed (of the secret's file), the operating system's.
Outcome<DeviceState> open_state(const std::filesystem::path& folder);

}  // namespace quicket::detail
