/* A carrier that takes every offer and brings it nowhere: the least that the interface asks for. */
#include <quicket/carrier.h>

static int open_instance(const struct quicket_host* host, const struct quicket_option* options, size_t option_count,
                         void** instance, struct quicket_error* error) {
  (void)options;
  (void)option_count;
  (void)error;
  *instance = (void*)host;
  return QUICKET_CARRIER_OK;
}

static int deliver(void* instance, const struct quicket_delivery* delivery, struct quicket_error* error) {
  (void)instance;
  (void)delivery;
  (void)error;
  return QUICKET_CARRIER_OK;
}

static int receive(void* instance, int64_t deadline_ms, quicket_on_offer on_offer, void* context,
                   struct quicket_error* error) {
  (void)instance;
  (void)deadline_ms;
  (void)on_offer;
  (void)context;
  (void)error;
  return QUICKET_CARRIER_END;
}

static void cancel(void* instance) { (void)instance; }

static void close_instance(void* instance) { (void)instance; }

static const struct quicket_carrier_info info = {
    .struct_size = sizeof(struct quicket_carrier_info),
    .name = "nowhere",
    .summary = "takes every offer and brings it nowhere",
    .capabilities = QUICKET_CARRIER_CAN_DELIVER,
};

static const struct quicket_carrier carrier = {
    .abi_version = QUICKET_CARRIER_ABI_VERSION,
    .struct_size = sizeof(struct quicket_carrier),
    .info = &info,
    .open = open_instance,
    .deliver = deliver,
    .receive = receive,
    .cancel = cancel,
    .close = close_instance,
};

const struct quicket_carrier* quicket_carrier_v1(uint32_t host_abi_version) {
  return host_abi_version == QUICKET_CARRIER_ABI_VERSION ? &carrier : 0;
}
