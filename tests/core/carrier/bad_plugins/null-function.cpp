// A carrier that says it can receive, but has no function for it.
#include "good_table.hpp"

const quicket_carrier* quicket_carrier_v1(uint32_t) {
  static constexpr quicket_carrier_info kInfo = quicket::good_info("null-function");
  static const quicket_carrier kTable = [] {
    quicket_carrier table = quicket::good_table(kInfo);
    table.receive = nullptr;
    return table;
  }();
  return &kTable;
}
