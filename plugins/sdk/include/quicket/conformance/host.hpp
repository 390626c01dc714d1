#pragma once

#include <quicket/carrier.h>
#include <quicket/offer.hpp>

#include <time.h>

#include <cstring>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <quicket/conformance/channel.hpp>

namespace quicket::conformance {

// now gives milliseconds on the clock of all deadlines.
inline std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return time.tv_sec * 1'000 + time.tv_nsec / 1'000'000;
}

// Host is what an instance is opened with. It keeps what the carrier logs. Thread safety: all members.
class Host {
 public:
  Host() = default;
  // The host at one end of a channel.
  Host(Channel& channel, bool receiving)
      : peer_(channel.peer(receiving)),
        relays_(channel.relays(receiving)),
        relay_request_(channel.relay_request(receiving)) {
    if (!peer_.empty()) table_.peer = peer_.c_str();
    for (const std::string& relay : relays_) relay_pointers_.push_back(relay.c_str());
    table_.relays = relay_pointers_.data();
    table_.relay_count = relay_pointers_.size();
    if (relay_request_) table_.relay_request = request;
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const quicket_host& table() const noexcept { return table_; }
  // cancel ends what waits for a relay, now and later.
  void cancel() const noexcept { cancelled_.request_stop(); }
  std::vector<std::string> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

 private:
  static Host& self(void* context) { return *static_cast<Host*>(context); }
  static ByteView view(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const std::byte*>(data), size};
  }
  static int fill(quicket_buffer* buffer, const void* data, std::size_t size) {
    buffer->size = size;
    if (size > buffer->capacity) return 1;
    if (size > 0) std::memcpy(buffer->data, data, size);
    return 0;
  }

  static void add_to_log(void* context, int, const char* message) {
    const std::lock_guard lock(self(context).mutex_);
    self(context).log_.emplace_back(message);
  }
  static int to_text(void*, int form, const std::uint8_t* offer, std::size_t size, quicket_buffer* text) {
    const ByteView bytes = view(offer, size);
    const std::string result = form == QUICKET_TEXT_JSON  ? offer_to_json(bytes)
                               : form == QUICKET_TEXT_URI ? offer_to_uri(bytes)
                                                          : offer_to_digits(bytes);
    return fill(text, result.data(), result.size());
  }
  static int from_text(void*, const char* text, std::size_t size, quicket_buffer* offer) {
    offer->size = 0;
    const auto bytes = offer_from_text({text, size});
    return bytes ? fill(offer, bytes->data(), bytes->size()) : 1;
  }
  static int request(void* context, quicket_relay_exchange* exchange) {
    const Host& host = self(context);
    const std::stop_token stop = host.cancelled_.get_token();
    return stop.stop_requested() ? QUICKET_CARRIER_CANCELLED : host.relay_request_(*exchange, stop);
  }

  std::string peer_;
  std::vector<std::string> relays_;
  std::vector<const char*> relay_pointers_;  // texts are relays_'
  Channel::RelayRequest relay_request_;
  mutable std::stop_source cancelled_;
  quicket_host table_{.abi_version = QUICKET_CARRIER_ABI_VERSION,
                      .struct_size = sizeof(quicket_host),
                      .context = this,
                      .log = add_to_log,
                      .now = [](void*) { return conformance::now(); },
                      .offer_to_text = to_text,
                      .offer_from_text = from_text,
                      .relay_request = nullptr,
                      .peer = nullptr,
                      .relays = nullptr,
                      .relay_count = 0};
  mutable std::mutex mutex_;
  std::vector<std::string> log_;
};

}  // namespace quicket::conformance
