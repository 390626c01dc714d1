#pragma once

#include <cstdint>

#include <quicket/plugin/waiter.hpp>

#include "plugins/bluetooth/spool.hpp"

namespace quicket::plugin {

// write_offer puts an offer into `spool`, on the disk and as a whole: written in tmp, then renamed to new. Whatever
// fails leaves nothing behind. Throws Cancelled, DeadlinePassed, Failed (also when kMaxFiles offers wait there unread).
void write_offer(const Spool& spool, OctetView offer, const Waiter& waiter, std::int64_t deadline);

}  // namespace quicket::plugin
