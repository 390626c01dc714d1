// The file of trusted peers. Input: its text, in which '@' and a character stand for a peer id, since no fuzzer guesses
// a checksum. What is accepted holds each name and key once, and prints back to the same store.
#include <quicket/trust.hpp>

#include "tests/fuzz/fuzz.hpp"

#include <map>

namespace quicket {
namespace {

std::string with_ids(std::string_view text) {
  static std::map<char, std::string> ids;
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '@' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    std::string& id = ids[text[++i]];
    PeerId::Key key;
    key.fill(std::byte(text[i]));
    if (id.empty()) id = PeerId(key).to_string();
    result += id;
  }
  return result;
}

bool same(const TrustStore& a, const TrustStore& b) {
  return std::ranges::equal(a.peers(), b.peers(), [](const TrustedPeer& one, const TrustedPeer& other) {
    return one.name == other.name && one.id == other.id;
  });
}

// lines_before gives the text before line `number`, counted from 1.
std::string_view lines_before(std::string_view text, std::size_t number) {
  std::size_t end = 0;
  for (; number > 1; --number) {
    FUZZ_CHECK(end < text.size());
    end = std::min(text.find('\n', end), text.size() - 1) + 1;
  }
  return text.substr(0, end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = with_ids(as_text(byte_view(data, size)));
  std::size_t bad_line = 0;
  const auto store = TrustStore::parse(text, &bad_line);
  if (!store) {
    FUZZ_CHECK(bad_line > 0 && TrustStore::parse(lines_before(text, bad_line)).has_value());
    return 0;
  }
  const auto again = TrustStore::parse(store->to_text());
  FUZZ_CHECK(again && same(*again, *store));

  TrustStore rebuilt;
  for (const TrustedPeer& peer : store->peers()) {
    FUZZ_CHECK(store->find(peer.name) == peer.id && store->name_of(peer.id) == peer.name);
    FUZZ_CHECK(rebuilt.add(peer.name, peer.id).has_value());
  }
  FUZZ_CHECK(same(rebuilt, *store));
  for (std::size_t i = 0; i < store->peers().size(); ++i) {
    const TrustedPeer& peer = store->peers()[i];
    FUZZ_CHECK(rebuilt.remove(i % 2 == 0 ? peer.name : peer.id.to_string()).has_value() && !rebuilt.trusts(peer.id));
  }
  FUZZ_CHECK(rebuilt.peers().empty());
  return 0;
}

}  // namespace quicket
