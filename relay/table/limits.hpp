#pragma once

#include <quicket/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace quicket::relay {

// Limits bound what clients may take from one relay, alone and together.
struct Limits {
  // One registration, in connection IDs. Those that wait for the end of kSlideGrace come on top, at most as many again.
  std::uint32_t window = 256;         // largest window of a proven key
  std::uint32_t bearer_window = 256;  // what a bearer key gets, whatever it asks for: its holders never extend

  // One client: an IPv4 address, or the /64 of an IPv6 address, whatever its port. Less is left for each when more than
  // half of all is taken: see fair_share().
  std::size_t registrations_per_address = 256;
  std::size_t ids_per_address = 32'768;

  // In all. Room for as much is made at the start: these cannot be changed later.
  std::size_t registrations = 131'072;
  std::size_t ids = 4'000'000;
  std::size_t sessions = 131'072;

  // Leases.
  Duration quiet_lease = std::chrono::minutes(2);    // without any sign of life
  Duration absolute_lease = std::chrono::hours(24);  // without a refresh, whatever the traffic
  Duration retry_after = std::chrono::seconds(30);   // told to whom there is no room for

  // allow_special lets routes lead to loopback and link-local addresses: for tests and demonstrations on one machine.
  bool allow_special = false;
};

// kSlideGrace is how long a connection ID stays routed after it left its registration's window.
constexpr Duration kSlideGrace = std::chrono::seconds(10);

}  // namespace quicket::relay
