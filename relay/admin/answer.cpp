#include "relay/admin/answer.hpp"

namespace quicket::relay {

namespace {

constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

AdminResponse answer_admin(std::string_view method, std::string_view target, const AdminSource& source) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path != "/healthz" && path != "/readyz" && path != "/metrics") {
    return {.status = 404, .body = "there are /healthz, /readyz and /metrics\n"};
  }
  if (method != "GET" && method != "HEAD") return {.status = 405, .allow = "GET, HEAD", .body = "only GET and HEAD\n"};
  if (path == "/metrics") return {.content_type = kMetricsType, .body = source.metrics()};
  if (path == "/readyz" && !source.is_ready()) return {.status = 503, .body = "takes no registrations\n"};
  return {.body = "ok\n"};
}

}  // namespace quicket::relay
