#pragma once

#include <array>

#include "apps/options/option_table.hpp"

namespace quicket::apps::test {

inline constexpr std::array kRows{
    Option{.name = "quiet", .letter = 'q', .meaning = "say nothing"},
    Option{.name = "lease", .kind = OptionKind::kValue, .value = "DURATION", .meaning = "how long", .initial = "2min"},
    Option{.name = "max-ids", .kind = OptionKind::kValue, .value = "N", .meaning = "how many", .initial = "10"},
    Option{.name = "listen",
           .letter = 'l',
           .kind = OptionKind::kList,
           .value = "ADDR",
           .meaning = "where",
           .sections = true},
    Option{.name = "config",
           .kind = OptionKind::kValue,
           .value = "FILE",
           .meaning = "what to read",
           .configurable = false},
};
inline constexpr OptionTable kTable(kRows, "SAMPLE_");

}  // namespace quicket::apps::test
