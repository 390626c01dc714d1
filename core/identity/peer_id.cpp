#include <quicket/peer_id.hpp>

#include <algorithm>

#include "core/identity/bech32m.hpp"

namespace quicket {

namespace {
constexpr std::string_view kPrefix = "qk";
constexpr std::byte kVersion{1};
constexpr std::size_t kShortLength = 11;  // characters
}  // namespace

Result<PeerId> PeerId::parse(std::string_view text) {
  const auto parsed = Bech32m::parse(text);
  if (!parsed || parsed->prefix != kPrefix) return Errc::kPeerIdMalformed;
  const auto data = from_groups(parsed->groups);
  if (!data || data->empty() || data->front() != kVersion) return Errc::kPeerIdMalformed;
  return from_key(ByteView(*data).subspan(1));
}

Result<PeerId> PeerId::from_key(ByteView key) {
  PeerId id;
  if (key.size() != id.key_.size()) return Errc::kPeerIdMalformed;
  std::ranges::copy(key, id.key_.begin());
  return id;
}

std::string PeerId::to_string() const {
  Bytes data{kVersion};
  data.insert(data.end(), key_.begin(), key_.end());
  return Bech32m{std::string(kPrefix), to_groups(data)}.to_string();
}

std::string PeerId::short_string() const { return to_string().substr(0, kShortLength) + "…"; }

}  // namespace quicket
