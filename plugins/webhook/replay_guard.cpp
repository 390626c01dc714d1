#include "plugins/webhook/replay_guard.hpp"

#include <openssl/sha.h>

namespace quicket::plugin {

ReplayGuard::Digest ReplayGuard::digest(std::string_view body) {
  Digest digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data());
  return digest;
}

ReplayGuard::Seen ReplayGuard::look(const std::string& id, std::string_view body) const {
  const auto found = messages_.find(id);
  if (found == messages_.end()) return Seen::kNever;
  return found->second.body == digest(body) ? Seen::kSame : Seen::kOther;
}

bool ReplayGuard::has_room(std::int64_t now) {
  if (messages_.size() >= kMaxIds) std::erase_if(messages_, [now](const auto& one) { return one.second.until < now; });
  return messages_.size() < kMaxIds;
}

void ReplayGuard::remember(const std::string& id, std::string_view body, std::int64_t until) {
  messages_.insert_or_assign(id, Message{.body = digest(body), .until = until});
}

}  // namespace quicket::plugin
