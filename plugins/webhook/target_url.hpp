#pragma once

#include <string>
#include <string_view>

namespace quicket::plugin {

// TargetUrl is where offers are posted: https, or http to this machine itself, without a user's name or password.
class TargetUrl {
 public:
  // Throws std::invalid_argument, whose text says what is allowed and holds nothing of the URL.
  explicit TargetUrl(std::string_view text);

  const std::string& text() const noexcept { return text_; }      // secret: paths and queries often hold a token
  const std::string& origin() const noexcept { return origin_; }  // for messages: scheme, host and port
  bool is_encrypted() const noexcept { return encrypted_; }

 private:
  std::string text_, origin_;
  bool encrypted_ = true;
};

}  // namespace quicket::plugin
