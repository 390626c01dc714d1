#include "apps/quicket-relay/watch.hpp"

namespace quicket::relayd {

using relay::Refusal;
using relay::RelaySnapshot;

std::string counted(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::vector<std::string> worries(const RelaySnapshot& before, const RelaySnapshot& now) {
  const auto full = static_cast<std::size_t>(Refusal::kFull);
  struct Row {
    std::uint64_t before, now;
    const char* noun;
    const char* meaning;
  };
  const Row rows[] = {
      {before.table.refused[full], now.table.refused[full], "registration",
       " refused: the relay is full (--max-registrations, --max-ids)"},
      {before.http3.refused, now.http3.refused, "HTTP/3 connection",
       " refused: too many at once (--max-connections, --max-per-address), or forged"},
      {before.udp.dropped_full, now.udp.dropped_full, "packet", " dropped: the network takes less than is to be sent"},
  };
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    if (row.now > row.before) lines.push_back(counted(row.now - row.before, row.noun) + row.meaning);
  }
  return lines;
}

std::string summary(const RelaySnapshot& before, const RelaySnapshot& now) {
  return counted(now.registrations, "registration") + ", " + counted(now.sessions, "session") + ", " +
         counted(now.http3_connections, "HTTP/3 connection") + "; forwarded " +
         counted(now.forwarded.forwarded - before.forwarded.forwarded, "packet") + ", " +
         counted(now.forwarded.forwarded_bytes - before.forwarded.forwarded_bytes, "byte");
}

}  // namespace quicket::relayd
