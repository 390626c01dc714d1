#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/waiter.hpp>

namespace quicket::plugin {

// HttpRequest is borrowed for the exchange.
struct HttpRequest {
  std::string_view url;
  std::string_view method;
  const std::vector<std::string>& headers;  // "Name: value"
  std::string_view body;
  std::string_view ca_file;  // empty: the system's
  bool use_proxy = true;     // the one that the environment names (https_proxy)
};

struct HttpAnswer {
  int status = 0;
  std::int64_t retry_after_ms = 0;  // 0: not said
  std::string text;                 // the start of the body, printable
};

// Unreachable: nobody answered, but somebody may next time. Its text says why.
struct Unreachable : Failed {
  using Failed::Failed;
};

// HttpClient posts by libcurl: HTTP/1.1 or 2, TLS 1.2 or later with the server's certificate checked, no redirects.
// Thread safety: const members.
class HttpClient {
 public:
  static constexpr std::int64_t kConnectTime = 10'000;  // milliseconds
  static constexpr std::int64_t kExchangeTime = 30'000;

  HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  // exchange sends a request and waits for the answer. Throws Cancelled, DeadlinePassed, Unreachable, and Failed for
  // what no second try can mend, such as a certificate that does not fit.
  HttpAnswer exchange(const HttpRequest& request, const Host& host, const Waiter& waiter, std::int64_t deadline) const;
};

}  // namespace quicket::plugin
