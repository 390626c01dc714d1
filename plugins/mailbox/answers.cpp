#include "plugins/mailbox/answers.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxName = 64, kMaxDetail = 200;  // characters

// member gives one text of a JSON object.
std::optional<std::string> member(std::string_view body, std::string_view name) {
  boost::system::error_code failed;
  boost::json::parse_options options;
  options.max_depth = 4;
  const boost::json::value value = boost::json::parse(body, failed, {}, options);
  if (failed || !value.is_object()) return std::nullopt;
  const auto* found = value.as_object().if_contains(name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return std::string(std::string_view(found->as_string()));
}

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::optional<std::string> named(std::string_view body, std::string_view member_name) {
  auto name = member(body, member_name);
  if (!name || name->empty() || name->size() > kMaxName || !std::ranges::all_of(*name, is_letter_or_digit))
    return std::nullopt;
  return name;
}

}  // namespace

std::optional<std::string> read_message_id(std::string_view body) { return named(body, "id"); }

std::optional<std::string> read_run(std::string_view body) { return named(body, "run"); }

std::string read_problem(std::string_view body) {
  std::string detail = member(body, "detail").value_or("");
  if (detail.size() > kMaxDetail) detail.resize(kMaxDetail);
  std::ranges::replace_if(
      detail, [](char c) { return c < ' ' || c > '~'; }, '?');
  return detail;
}

}  // namespace quicket::plugin
