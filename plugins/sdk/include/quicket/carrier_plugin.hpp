#pragma once

#include <quicket/carrier.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A C++ class as a carrier plugin. It needs nothing but carrier.h and the standard library.
//
//   struct Pigeon {
//     static constexpr quicket_carrier_info kInfo{.struct_size = sizeof(quicket_carrier_info), .name = "pigeon", ...};
//     Pigeon(quicket::plugin::Host host, const quicket::plugin::Options& options);       // throws BadOption
//     void deliver(const quicket::plugin::Delivery& delivery);  // when it can; never empty or above kInfo's limit
//     void receive(std::int64_t deadline_ms, const quicket::plugin::OnOffer& on_offer);  // when it can receive
//     void cancel() noexcept;
//   };
//   QUICKET_CARRIER_PLUGIN(Pigeon)
//
// deliver returns once the channel has taken the offer, receive when nothing more will ever come; whatever else happens
// is thrown: Cancelled, DeadlinePassed, TooLarge, or any std::exception, whose text the user sees. Exceptions end at
// the boundary. Several calls may run at once, and cancel beside them: the class guards its own state.
namespace quicket::plugin {

using Octets = std::vector<std::uint8_t>;
using OctetView = std::span<const std::uint8_t>;
using Options = std::map<std::string, std::string, std::less<>>;

// Failed and those derived from it end a call with their status and text.
class Failed : public std::runtime_error {
 public:
  explicit Failed(const std::string& text, int status = QUICKET_CARRIER_FAILED)
      : std::runtime_error(text), status_(status) {}
  int status() const noexcept { return status_; }  // quicket_carrier_status

 private:
  int status_;
};
struct BadOption : Failed {
  explicit BadOption(const std::string& text) : Failed(text, QUICKET_CARRIER_BAD_OPTION) {}
};
struct TooLarge : Failed {
  explicit TooLarge(const std::string& text) : Failed(text, QUICKET_CARRIER_TOO_LARGE) {}
};
struct Cancelled : Failed {
  Cancelled() : Failed("cancelled", QUICKET_CARRIER_CANCELLED) {}
};
struct DeadlinePassed : Failed {
  explicit DeadlinePassed(const std::string& text) : Failed(text, QUICKET_CARRIER_DEADLINE) {}
};

// Host is the program that loaded the plugin. A value; it may be used until the instance is destroyed, from any thread.
class Host {
 public:
  explicit Host(const quicket_host& table) : table_(&table) {}

  void log(quicket_log_level level, const std::string& line) const {
    table_->log(table_->context, level, line.c_str());
  }
  // now gives milliseconds on the clock of all deadlines.
  std::int64_t now() const { return table_->now(table_->context); }

  // to_text gives an offer's text form. Nothing when it is no offer.
  std::optional<std::string> to_text(quicket_text_form form, OctetView offer) const {
    std::string text(3 * offer.size() + 64, '\0');
    quicket_buffer buffer{reinterpret_cast<std::uint8_t*>(text.data()), text.size(), 0};
    if (table_->offer_to_text(table_->context, form, offer.data(), offer.size(), &buffer) != 0) return std::nullopt;
    text.resize(buffer.size);
    return text;
  }

  // from_text reads any text form. Nothing when it is no offer.
  std::optional<Octets> from_text(std::string_view text) const {
    Octets offer(text.size());  // every form is longer than what it holds
    quicket_buffer buffer{offer.data(), offer.size(), 0};
    if (table_->offer_from_text(table_->context, text.data(), text.size(), &buffer) != 0) return std::nullopt;
    offer.resize(buffer.size);
    return offer;
  }

  // peer is the host's own peer id; empty where it has none.
  std::string peer() const { return table_->peer == nullptr ? "" : table_->peer; }
  // relays are the URLs of the host's own relays.
  std::vector<std::string> relays() const { return {table_->relays, table_->relays + table_->relay_count}; }
  // relay_request performs one HTTP request at a relay, and blocks for it; what it returns is a quicket_carrier_status.
  int relay_request(quicket_relay_exchange& exchange) const {
    return table_->relay_request == nullptr ? QUICKET_CARRIER_FAILED
                                            : table_->relay_request(table_->context, &exchange);
  }

