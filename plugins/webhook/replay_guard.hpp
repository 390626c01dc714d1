#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace quicket::plugin {

// ReplayGuard remembers signed messages that were taken, until their timestamps are too old to be accepted again.
class ReplayGuard {
 public:
  static constexpr std::size_t kMaxIds = 4'096;

  enum class Seen { kNever, kSame, kOther };  // never; the same message; another one with its id

  Seen look(const std::string& id, std::string_view body) const;
  // has_room says whether one more can be remembered. Times in Unix seconds.
  bool has_room(std::int64_t now);
  // remember keeps a message until a time. There is room.
  void remember(const std::string& id, std::string_view body, std::int64_t until);

 private:
  using Digest = std::array<unsigned char, 32>;
  struct Message {
    Digest body;
    std::int64_t until;
  };
  static Digest digest(std::string_view body);

  std::map<std::string, Message> messages_;
};

}  // namespace quicket::plugin
