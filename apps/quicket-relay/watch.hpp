#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/server/snapshot.hpp"

namespace quicket::relayd {

// worries are what an operator should know of the time between two snapshots: a line each, at most one of a kind.
std::vector<std::string> worries(const relay::RelaySnapshot& before, const relay::RelaySnapshot& now);

// summary is one line about what the relay holds, and has done since `before`.
std::string summary(const relay::RelaySnapshot& before, const relay::RelaySnapshot& now);

// counted is a number with its noun: "1 registration", "2 registrations".
std::string counted(std::uint64_t number, const std::string& noun);

}  // namespace quicket::relayd
