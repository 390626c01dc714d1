// A carrier of another version of the ABI.
#include "good_table.hpp"

const quicket_carrier* quicket_carrier_v1(uint32_t) {
  static constexpr quicket_carrier_info kInfo = quicket::good_info("wrong-abi");
  static const quicket_carrier kTable = [] {
    quicket_carrier table = quicket::good_table(kInfo);
    table.abi_version = 99;
    return table;
  }();
  return &kTable;
}
