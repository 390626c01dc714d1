#pragma once

#include <quicket/carrier.hpp>

#include <chrono>
#include <functional>
#include <span>
#include <vector>

namespace quicket {

// A carrier that has not opened after this time is left behind.
constexpr std::chrono::milliseconds kOpenPatience{3'000};
// An instance that has not closed after this time is left behind.
constexpr std::chrono::milliseconds kClosePatience{2'000};

// open_carriers opens several carriers at once, each on a thread of its own: their plugins are foreign code, which may
// hang. The results have the order of the specs. Errors: those of CarrierLibrary::open; kCarrierFailed for one that
// hangs: its thread stays behind with what it may touch; kOutOfResources when there is no thread to be had. It blocks
// for `patience` at most.
std::vector<Outcome<Carrier>> open_carriers(const CarrierLibrary& library, std::span<const CarrierSpec> specs,
                                            std::chrono::milliseconds patience = kOpenPatience);

// close_in_time is a HostServices::close that waits for kClosePatience at most.
void close_in_time(std::function<void()> closing);

}  // namespace quicket
