// A carrier whose file has another name than itself, and whose open fails without a word.
#include "good_table.hpp"

const quicket_carrier* quicket_carrier_v1(uint32_t) {
  static constexpr quicket_carrier_info kInfo = quicket::good_info("someone-else");
  static constexpr quicket_carrier kTable = quicket::good_table(kInfo);
  return &kTable;
}
