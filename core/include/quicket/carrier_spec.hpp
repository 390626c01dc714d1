#pragma once

#include <quicket/error.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace quicket {

using CarrierOptions = std::map<std::string, std::string, std::less<>>;

// CarrierSpec says which carrier to open, and how.
struct CarrierSpec {
  static constexpr std::size_t kMaxText = 4'096;  // bytes
  static constexpr std::size_t kMaxOptions = 32;

  std::string name;  // as CarrierInfo's, or a plugin's path: whatever holds a '/'
  CarrierOptions options;
};

// parse_carrier_spec reads NAME, or NAME:KEY=VALUE,KEY=VALUE. Values may be empty and hold '=' and ':'; "\," stands for
// a comma and "\\" for a backslash. Keys are 1 to 32 of a-z 0-9 _ -, each once. Errors: kCarrierOption.
Outcome<CarrierSpec> parse_carrier_spec(std::string_view text);

}  // namespace quicket
