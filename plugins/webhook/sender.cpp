#include "plugins/webhook/sender.hpp"

#include <chrono>

#include <quicket/plugin/backoff.hpp>

namespace quicket::plugin {

namespace {

constexpr std::int64_t kFirstPause = 250, kLongestPause = 30'000;  // milliseconds
constexpr std::size_t kMaxBody = 1 << 20;                          // bytes

std::string unix_seconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

std::string header(std::string_view name, std::string_view value) {
  return std::string(name).append(": ").append(value);
}

std::string seconds(std::int64_t milliseconds) { return std::to_string((milliseconds + 999) / 1'000) + " s"; }

}  // namespace

bool is_worth_retrying(int status) {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

HttpAnswer Sender::post(const Delivery& delivery, const std::string& id, const SigningKeys* keys, const Host& host,
                        const Waiter& waiter) const {
  constexpr std::string_view kScheme = "quicket:";
  const std::string timestamp = unix_seconds();
  std::string body(delivery.offer.begin(), delivery.offer.end());
  if (settings_.body) {
    const auto json = host.to_text(QUICKET_TEXT_JSON, delivery.offer),
               uri = host.to_text(QUICKET_TEXT_URI, delivery.offer);
    if (!json || !uri) throw Failed("the host cannot write this offer as text");
    body = settings_.body->render({.offer_json = *json,
                                   .offer_uri = *uri,
                                   .offer_b64url = std::string_view(*uri).substr(kScheme.size()),
                                   .recipient = delivery.recipient.value_or(std::string_view()),
                                   .message_id = id,
                                   .timestamp = timestamp});
  }
  if (body.size() > kMaxBody) throw TooLarge("the body would have more than 1 MiB");
  std::vector<std::string> headers = settings_.headers;
  headers.emplace_back("Expect:");  // none: bodies are small
  headers.push_back(header(kIdHeader, id));
  headers.push_back(header(kTimestampHeader, timestamp));
  if (keys != nullptr) headers.push_back(header(kSignatureHeader, keys->sign(id, timestamp, body)));
  const HttpRequest request{.url = settings_.url.text(),
                            .method = settings_.method,
                            .headers = headers,
                            .body = body,
                            .ca_file = settings_.ca_file,
                            .use_proxy = settings_.url.is_encrypted()};
  return client_.exchange(request, host, waiter, delivery.deadline_ms);
}

void Sender::send(const Delivery& delivery, const SigningKeys* keys, const Host& host, const Waiter& waiter) const {
  const std::string id = new_message_id();
  const std::string& place = settings_.url.origin();
  Backoff backoff(kFirstPause, kLongestPause);
  std::string told;
  for (;;) {
    std::string why;
    std::int64_t asked = 0;
    std::optional<HttpAnswer> answer;
    waiter.pause(0, delivery.deadline_ms);
    try {
      answer = post(delivery, id, keys, host, waiter);
    } catch (const Unreachable& unreachable) {
      why = std::string("cannot be reached: ") + unreachable.what();
    } catch (const DeadlinePassed&) {
      throw DeadlinePassed(place + " did not answer in time" + (told.empty() ? "" : "; the last time, it " + told));
    } catch (const Failed& failed) {
      if (failed.status() != QUICKET_CARRIER_FAILED) throw;
      throw Failed(place + ": " + failed.what());
    }
    if (answer) {
      if (answer->status >= 200 && answer->status <= 299) return;
      why = "answers " + std::to_string(answer->status) + (answer->text.empty() ? "" : ": " + answer->text);
      if (answer->status >= 300 && answer->status <= 399) why += " (redirects are not followed: give the final URL)";
      if (!is_worth_retrying(answer->status)) throw Failed(place + ' ' + why);
      asked = answer->retry_after_ms;
    }
    const std::int64_t pause = backoff.next(asked);
    if (asked > 0 && delivery.deadline_ms != 0 && host.now() + pause > delivery.deadline_ms) {
      throw DeadlinePassed(place + ' ' + why + ", and asks to be left alone for " + seconds(asked));
    }
    if (why != told) host.log(QUICKET_LOG_WARNING, place + ' ' + why + "; trying again in " + seconds(pause));
    told = why;
    try {
      waiter.pause(pause, delivery.deadline_ms);
    } catch (const DeadlinePassed&) {
      throw DeadlinePassed(place + ' ' + why + ", until the deadline");
    }
  }
}

}  // namespace quicket::plugin
