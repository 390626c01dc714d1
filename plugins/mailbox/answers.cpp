#include "plugins/mailbox/answers.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxName = 64, kMaxDetail = 200;  // characters
constexpr std::int64_t kMaxKeep = 7 * 24 * 3'600;       // seconds

// parse gives a JSON object, empty when the body is none.
boost::json::object parse(std::string_view body) {
  boost::system::error_code failed;
  boost::json::parse_options options;
  options.max_depth = 4;
  boost::json::value value = boost::json::parse(body, failed, {}, options);
  return failed || !value.is_object() ? boost::json::object() : std::move(value.as_object());
}

// member gives one text of a JSON object.
std::optional<std::string> member(std::string_view body, std::string_view name) {
  const boost::json::object object = parse(body);
  const auto* found = object.if_contains(name);
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

std::int64_t read_keep(std::string_view body) {
  const boost::json::object object = parse(body);
  const auto* found = object.if_contains("keepSeconds");
  if (found == nullptr || !found->is_int64()) return 0;
  return std::clamp<std::int64_t>(found->as_int64(), 0, kMaxKeep) * 1'000;
}

std::string read_problem(std::string_view body) {
  std::string detail = member(body, "detail").value_or("");
  if (detail.size() > kMaxDetail) detail.resize(kMaxDetail);
  std::ranges::replace_if(
      detail, [](char c) { return c < ' ' || c > '~'; }, '?');
  return detail;
}

}  // namespace quicket::plugin
