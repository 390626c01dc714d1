#pragma once

#include <quicket/carrier.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <filesystem>

#include "apps/quicket/errors.hpp"

namespace quicket::cli {

// A plugin that has not described itself after this long hangs.
constexpr std::chrono::milliseconds kProbeTimeout{3'000};

// describe gives what `quicket carriers --json` tells of a carrier, and read_description reads it again. Errors:
// kUnavailable.
boost::json::object describe(const CarrierInfo& info);
Checked<CarrierInfo> read_description(std::string_view json);

// probe_in_child has `program` (this one) load a plugin, so that one that crashes or hangs takes nobody with it.
// Errors: kUnavailable, with the reason why the carrier cannot be used.
Checked<CarrierInfo> probe_in_child(const std::filesystem::path& program, const std::filesystem::path& plugin,
                                    std::chrono::milliseconds patience = kProbeTimeout);

}  // namespace quicket::cli
