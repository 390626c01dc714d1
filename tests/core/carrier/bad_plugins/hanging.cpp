// A carrier whose calls never look at deadlines or cancel: they return when descriptor "until" can be read, and without
// one never. Its cancel hangs as long as they do. Then receive tries to give an offer, and close writes to descriptor
// "closed". Its open and close hang only when they are given a descriptor of their own, "opening" and "closing".
#include <poll.h>
#include <unistd.h>

#include <map>
#include <string>

#include "good_table.hpp"

namespace {

struct Hanging {
  int until = -1, closed = -1, closing = -1;

  void hang() const { hang_until(until); }
  static void hang_until(int fd) {
    pollfd readable{.fd = fd, .events = POLLIN};
    while (::poll(&readable, 1, -1) != 1) {
    }
  }
};

int open(const quicket_host*, const quicket_option* options, size_t count, void** instance, quicket_error*) {
  std::map<std::string, int> numbers;
  for (size_t i = 0; i < count; ++i) numbers[options[i].key] = std::stoi(options[i].value);
  const auto number = [&](const char* key) { return numbers.contains(key) ? numbers.at(key) : -1; };
  if (number("opening") >= 0) Hanging::hang_until(number("opening"));
  *instance = new Hanging{.until = number("until"), .closed = number("closed"), .closing = number("closing")};
  return QUICKET_CARRIER_OK;
}

int deliver(void* instance, const quicket_delivery*, quicket_error*) {
  static_cast<Hanging*>(instance)->hang();
  return QUICKET_CARRIER_OK;
}

int receive(void* instance, int64_t, quicket_on_offer on_offer, void* context, quicket_error*) {
  static_cast<Hanging*>(instance)->hang();
  const uint8_t offer[] = {1, 1, 2, 3};
  return on_offer(context, offer, sizeof offer) == QUICKET_OFFER_ACCEPTED ? QUICKET_CARRIER_OK : QUICKET_CARRIER_END;
}

void cancel(void* instance) { static_cast<Hanging*>(instance)->hang(); }

void close(void* instance) {
  const Hanging hanging = *static_cast<Hanging*>(instance);
  delete static_cast<Hanging*>(instance);
  if (hanging.closing >= 0) Hanging::hang_until(hanging.closing);
  if (hanging.closed >= 0 && ::write(hanging.closed, "c", 1) != 1) ::_exit(70);
}

}  // namespace

const quicket_carrier* quicket_carrier_v1(uint32_t) {
  static constexpr quicket_carrier_info kInfo = [] {
    quicket_carrier_info info = quicket::good_info("hanging");
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
