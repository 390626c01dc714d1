#include "plugins/mailbox/question.hpp"

#include "plugins/mailbox/answers.hpp"

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxAnswer = 96 * 1024;  // bytes of a relay's body: an offer in base64, and some

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
  if (answer.outcome != QUICKET_CARRIER_OK) return "relay " + relay + " does not answer";
  const std::string detail = read_problem(answer.body);
  if (answer.status == 404 && detail.empty()) return "relay " + relay + " has no mailboxes";
  if (answer.is_good()) return "relay " + relay + " answers with what is no message";
  return "relay " + relay + " refused with status " + std::to_string(answer.status) +
         (detail.empty() ? "" : ": " + detail);
}

}  // namespace quicket::plugin
