#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <quicket/carrier_plugin.hpp>

// Reading options: strictly, and with errors that name the option and say what is allowed. All throw BadOption.
namespace quicket::plugin {

inline BadOption bad_option(std::string_view key, const std::string& why) {
  return BadOption("option \"" + std::string(key) + "\" " + why);
}

// refuse_unknown_options refuses what the carrier's own table of options does not list.
inline void refuse_unknown_options(const Options& options, const quicket_carrier_info& info) {
  const std::span known(info.options, info.option_count);
  for (const auto& [key, value] : options) {
    if (std::ranges::any_of(known, [&key = key](const quicket_option& one) { return key == one.key; })) continue;
    std::string names;
    for (const quicket_option& one : known) names += (names.empty() ? "" : ", ") + std::string(one.key);
    throw BadOption("there is no option \"" + key + "\"" +
                    (names.empty() ? ": there are none" : "; these are known: " + names));
  }
}

// text_option gives an option's value. Nothing when it is not given; it may not be empty.
inline std::optional<std::string> text_option(const Options& options, std::string_view key) {
  const auto found = options.find(key);
  if (found == options.end()) return std::nullopt;
  if (found->second.empty()) throw bad_option(key, "is empty");
  return found->second;
}

// needed_option is text_option for one that must be given.
inline std::string needed_option(const Options& options, std::string_view key) {
  auto text = text_option(options, key);
  if (!text) throw bad_option(key, "is missing");
  return *std::move(text);
}

// number_option reads a whole number in decimal digits.
inline std::int64_t number_option(const Options& options, std::string_view key, std::int64_t otherwise,
                                  std::int64_t least, std::int64_t most) {
  const auto text = text_option(options, key);
  if (!text) return otherwise;
  std::int64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc{} || stop != end || number < least || number > most) {
    throw bad_option(key, "takes a number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

// duration_option reads one number with a unit, ms, s, min or h, and gives milliseconds.
inline std::int64_t duration_option(const Options& options, std::string_view key, std::int64_t otherwise,
                                    std::int64_t least, std::int64_t most) {
  struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
  };
  constexpr std::array kUnits{Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"min", 60'000}, Unit{"h", 3'600'000}};
  const auto text = text_option(options, key);
  if (!text) return otherwise;
  std::uint32_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  const auto unit = std::ranges::find(kUnits, std::string_view(stop, end), &Unit::name);
  const bool read = error == std::errc{} && unit != kUnits.end();
  const std::int64_t value = read ? number * unit->milliseconds : -1;
  if (!read || value < least || value > most) {
    throw bad_option(key, "takes a duration like 500ms, 30s or 5min, from " + std::to_string(least) + "ms to " +
                              std::to_string(most) + "ms");
  }
  return value;
}

// choice_option takes one of `choices` and gives its index.
inline std::size_t choice_option(const Options& options, std::string_view key, std::size_t otherwise,
                                 std::span<const std::string_view> choices) {
  const auto text = text_option(options, key);
  if (!text) return otherwise;
  const auto found = std::ranges::find(choices, *text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string names;
  for (const std::string_view choice : choices) names.append(names.empty() ? "" : ", ").append(choice);
  throw bad_option(key, "takes one of: " + names);
}

// switch_option takes yes or no.
inline bool switch_option(const Options& options, std::string_view key, bool otherwise) {
  constexpr std::array<std::string_view, 2> kChoices{"no", "yes"};
  return choice_option(options, key, otherwise ? 1 : 0, kChoices) == 1;
}

}  // namespace quicket::plugin
