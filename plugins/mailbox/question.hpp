#pragma once

#include <cstdint>
#include <string>

#include <quicket/carrier_plugin.hpp>

namespace quicket::plugin {

constexpr std::int64_t kAnswerDeadline = 5'000;  // milliseconds; a try that takes longer is given up
constexpr std::int64_t kShortestPause = 250, kLongestPause = 10'000;  // milliseconds between tries

// Question is one request to a relay.
struct Question {
  const char* method;
  std::string relay, path;  // URL, and what stands behind it
  std::string body;         // JSON; empty: none
  bool is_signed = false;   // as the peer: what is asked of one's own mailbox
  std::int64_t deadline;    // milliseconds on the host's clock
};

// Answer is what came of it.
struct Answer {
  int outcome = QUICKET_CARRIER_FAILED;  // quicket_carrier_status
  int status = 0;                        // of HTTP, with QUICKET_CARRIER_OK
  std::string body;

  bool is_good() const noexcept { return outcome == QUICKET_CARRIER_OK && status / 100 == 2; }
  bool is_worth_retrying() const noexcept {
    return outcome != QUICKET_CARRIER_OK || status == 408 || status == 429 || status >= 500;
  }
};

// ask blocks until the answer is there, the deadline has passed or the instance is cancelled.
Answer ask(const Host& host, const Question& question);

// why says what went wrong, for a person.
std::string why(const std::string& relay, const Answer& answer);

}  // namespace quicket::plugin
