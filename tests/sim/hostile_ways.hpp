#pragma once

#include "tests/sim/hostile_relay.hpp"

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace quicket::sim {

// HostileWay is one thing that a hostile relay may do to its clients.
struct HostileWay {
  std::string name;
  std::function<HostileRelay::Ways()> make;
  // What a dial through nothing but this relay ends with, and a part of what it then says. nullopt: the relay grants,
  // so there is an offer, which nobody can answer.
  std::optional<Errc> ends;
  std::string says;

  friend std::ostream& operator<<(std::ostream& out, const HostileWay& way) { return out << way.name; }
};

std::vector<HostileWay> hostile_answers();      // to requests: false, or malformed
std::vector<HostileWay> hostile_streams();      // answers that do not come, or do not end
std::vector<HostileWay> hostile_connections();  // that end, drain, or flood

}  // namespace quicket::sim
