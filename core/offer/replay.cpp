#include "core/offer/replay.hpp"

#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"
#include "core/base/hash.hpp"
#include "core/offer/offer.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace quicket {

namespace {

// The file: its name and version, entries of 16 bytes id and 8 bytes expiry (Unix seconds, big-endian) by id, then
// SHA-256 of all that.
constexpr std::string_view kMagic = "quicket replay 1\n";
constexpr std::size_t kId = 16, kExpiry = 8, kEntry = kId + kExpiry, kChecksum = 32;
constexpr std::size_t kMaxFile = kMagic.size() + ReplayMemory::kMaxEntries * kEntry + kChecksum;
constexpr mode_t kMode = 0600;

void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

Bytes to_file(const ReplayEntries& entries) {
  Bytes content = to_bytes(as_bytes(kMagic));
  content.reserve(kMagic.size() + entries.size() * kEntry + kChecksum);
  for (const auto& [id, expires] : entries) {
    append(content, id);
    const auto seconds = static_cast<std::uint64_t>(expires.time_since_epoch().count());
    for (int shift = 56; shift >= 0; shift -= 8)
      content.push_back(std::byte(static_cast<std::uint8_t>(seconds >> shift)));
  }
  append(content, sha256(content));
  return content;
}

Result<ReplayEntries> from_file(ByteView content) {
  const std::size_t frame = kMagic.size() + kChecksum;
  if (content.size() < frame || (content.size() - frame) % kEntry != 0) return Errc::kReplayMemoryDamaged;
  const ByteView checked = content.first(content.size() - kChecksum);
  if (!std::ranges::equal(sha256(checked), content.last(kChecksum))) return Errc::kReplayMemoryDamaged;
  if (as_text(checked.first(kMagic.size())) != kMagic) return Errc::kReplayMemoryDamaged;

  ReplayEntries entries;
  for (ByteView rest = checked.subspan(kMagic.size()); !rest.empty(); rest = rest.subspan(kEntry)) {
    OfferId id;
    std::ranges::copy(rest.first(kId), id.begin());
    std::uint64_t seconds = 0;
    for (const std::byte octet : rest.subspan(kId, kExpiry))
      seconds = seconds << 8 | std::to_integer<std::uint64_t>(octet);
    if (seconds > std::numeric_limits<std::uint32_t>::max())
      return Errc::kReplayMemoryDamaged;  // an offer cannot say so
    entries.emplace_hint(entries.end(), id, UnixTime(std::chrono::seconds(seconds)));
  }
  return entries;
}

Result<ReplayEntries> load(const std::filesystem::path& file) {
  const auto content = read_file(file, kMaxFile);
  if (content) return from_file(*content);
  if (content.error() == boost::system::errc::no_such_file_or_directory) return ReplayEntries{};
  if (content.error() == Errc::kTooLarge) return Errc::kReplayMemoryDamaged;
  return content.error();
}

}  // namespace

Result<void> claim_entry(ReplayEntries& entries, const OfferId& id, UnixTime expires, UnixTime now) {
  std::erase_if(entries, [&](const auto& entry) { return has_expired(entry.second, now); });
  if (auto fresh = check_expiry(expires, now); !fresh) return fresh;
  if (entries.contains(id)) return Errc::kOfferReplayed;
  if (entries.size() >= ReplayMemory::kMaxEntries) return Errc::kReplayMemoryFull;
  entries.emplace(id, expires);
  return {};
}

Outcome<> TransientReplayMemory::claim(const OfferId& id, UnixTime expires, UnixTime now) {
  if (const auto claimed = claim_entry(entries_, id, expires, now); !claimed) return Failure{claimed.error(), {}};
  return {};
}

Outcome<> FileReplayMemory::claim(const OfferId& id, UnixTime expires, UnixTime now) {
  const auto failed = [this](const error_code& why) { return Failure{why, file_.string() + ": " + why.message()}; };
  const auto lock = FileLock::acquire(file_);
  if (!lock) return failed(lock.error());
  auto entries = load(file_);
  if (!entries) return failed(entries.error());
  if (const auto claimed = claim_entry(*entries, id, expires, now); !claimed) return Failure{claimed.error(), {}};
  if (const auto kept = write_file_atomically(file_, to_file(*entries), kMode); !kept) return failed(kept.error());
  return {};
}

}  // namespace quicket
