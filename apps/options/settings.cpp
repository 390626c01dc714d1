#include "apps/options/settings.hpp"

#include <charconv>

#include "apps/options/duration.hpp"
#include "apps/options/text.hpp"

namespace quicket::apps {

void Settings::add(const Given& given, std::string_view origin, Exit exit) {
  for (const auto& [name, values] : given) {
    const auto [entry, first] = entries_.try_emplace(name, Entry{values, std::string(origin), exit});
    const Option* option = table_.find(name);
    if (first || option == nullptr || option->kind != OptionKind::kChain) continue;
    entry->second.values.insert(entry->second.values.end(), values.begin(), values.end());
  }
}

std::vector<std::string> Settings::list(std::string_view name) const {
  if (const auto found = entries_.find(name); found != entries_.end()) return found->second.values;
  const Option* option = table_.find(name);
  if (option == nullptr || option->initial.empty()) return {};
  return {std::string(option->initial)};
}

std::vector<std::string> Settings::sections(std::string_view option) const {
  std::vector<std::string> words;
  const std::string prefix = "[" + std::string(option) + ".";
  for (const auto& [name, entry] : entries_) {
    if (name.starts_with(prefix)) words.push_back(name.substr(prefix.size(), name.size() - prefix.size() - 1));
  }
  return words;
}

std::vector<std::string> Settings::section(std::string_view option, std::string_view word) const {
  const auto found = entries_.find(section_name(option, word));
  return found == entries_.end() ? std::vector<std::string>() : found->second.values;
}

std::optional<std::string> Settings::text(std::string_view name) const {
  const auto values = list(name);
  if (values.empty()) return std::nullopt;
  return values.front();
}

Checked<std::uint64_t> Settings::number(std::string_view name, std::uint64_t least, std::uint64_t most) const {
  const std::string value = text(name).value_or("");
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc{} && end == value.data() + value.size();
  if (whole && number >= least && number <= most) return number;
  return complain(name,
                  "\"" + value + "\" is not a number from " + std::to_string(least) + " to " + std::to_string(most));
}

Checked<Duration> Settings::duration(std::string_view name, Duration least) const {
  const std::string value = text(name).value_or("");
  const auto duration = parse_duration(value);
  if (!duration) return complain(name, "\"" + value + "\" is not a duration, such as 90s, 2min or 1h30min");
  if (*duration >= least) return *duration;
  return complain(name, "\"" + value + "\" is less than " + duration_text(least));
}

Problem Settings::complain(std::string_view name, std::string_view what) const {
  const auto found = entries_.find(name);
  const Option* option = table_.find(name);
  std::string place = "--" + std::string(name);
  if (found != entries_.end() && found->second.origin == kEnvironmentOrigin && option != nullptr) {
    place = table_.variable_of(*option);
  } else if (found != entries_.end() && !found->second.origin.empty()) {
    place = found->second.origin + ": " + std::string(name);
  }
  return {found == entries_.end() ? Exit::kUsage : found->second.exit, place + ": " + printable(what)};
}

Problem Settings::complain_about_section(std::string_view option, std::string_view word, std::string_view what) const {
  const std::string name = section_name(option, word);
  const auto found = entries_.find(name);
  const std::string origin = found == entries_.end() ? std::string() : found->second.origin + ": ";
  return {Exit::kConfig, origin + printable(name) + ": " + printable(what)};
}

}  // namespace quicket::apps
