#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace quicket::relay {

// AdminSource is what the admin endpoint tells about.
struct AdminSource {
  std::function<bool()> is_ready;
  std::function<std::string()> metrics;  // Prometheus' text
};

struct AdminResponse {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string_view allow;  // 405 only
  std::string body;
};

// answer_admin answers a request to the admin endpoint: GET, or HEAD, of
//   /healthz   200 whenever it can answer at all
//   /readyz    200, or 503 while the relay takes no registrations
//   /metrics   200 with the counters
// A query is ignored. Total: any method and target get an answer, 404 and 405 where there is nothing.
AdminResponse answer_admin(std::string_view method, std::string_view target, const AdminSource& source);

}  // namespace quicket::relay
