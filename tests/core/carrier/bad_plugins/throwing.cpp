// A carrier that lets C++ exceptions out, which the ABI forbids. Option "where": open, deliver, receive, cancel or
// close.
#include <stdexcept>
#include <string>

#include "good_table.hpp"

namespace {

struct NoStandardException {};

bool throws_at(void* instance, const char* where) { return *static_cast<std::string*>(instance) == where; }

int open(const quicket_host*, const quicket_option* options, size_t count, void** instance, quicket_error*) {
  const std::string where = count > 0 ? options[0].value : "";
  if (where == "open") throw std::runtime_error("thrown by open");
  *instance = new std::string(where);
  return QUICKET_CARRIER_OK;
}

int deliver(void* instance, const quicket_delivery*, quicket_error*) {
  if (throws_at(instance, "deliver")) throw NoStandardException();
  return QUICKET_CARRIER_OK;
}

int receive(void* instance, int64_t, quicket_on_offer, void*, quicket_error*) {
  if (throws_at(instance, "receive")) throw std::runtime_error("thrown by receive");
  return QUICKET_CARRIER_END;
}

void cancel(void* instance) {
  if (throws_at(instance, "cancel")) throw std::runtime_error("thrown by cancel");
}

void close(void* instance) {
  const bool throws = throws_at(instance, "close");
  delete static_cast<std::string*>(instance);
  if (throws) throw std::runtime_error("thrown by close");
}

}  // namespace

const quicket_carrier* quicket_carrier_v1(uint32_t) {
  static constexpr quicket_carrier_info kInfo = [] {
    quicket_carrier_info info = quicket::good_info("throwing");
    info.capabilities = QUICKET_CARRIER_CAN_DELIVER | QUICKET_CARRIER_CAN_RECEIVE;
    return info;
  }();
  static constexpr quicket_carrier kTable{.abi_version = QUICKET_CARRIER_ABI_VERSION,
                                          .struct_size = sizeof(quicket_carrier),
                                          .info = &kInfo,
                                          .open = open,
                                          .deliver = deliver,
                                          .receive = receive,
                                          .cancel = cancel,
                                          .close = close};
  return &kTable;
}
