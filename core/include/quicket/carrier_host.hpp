#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>
#include <quicket/time.hpp>

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace quicket {

enum class CarrierLogLevel { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3 };

// CarrierRelayRequest is one HTTP request that a carrier wants sent on the endpoint's session with a relay.
struct CarrierRelayRequest {
  std::string method;
  std::string path;
  std::string content_type;  // empty: no body
  Bytes body;
  bool sign_as_peer = false;
  TimePoint deadline;
  std::string relay;       // URL
  std::stop_token cancel;  // ends the wait
};

struct CarrierRelayResponse {
  int status = 0;  // of HTTP
  Bytes body;
};

// HostServices are what carriers may ask of the program that opened them.
// Thread safety: each function may be called from any carrier's thread, several at a time. What they throw never
// reaches the carrier: the carrier's call then fails with kInternal.
struct HostServices {
  // now is the clock of all deadlines. Required.
  std::function<TimePoint()> now;
  // log gets the name of the carrier and one line, without control characters. Empty: nothing is logged.
  std::function<void(CarrierLogLevel, std::string_view carrier, std::string_view line)> log;
  // relay_request performs an exchange and blocks until it is answered. Errors: kCancelled and kHttpDeadline are told
  // to the carrier as such, all others as a failure. Empty: there is no relay, and carriers see that.
  std::function<Result<CarrierRelayResponse>(const CarrierRelayRequest&)> relay_request;
  // peer is the endpoint's own id, relays the URLs of its own relays, at which it has its mailboxes. May be empty.
  std::string peer;
  std::vector<std::string> relays;
  // close runs `closing` once, which closes an instance: foreign code, which may hang. It may return before that is
  // done, and must not throw. Empty: it runs where the last handle of the instance goes.
  std::function<void(std::function<void()> closing)> close;
};

}  // namespace quicket
