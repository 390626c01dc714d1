// A request to the webhook carrier's listener, as its HTTP parser gives it on. Input: flags (1: a signature is asked
// for, 2: a good one is put in), how far the clock is off, the request.
#include "core/carrier/host_table.hpp"
#include "plugins/webhook/reception.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <string>

namespace quicket::plugin {
namespace {

namespace http = boost::beast::http;

constexpr std::int64_t kNow = 1'800'000'000;

int count(void* offers, const std::uint8_t*, std::size_t size) {
  FUZZ_CHECK(size <= 65'536);
  ++*static_cast<int*>(offers);
  return QUICKET_OFFER_ACCEPTED;
}

void sign(Reception::Request& request, const SigningKeys& keys, std::int64_t at) {
  const std::string id = "msg_1", timestamp = std::to_string(at);
  request.set(kIdHeader, id);
  request.set(kTimestampHeader, timestamp);
  request.set(kSignatureHeader, keys.sign(id, timestamp, request.body()));
}

void check(const Reception::Answer& answer) {
  FUZZ_CHECK(answer.status >= 200 && answer.status <= 503 && answer.reason.size() < 120);
  FUZZ_CHECK(std::ranges::all_of(answer.reason, [](char c) { return c >= 0x20 && c < 0x7f; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool asks = (data[0] & 1) != 0, signs = (data[0] & 2) != 0;
  const HostTable table("webhook", {.now = [] { return TimePoint(); }});
  const Host host(table.table());
  const SigningKeys keys("a key of both sides, and long");
  Reception reception("/", asks ? &keys : nullptr, host);

  http::request_parser<http::string_body> parser;
  parser.header_limit(Reception::kMaxHeader);
  parser.body_limit(Reception::kMaxBody);
  parser.eager(true);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(data + 2, size - 2), error);
  if (error || !parser.is_done()) return 0;
  Reception::Request request = parser.release();
  if (const auto refusal = reception.judge_header(request)) {
    check(*refusal);
    return 0;
  }
  const std::int64_t at = kNow + 3 * (data[1] - 128);
  if (signs) sign(request, keys, at);
  int offers = 0;
  const auto first = reception.receive(request, kNow, OnOffer(&count, &offers));
  check(first);
  FUZZ_CHECK(offers == (first.status == 200 ? 1 : 0));
  FUZZ_CHECK(!asks || signs || first.status == 401);
  FUZZ_CHECK(!asks || !signs || std::abs(at - kNow) <= Reception::kTolerance || first.status == 401);
  const auto second = reception.receive(request, kNow, OnOffer(&count, &offers));
  FUZZ_CHECK(second.status == first.status && (!asks || offers <= 1));
  return 0;
}

}  // namespace quicket::plugin
