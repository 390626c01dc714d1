#pragma once

#include <optional>
#include <string>
#include <vector>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/webhook/body_template.hpp"
#include "plugins/webhook/http_client.hpp"
#include "plugins/webhook/signature.hpp"
#include "plugins/webhook/target_url.hpp"

namespace quicket::plugin {

// What is posted where. `body` empty: the offer's bytes.
struct SenderSettings {
  TargetUrl url;
  std::string method;
  std::vector<std::string> headers;  // "Name: value", Content-Type among them
  std::optional<BodyTemplate> body;
  std::string ca_file;  // empty: the system's
};

// Sender posts offers, again and again until somebody takes them: after a failed connection, 408, 425, 429 and 5xx,
// after as long as Retry-After says and backoff demands. Every try of one offer has the same webhook-id. Answers 2xx
// are success, all others are final. Thread safety: send().
class Sender {
 public:
  explicit Sender(SenderSettings settings) : settings_(std::move(settings)) {}

  // send posts one offer. `keys` may be null: no signature. Throws Cancelled, DeadlinePassed, Failed.
  void send(const Delivery& delivery, const SigningKeys* keys, const Host& host, const Waiter& waiter) const;

 private:
  HttpAnswer post(const Delivery& delivery, const std::string& id, const SigningKeys* keys, const Host& host,
                  const Waiter& waiter) const;

  SenderSettings settings_;
  HttpClient client_;
};

// is_worth_retrying says whether the same request may succeed later, by the status of its answer (RFC 9110 section 15).
bool is_worth_retrying(int status);

}  // namespace quicket::plugin
