#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quicket::plugin {

// What a body is filled with. All is borrowed.
struct BodyValues {
  std::string_view offer_json;    // {"offer":"BASE64"}
  std::string_view offer_uri;     // quicket:BASE64URL
  std::string_view offer_b64url;  // the same without the scheme
  std::string_view recipient;     // peer id, empty when unknown
  std::string_view message_id;
  std::string_view timestamp;  // Unix seconds
};

// BodyTemplate is a text with placeholders, {{NAME}}, named as BodyValues' members. They are escaped for use inside a
// JSON string, except offer_json, which is a JSON value as it is.
class BodyTemplate {
 public:
  // Throws std::invalid_argument, whose text names the placeholder that is not known or not closed.
  explicit BodyTemplate(std::string_view text);

  std::string render(const BodyValues& values) const;

 private:
  struct Part {
    std::string text;  // stands before the value
    std::string_view BodyValues::*value = nullptr;
  };
  std::vector<Part> parts_;
};

// json_escaped gives a text as it stands inside a JSON string (RFC 8259 section 7).
std::string json_escaped(std::string_view text);

}  // namespace quicket::plugin
