#pragma once

#include <quicket/time.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/options/exit.hpp"
#include "apps/options/option_table.hpp"
#include "apps/options/sources.hpp"

namespace quicket::apps {

// Settings are the options in force: of several sources the one that was added first counts, then the table's defaults.
class Settings {
 public:
  // Settings borrows the table.
  explicit Settings(const OptionTable& table) : table_(table) {}

  // add puts a source behind those added before. `origin` names it in messages: a file; kEnvironmentOrigin; empty for
  // the command line. `exit` is how to end when one of its values is wrong.
  static constexpr std::string_view kEnvironmentOrigin = "environment";
  void add(const Given& given, std::string_view origin, Exit exit);

  bool is_on(std::string_view name) const { return text(name) == "true"; }
  // text gives the value or its default; nothing when there is neither. list gives all of them.
  std::optional<std::string> text(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  // number and duration read a value that is given, or has a default.
  Checked<std::uint64_t> number(std::string_view name, std::uint64_t least, std::uint64_t most) const;
  Checked<Duration> duration(std::string_view name, Duration least) const;
  // sections lists the words of an option's sections. section gives one's values, "KEY=VALUE"; none when it is not
  // there. Of one section in several files the first counts, as a whole.
  std::vector<std::string> sections(std::string_view option) const;
  std::vector<std::string> section(std::string_view option, std::string_view word) const;
  // is_given: by any source.
  bool is_given(std::string_view name) const { return entries_.contains(name); }

  // complain says that a value of this option is wrong, and where it was given. `what` may hold the value as it is:
  // control characters become '?'.
  Problem complain(std::string_view name, std::string_view what) const;
  Problem complain_about_section(std::string_view option, std::string_view word, std::string_view what) const;

 private:
  struct Entry {
    std::vector<std::string> values;
    std::string origin;
    Exit exit = Exit::kUsage;
  };

  const OptionTable& table_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace quicket::apps
