#include <quicket/trust.hpp>

#include <algorithm>
#include <map>

#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"

namespace quicket {

namespace {

namespace errc = boost::system::errc;

constexpr std::size_t kMaxName = 64;              // characters
constexpr std::size_t kMaxTrustFile = 4'194'304;  // bytes: room for kMaxPeers with comments
constexpr std::string_view kBlank = " \t\r";
constexpr mode_t kOwnerOnly = 0600;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool looks_like_an_id(std::string_view name) {
  return name.size() >= 3 && (name[0] | 0x20) == 'q' && (name[1] | 0x20) == 'k' && name[2] == '1';
}

// take_word cuts the first word off `line`; empty when there is none.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlank));
  line.remove_prefix(word.size());
  return word;
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

// parse_line reads one line that holds a peer. nullopt: it does not.
std::optional<TrustedPeer> parse_line(std::string_view line) {
  const std::string_view name = take_word(line), id = take_word(line);
  if (!TrustStore::is_name(name) || !take_word(line).empty()) return std::nullopt;
  const auto parsed = PeerId::parse(id);
  if (parsed.has_error()) return std::nullopt;
  return TrustedPeer{std::string(name), *parsed};
}

auto by_name(const std::vector<TrustedPeer>& peers, std::string_view name) {
  return std::ranges::lower_bound(peers, name, {}, [](const TrustedPeer& peer) { return std::string_view(peer.name); });
}

}  // namespace

Result<TrustStore> TrustStore::parse(std::string_view text, std::size_t* bad_line) {
  std::map<std::string, PeerId> keys;
  std::map<PeerId, std::string> names;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = take_line(text);
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(kBlank) == std::string_view::npos) continue;
    const auto peer = parse_line(line);
    const bool fits = peer && keys.try_emplace(peer->name, peer->id).first->second == peer->id &&
                      names.try_emplace(peer->id, peer->name).first->second == peer->name && keys.size() <= kMaxPeers;
    if (fits) continue;
    if (bad_line != nullptr) *bad_line = number;
    return Errc::kTrustMalformed;
  }
  TrustStore store;
  for (const auto& [name, id] : keys) store.peers_.push_back({name, id});
  return store;
}

Result<TrustStore> TrustStore::load(const std::filesystem::path& file, std::size_t* bad_line) {
  const auto content = read_file(file, kMaxTrustFile);
  if (content.has_value()) return parse(as_text(*content), bad_line);
  if (content.error() == errc::no_such_file_or_directory) return TrustStore();
  return content.error();
}

Result<void> TrustStore::save(const std::filesystem::path& file) const {
  return write_file_atomically(file, as_bytes(to_text()), kOwnerOnly);
}

std::string TrustStore::to_text() const {
  std::string text;
  for (const TrustedPeer& peer : peers_) text += peer.name + ' ' + peer.id.to_string() + '\n';
  return text;
}

bool TrustStore::is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, is_name_character) && name[0] != '-' &&
         name[0] != '.' && !looks_like_an_id(name);
}

Outcome<> TrustStore::check(std::string_view name, const PeerId& id) const {
  if (!is_name(name)) {
    return Failure{make_error_code(errc::invalid_argument),
                   "a peer's name is 1 to 64 of A-Z a-z 0-9 . _ - with neither a '-' or '.' nor \"qk1\" in front"};
  }
  const auto known_id = find(name);
  const auto known_name = name_of(id);
  if (known_id == id) return {};
  if (known_name) {
    return Failure{Errc::kNameTaken, id.short_string() + " is trusted already, as \"" + *known_name +
                                         "\". To rename it: quicket trust remove " + *known_name};
  }
  if (known_id) {
    return Failure{Errc::kNameTaken, "\"" + std::string(name) + "\" is another key already, " +
                                         known_id->short_string() +
                                         ". If that one is no longer right: quicket trust remove " + std::string(name)};
  }
  if (peers_.size() >= kMaxPeers) return Failure{Errc::kOutOfResources, {}};
  return {};
}

Result<void> TrustStore::add(std::string_view name, const PeerId& id) {
  if (const auto fits = check(name, id); !fits) return fits.error().code;
  if (!find(name)) peers_.insert(by_name(peers_, name), {std::string(name), id});
  return {};
}

Result<void> TrustStore::remove(std::string_view name_or_id) {
  const auto id = PeerId::parse(name_or_id);
  const auto removed = std::erase_if(
      peers_, [&](const TrustedPeer& peer) { return id.has_value() ? peer.id == *id : peer.name == name_or_id; });
  if (removed == 0) return Errc::kPeerUnknown;
  return {};
}

std::optional<PeerId> TrustStore::find(std::string_view name) const {
  const auto found = by_name(peers_, name);
  if (found == peers_.end() || found->name != name) return std::nullopt;
  return found->id;
}

std::optional<std::string> TrustStore::name_of(const PeerId& id) const {
  const auto found = std::ranges::find(peers_, id, &TrustedPeer::id);
  if (found == peers_.end()) return std::nullopt;
  return found->name;
}

Result<void> add_trusted(const std::filesystem::path& file, std::string_view name, const PeerId& id) {
  if (const auto made = make_private_folders(file.parent_path()); made.has_error()) return made.error();
  const auto lock = FileLock::acquire(file);
  if (lock.has_error()) return lock.error();
  auto store = TrustStore::load(file);
  if (store.has_error()) return store.error();
  if (const auto added = store->add(name, id); added.has_error()) return added;
  return store->save(file);
}

Result<void> remove_trusted(const std::filesystem::path& file, std::string_view name_or_id) {
  const auto lock = FileLock::acquire(file);
  if (lock.has_error() && lock.error() == errc::no_such_file_or_directory)
    return Errc::kPeerUnknown;  // not even a folder
  if (lock.has_error()) return lock.error();
  auto store = TrustStore::load(file);
  if (store.has_error()) return store.error();
  if (const auto removed = store->remove(name_or_id); removed.has_error()) return removed;
  return store->save(file);
}

}  // namespace quicket
