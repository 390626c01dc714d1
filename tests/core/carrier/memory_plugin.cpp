// A well-behaved carrier for tests: receive gives what deliver took, and the log tells what the host passed.
#include <quicket/carrier_plugin.hpp>

#include <atomic>
#include <deque>
#include <mutex>

namespace {

using namespace quicket::plugin;

class Memory {
 public:
  static constexpr quicket_option kOptions[] = {{"status", "what deliver returns"}};
  static constexpr quicket_carrier_info kInfo{
      .struct_size = sizeof(quicket_carrier_info),
      .name = "memory",
      .summary = "offers stay in memory",
      .capabilities = QUICKET_CARRIER_CAN_DELIVER | QUICKET_CARRIER_CAN_RECEIVE | QUICKET_CARRIER_HIDES,
      .max_offer = 1'000,
      .typical_latency_ms = 7,
      .options = kOptions,
      .option_count = 1};

  Memory(Host host, const Options& options) : host_(host) {
    for (const auto& [key, value] : options) {
      if (key != "status") throw BadOption("there is no option \"" + key + "\"");
      status_ = std::stoi(value);
    }
  }

  void deliver(const Delivery& delivery) {
    if (cancelled_) throw Cancelled();
    if (status_ != 0) throw Failed("told to\x1b[2J", status_);
    host_.log(QUICKET_LOG_INFO, "to " + std::string(delivery.recipient.value_or("nobody")));
    for (const char* relay : delivery.home_relays) host_.log(QUICKET_LOG_INFO, std::string("by ") + relay);
    host_.log(QUICKET_LOG_INFO, "until " + std::to_string(delivery.deadline_ms));
    const std::lock_guard lock(mutex_);
    offers_.emplace_back(delivery.offer.begin(), delivery.offer.end());
  }

  void receive(std::int64_t deadline_ms, const OnOffer& on_offer) {
    host_.log(QUICKET_LOG_INFO, "until " + std::to_string(deadline_ms));
    const std::lock_guard lock(mutex_);
    for (; !offers_.empty(); offers_.pop_front()) {
      if (cancelled_) throw Cancelled();
      host_.log(QUICKET_LOG_INFO, "verdict " + std::to_string(on_offer(offers_.front())));
    }
  }

  void cancel() noexcept { cancelled_ = true; }

 private:
  Host host_;
  int status_ = 0;
  std::atomic<bool> cancelled_ = false;
  std::mutex mutex_;
  std::deque<Octets> offers_;
};

}  // namespace

QUICKET_CARRIER_PLUGIN(Memory)