 private:
  const quicket_host* table_;
};

// Delivery is one offer on its way out. All is borrowed for the call.
struct Delivery {
  OctetView offer;
  std::optional<std::string_view> recipient;  // peer id; nothing on first contact
  std::span<const char* const> home_relays;   // URLs
  std::int64_t deadline_ms = 0;
};

// OnOffer hands a received offer to the host, in the thread of receive only.
class OnOffer {
 public:
  OnOffer(quicket_on_offer function, void* context) : function_(function), context_(context) {}
  quicket_carrier_verdict operator()(OctetView offer) const {
    const int verdict = function_(context_, offer.data(), offer.size());
    if (verdict == QUICKET_OFFER_ACCEPTED) return QUICKET_OFFER_ACCEPTED;
    return verdict == QUICKET_OFFER_DUPLICATE ? QUICKET_OFFER_DUPLICATE : QUICKET_OFFER_REFUSED;
  }

 private:
  quicket_on_offer function_;
  void* context_;
};

namespace detail {

inline void explain(quicket_error* error, const char* text) noexcept {
  if (error != nullptr) std::snprintf(error->text, sizeof error->text, "%s", text);
}

// guarded runs what may throw and gives the status for the host.
template <class Function>
int guarded(quicket_error* error, int success, Function&& function) noexcept {
  try {
    function();
    return success;
  } catch (const Failed& failed) {
    explain(error, failed.what());
    return failed.status();
  } catch (const std::exception& exception) {
    explain(error, exception.what());
  } catch (...) {
    explain(error, "an exception of unknown type");
  }
  return QUICKET_CARRIER_FAILED;
}

// Table turns the class T into the functions of the ABI.
template <class T>
struct Table {
  static T& self(void* instance) noexcept { return *static_cast<T*>(instance); }

  static int open(const quicket_host* host, const quicket_option* options, std::size_t count, void** instance,
                  quicket_error* error) {
    return guarded(error, QUICKET_CARRIER_OK, [&] {
      if (host == nullptr || host->struct_size < sizeof(quicket_host))
        throw Failed("the host is too old for this carrier");
      Options map;
      for (std::size_t i = 0; i < count; ++i) map[options[i].key] = options[i].value;
      *instance = new T(Host(*host), std::as_const(map));
    });
  }

  static int deliver(void* instance, const quicket_delivery* delivery, quicket_error* error) {
    return guarded(error, QUICKET_CARRIER_OK, [&] {
      if constexpr (requires(T & carrier, const Delivery& argument) { carrier.deliver(argument); }) {
        constexpr std::size_t kLimit = T::kInfo.max_offer == 0 ? 65'536 : T::kInfo.max_offer;
        if (delivery->offer_size == 0) throw Failed("the offer is empty");
        if (delivery->offer_size > kLimit) {
          throw TooLarge("the offer has " + std::to_string(delivery->offer_size) + " bytes, at most " +
                         std::to_string(kLimit) + " fit");
        }
        Delivery argument{.offer = {delivery->offer, delivery->offer_size}, .deadline_ms = delivery->deadline_ms};
        if (delivery->recipient != nullptr) argument.recipient = delivery->recipient;
        argument.home_relays = {delivery->home_relays, delivery->home_relay_count};
        self(instance).deliver(std::as_const(argument));
      } else {
        throw Failed("this carrier does not deliver");
      }
    });
  }

  static int receive(void* instance, std::int64_t deadline_ms, quicket_on_offer on_offer, void* context,
                     quicket_error* error) {
    return guarded(error, QUICKET_CARRIER_END, [&] {
      if constexpr (requires(T & carrier, const OnOffer& argument) { carrier.receive(deadline_ms, argument); }) {
        self(instance).receive(deadline_ms, OnOffer(on_offer, context));
      } else {
        throw Failed("this carrier does not receive");
      }
    });
  }

  static void cancel(void* instance) { self(instance).cancel(); }
  static void close(void* instance) { delete &self(instance); }

  static constexpr quicket_carrier kTable{.abi_version = QUICKET_CARRIER_ABI_VERSION,
                                          .struct_size = sizeof(quicket_carrier),
                                          .info = &T::kInfo,
                                          .open = open,
                                          .deliver = deliver,
                                          .receive = receive,
                                          .cancel = cancel,
                                          .close = close};
};

}  // namespace detail

}  // namespace quicket::plugin

// QUICKET_CARRIER_PLUGIN(Class) makes Class the carrier of this plugin. Once, outside every namespace.
#define QUICKET_CARRIER_PLUGIN(Class)                                                      \
  extern "C" const struct quicket_carrier* quicket_carrier_v1(uint32_t host_abi_version) { \
    if (host_abi_version < QUICKET_CARRIER_ABI_VERSION) return nullptr;                    \
    return &quicket::plugin::detail::Table<Class>::kTable;                                 \
  }
