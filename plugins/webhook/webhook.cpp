#include <iterator>
#include <optional>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/options.hpp>
#include <quicket/plugin/turn.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/webhook/listener.hpp"
#include "plugins/webhook/reception.hpp"
#include "plugins/webhook/sender.hpp"
#include "plugins/webhook/settings.hpp"

namespace quicket::plugin {

// Webhook carries offers as HTTP requests: it posts them to any server, and takes them on a listener of its own.
class Webhook {
 public:
  static constexpr quicket_option kOptions[] = {
      {"url", "where offers are posted: https, or http to this machine itself"},
      {"url-file", "a file that holds the URL, where that is a secret"},
      {"method", "POST (the default), PUT or PATCH"},
      {"form", "the body: json (the default), {\"offer\":\"BASE64\"}; uri, a line of text; binary, the offer's bytes"},
      {"body-file",
       "a file with a body of your own; {{offer_json}}, {{offer_uri}}, {{offer_b64url}}, {{recipient}}, "
       "{{message_id}} and {{timestamp}} are filled in"},
      {"headers-file", "a file with more headers, a line each: NAME: VALUE"},
      {"ca-file", "a file with the certificates (PEM) that the server's must be signed by, in place of the system's"},
      {"secret-file", "a file with the key that signs and checks messages (Standard Webhooks), one per line"},
      {"listen", "where offers are taken, ADDRESS:PORT; without cert-file only an address of this machine itself"},
      {"path", "the path of the URL where offers are taken; / by default"},
      {"cert-file", "a file with the listener's certificate, and those that lead to its authority (PEM)"},
      {"key-file", "a file with the private key of that certificate (PEM)"},
  };
  static constexpr quicket_carrier_info kInfo{.struct_size = sizeof(quicket_carrier_info),
                                              .name = "webhook",
                                              .summary = "offers as HTTP requests, to any server or to a listener here",
                                              .capabilities = QUICKET_CARRIER_CAN_DELIVER | QUICKET_CARRIER_CAN_RECEIVE,
                                              .max_offer = 65'536,
                                              .typical_latency_ms = 500,
                                              .options = kOptions,
                                              .option_count = std::size(kOptions)};

  Webhook(Host host, const Options& options) : host_(host), waiter_(host) {
    refuse_unknown_options(options, kInfo);
    keys_ = signing_keys(options);
    if (auto settings = sender_settings(options)) sender_.emplace(*std::move(settings));
    listener_ = listener_settings(options);
  }

  void deliver(const Delivery& delivery) {
    if (!sender_) throw Failed("option \"url\" does not say where offers are posted");
    sender_->send(delivery, keys(), host_, waiter_);
  }

  void receive(std::int64_t deadline, const OnOffer& on_offer) {
    if (!listener_) throw Failed("option \"listen\" does not say where offers are taken");
    const Turn::Taken taken(listening_, waiter_, deadline);
    Reception reception(listener_->path, keys(), host_);
    Listener(listener_->address, listener_->tls ? &*listener_->tls : nullptr, reception, host_)
        .serve(waiter_, deadline, on_offer);
  }

  void cancel() noexcept { waiter_.cancel(); }

 private:
  const SigningKeys* keys() const noexcept { return keys_ ? &*keys_ : nullptr; }

  Host host_;
  Waiter waiter_;
  Turn listening_;
  std::optional<SigningKeys> keys_;
  std::optional<Sender> sender_;
  std::optional<ListenerSettings> listener_;
};

}  // namespace quicket::plugin

QUICKET_CARRIER_PLUGIN(quicket::plugin::Webhook)
