#include "apps/quicket/probe.hpp"

#include <boost/json.hpp>

#include <cstring>

#include "apps/options/text.hpp"
#include "apps/quicket/child.hpp"
#include "apps/quicket/format.hpp"

namespace quicket::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDescription = 256 * 1'024;  // bytes

Problem unusable(std::string why) { return {Exit::kUnavailable, std::move(why)}; }

// last_line: what a plugin prints while it is loaded stands before.
std::string_view last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t end = text.rfind('\n');
  return end == std::string_view::npos ? text : text.substr(end + 1);
}

}  // namespace

json::object describe(const CarrierInfo& info) {
  json::array options;
  for (const auto& [key, meaning] : info.options) options.push_back({{"key", key}, {"meaning", meaning}});
  return {{"name", info.name},
          {"file", info.file.string()},
          {"summary", info.summary},
          {"delivers", info.can_deliver},
          {"receives", info.can_receive},
          {"authenticates", info.authenticates},
          {"hides", info.hides},
          {"by_hand", info.by_hand},
          {"max_offer", info.max_offer},
          {"latency_ms", info.typical_latency.count()},
          {"options", std::move(options)}};
}

Checked<CarrierInfo> read_description(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return unusable("it prints something else instead of describing itself");
  try {
    CarrierInfo info;
    info.file = json::value_to<std::string>(object->at("file"));
    info.name = json::value_to<std::string>(object->at("name"));
    info.summary = json::value_to<std::string>(object->at("summary"));
    info.can_deliver = object->at("delivers").as_bool();
    info.can_receive = object->at("receives").as_bool();
    info.authenticates = object->at("authenticates").as_bool();
    info.hides = object->at("hides").as_bool();
    info.by_hand = object->at("by_hand").as_bool();
    info.max_offer = json::value_to<std::size_t>(object->at("max_offer"));
    info.typical_latency = std::chrono::milliseconds(json::value_to<std::int64_t>(object->at("latency_ms")));
    for (const json::value& option : object->at("options").as_array()) {
      info.options.push_back(
          {json::value_to<std::string>(option.at("key")), json::value_to<std::string>(option.at("meaning"))});
    }
    return info;
  } catch (const std::exception&) {  // a member is missing, or not what it should be
    return unusable("its description is damaged");
  }
}

Checked<CarrierInfo> probe_in_child(const std::filesystem::path& program, const std::filesystem::path& plugin,
                                    std::chrono::milliseconds patience) {
  const auto complain = [&plugin](const std::string& why) { return unusable(plugin.string() + ": " + why); };
  const auto end = run_child(program, {"--json", "--", "probe-carrier", plugin.string()}, patience, kMaxDescription);
  if (!end) return complain("it could not be tried: " + end.error().message());
  if (end->late) return complain("it hangs when it is loaded, for more than " + format_duration(patience));
  if (end->signal != 0) return complain("it crashes when it is loaded (signal " + std::to_string(end->signal) + ")");
  const std::string_view line = last_line(end->output);
  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  if (!error && value.is_object() && value.get_object().contains("problem")) {
    const json::value& problem = value.get_object().at("problem");
    return unusable(problem.is_string() ? apps::printable(problem.get_string()) : "it cannot be used");
  }
  if (end->status != 0) return complain("it ends the program with status " + std::to_string(end->status));
  return read_description(line);
}

}  // namespace quicket::cli
