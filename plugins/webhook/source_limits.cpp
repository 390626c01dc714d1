#include "plugins/webhook/source_limits.hpp"

#include <algorithm>

namespace quicket::plugin {

namespace ip = boost::asio::ip;

ip::address SourceLimits::source_of(const ip::address& address) {
  if (address.is_v4()) return address;
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), 0);
  return ip::make_address_v6(bytes);
}

bool SourceLimits::open(const ip::address& address, std::int64_t now) {
  if (connections_ >= kMaxConnections) return false;
  const ip::address key = source_of(address);
  if (sources_.size() >= kMaxSources && !sources_.contains(key)) {
    std::erase_if(sources_,
                  [now](const auto& one) { return one.second.connections == 0 && one.second.free_at <= now; });
    if (sources_.size() >= kMaxSources) return false;
  }
  Source& source = sources_[key];
  if (source.connections >= kMaxConnectionsOfSource) return false;
  ++source.connections;
  ++connections_;
  return true;
}

void SourceLimits::close(const ip::address& address) {
  const auto found = sources_.find(source_of(address));
  if (found == sources_.end() || found->second.connections == 0) return;
  --found->second.connections;
  --connections_;
}

std::optional<std::int64_t> SourceLimits::request(const ip::address& address, std::int64_t now) {
  Source& source = sources_[source_of(address)];
  const std::int64_t free_at = std::max(source.free_at, now) + kRequestEvery;
  if (free_at - now > kBurst * kRequestEvery) return free_at - now - kBurst * kRequestEvery;
  source.free_at = free_at;
  return std::nullopt;
}

}  // namespace quicket::plugin
