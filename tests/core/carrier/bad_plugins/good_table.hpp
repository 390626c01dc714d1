#pragma once

#include <quicket/carrier.h>

namespace quicket {

// good_info and good_table are what a host accepts; a bad plugin spoils one thing of them.
constexpr quicket_carrier_info good_info(const char* name) {
  return {.struct_size = sizeof(quicket_carrier_info),
          .name = name,
          .summary = "bad",
          .capabilities = QUICKET_CARRIER_CAN_RECEIVE};
}

constexpr quicket_carrier good_table(const quicket_carrier_info& info) {
  return {
      .abi_version = QUICKET_CARRIER_ABI_VERSION,
      .struct_size = sizeof(quicket_carrier),
      .info = &info,
      .open = [](const quicket_host*, const quicket_option*, size_t, void**, quicket_error*) -> int {
        return QUICKET_CARRIER_FAILED;
      },
      .deliver = [](void*, const quicket_delivery*, quicket_error*) -> int { return QUICKET_CARRIER_FAILED; },
      .receive = [](void*, int64_t, quicket_on_offer, void*, quicket_error*) -> int { return QUICKET_CARRIER_FAILED; },
      .cancel = [](void*) {},
      .close = [](void*) {}};
}

}  // namespace quicket
