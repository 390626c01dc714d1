/* The smallest carrier, in C: it only receives, and gives one offer. */
#include <quicket/carrier.h>

static int instance_of_all;

static int open_plain(const struct quicket_host* host, const struct quicket_option* options, size_t count,
                      void** instance, struct quicket_error* error) {
  (void)host;
  (void)options;
  (void)count;
  (void)error;
  *instance = &instance_of_all;
  return QUICKET_CARRIER_OK;
}

static int receive_plain(void* instance, int64_t deadline_ms, quicket_on_offer on_offer, void* context,
                         struct quicket_error* error) {
  static const uint8_t offer[] = {1, 1, 'h', 'i'};
  (void)instance;
  (void)deadline_ms;
  (void)error;
  on_offer(context, offer, sizeof offer);
  on_offer(context, NULL, 5);
  on_offer(context, offer, (size_t)1 << 20);
  return QUICKET_CARRIER_END;
}

static void nothing(void* instance) { (void)instance; }

const struct quicket_carrier* quicket_carrier_v1(uint32_t host_abi_version) {
  static const struct quicket_carrier_info info = {
      .struct_size = sizeof info, .name = "plain", .summary = "one offer", .capabilities = QUICKET_CARRIER_CAN_RECEIVE};
  static const struct quicket_carrier table = {.abi_version = QUICKET_CARRIER_ABI_VERSION,
                                               .struct_size = sizeof table,
                                               .info = &info,
                                               .open = open_plain,
                                               .receive = receive_plain,
                                               .cancel = nothing,
                                               .close = nothing};
  return host_abi_version >= QUICKET_CARRIER_ABI_VERSION ? &table : NULL;
}
