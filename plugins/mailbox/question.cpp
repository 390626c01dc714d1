#include "plugins/mailbox/question.hpp"

#include <string_view>

#include "plugins/mailbox/answers.hpp"

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxAnswer = 96 * 1024;  // bytes of a relay's body: an offer in base64, and some

// name_of gives HOST:PORT of a relay's URL: the pin says nothing to a person.
std::string name_of(std::string_view relay) {
  constexpr std::string_view kScheme = "https://";
  if (relay.starts_with(kScheme)) relay.remove_prefix(kScheme.size());
  return std::string(relay.substr(0, relay.find('#')));
}

}  // namespace

Answer ask(const Host& host, const Question& question) {
  Answer answer;
  answer.body.resize(kMaxAnswer);
  quicket_relay_exchange exchange{.struct_size = sizeof exchange};
  exchange.method = question.method;
  exchange.path = question.path.c_str();
  if (!question.body.empty()) exchange.content_type = "application/json";
  exchange.body = reinterpret_cast<const std::uint8_t*>(question.body.data());
  exchange.body_size = question.body.size();
  exchange.sign_as_peer = question.is_signed ? 1 : 0;
  exchange.deadline_ms = question.deadline;
  exchange.response = {reinterpret_cast<std::uint8_t*>(answer.body.data()), answer.body.size(), 0};
  exchange.relay = question.relay.c_str();
  answer.outcome = host.relay_request(exchange);
  answer.status = exchange.status;
  answer.body.resize(answer.outcome == QUICKET_CARRIER_OK ? exchange.response.size : 0);
  return answer;
}

std::string why(const std::string& relay, const Answer& answer) {
  const std::string name = "relay " + name_of(relay);
  if (answer.outcome != QUICKET_CARRIER_OK) return name + " does not answer";
  const std::string detail = read_problem(answer.body);
  if (answer.status == 404 && detail.empty()) return name + " has no mailboxes";
  if (answer.is_good()) return name + " answers with what is no message";
  return name + " refused with status " + std::to_string(answer.status) + (detail.empty() ? "" : ": " + detail);
}

}  // namespace quicket::plugin
