// A carrier that breaks the rules of the ABI in one way, which option "how" names.
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "good_table.hpp"

namespace {

constexpr uint8_t kOffer[] = {1, 1, 2, 3};

struct Garbage {
  std::string how;
  quicket_on_offer on_offer = nullptr;
  void* context = nullptr;
};

Garbage& self(void* instance) { return *static_cast<Garbage*>(instance); }

int unterminated(quicket_error* error) {
  std::memset(error->text, 'x', sizeof error->text);
  return QUICKET_CARRIER_FAILED;
}

int open(const quicket_host*, const quicket_option* options, size_t count, void** instance, quicket_error* error) {
  const std::string how = count > 0 ? options[0].value : "";
  if (how == "open-status") return 999;
  if (how == "open-text") return unterminated(error);
  if (how == "open-null") return QUICKET_CARRIER_OK;
  *instance = new Garbage{.how = how};
  return QUICKET_CARRIER_OK;
}

int deliver(void* instance, const quicket_delivery*, quicket_error* error) {
  return self(instance).how == "text" ? unterminated(error) : -7;
}

void offer_absurd_sizes(quicket_on_offer on_offer, void* context) {
  const std::vector<uint8_t> large(65'537, 1);
  on_offer(context, nullptr, 5);
  on_offer(context, nullptr, SIZE_MAX);
  on_offer(context, kOffer, SIZE_MAX);
  on_offer(context, large.data(), large.size());
  on_offer(nullptr, kOffer, sizeof kOffer);
}

void offer_from_many_threads(quicket_on_offer on_offer, void* context) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([=] {
      for (int n = 0; n < 100; ++n) on_offer(context, kOffer, sizeof kOffer);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

int receive(void* instance, int64_t, quicket_on_offer on_offer, void* context, quicket_error* error) {
  Garbage& garbage = self(instance);
  if (garbage.how == "status") return 12'345;
  if (garbage.how == "text") return unterminated(error);
  if (garbage.how == "sizes") offer_absurd_sizes(on_offer, context);
  if (garbage.how == "threads") offer_from_many_threads(on_offer, context);
  if (garbage.how == "late") {
    garbage.on_offer = on_offer;
    garbage.context = context;
  }
  return QUICKET_CARRIER_END;
}

// cancel calls back for a receive that has returned.
void cancel(void* instance) {
  const Garbage& garbage = self(instance);
  if (garbage.on_offer != nullptr) garbage.on_offer(garbage.context, kOffer, sizeof kOffer);
}

void close(void* instance) { delete &self(instance); }

}  // namespace

const quicket_carrier* quicket_carrier_v1(uint32_t) {
  static constexpr quicket_carrier_info kInfo = [] {
    quicket_carrier_info info = quicket::good_info("garbage");
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
