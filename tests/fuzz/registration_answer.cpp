// A relay's answers as its client reads them: the relay may lie. Input: the window that is asked for, then answers. A
// grant is part of what was asked for and within bounds, a refusal is fit for a person's eyes, and the client's state
// follows whatever comes.
#include "core/quic/cursor.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/transports/relay/sample.hpp"
#include "transports/relay/registration.hpp"

namespace quicket::transports {
namespace {

constexpr std::size_t kMostAnswers = 12;

void check(const Grant& grant, const IdWindow& asked) {
  const auto end = [](const IdWindow& window) { return std::uint64_t{window.first} + window.num; };
  FUZZ_CHECK(grant.window.num > 0 && grant.window.first >= asked.first && end(grant.window) <= end(asked));
  FUZZ_CHECK(grant.lease >= kShortestLease && grant.lease <= kLongestLease && grant.observed.port() != 0);
  FUZZ_CHECK(grant.public_addresses.size() <= kMaxPublicAddresses && grant.peer_token.size() <= kMaxPeerToken);
}

void check(const Denial& denial, const IdWindow&) {
  FUZZ_CHECK(denial.why.code && denial.why.detail.size() < 300);
  FUZZ_CHECK(std::ranges::all_of(denial.why.detail, [](char c) { return c >= ' ' && c <= '~'; }));
}

HttpResponse take_answer(quic::Cursor& input) {
  HttpResponse response{.status = static_cast<int>(input.number(2) % 600), .headers = {}, .body = {}};
  const std::uint8_t what = input.octet();
  if ((what & 1) != 0) response.headers.push_back({"content-type", "application/protobuf"});
  if ((what & 2) != 0) response.headers.push_back({"retry-after", std::string(as_text(input.take(what >> 4)))});
  response.body = to_bytes(input.take(std::min<std::size_t>(input.number(2), input.left())));
  return response;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Registration sample = test::registration(1);
  quic::Cursor input(byte_view(data, size));
  Registration wanted = sample;
  wanted.first = static_cast<std::uint32_t>(input.number(4));
  wanted.num = static_cast<std::uint32_t>(input.number(2));
  RelayRegistration registration(wanted, {});
  TimePoint now{std::chrono::hours(1)};
  for (std::size_t count = 0; count < kMostAnswers && !input.at_end(); ++count) {
    const std::uint8_t what = input.octet();
    if ((what & 1) != 0) {
      wanted.first += what, wanted.num += what;
      registration.change(wanted);
    }
    if ((what & 2) != 0) registration.request_check();
    if ((what & 4) != 0) registration.on_connection_lost();
    if ((what & 0x88) == 0x88) registration.release();
    now += std::chrono::seconds(what >> 4) * 10;
    if (registration.deadline() && *registration.deadline() <= now) registration.on_deadline(now);
    if (!registration.wants_to_ask(now)) continue;

    const RelayRegistration::Question question = registration.ask(std::chrono::seconds(1), now);
    const HttpResponse response = take_answer(input);
    const auto answer = read_register_answer(response, question.window, "relay.example");
    std::visit([&](const auto& read) { check(read, question.window); }, answer);
    if (const auto length = read_info_answer(response)) FUZZ_CHECK(*length > 0);
    const auto verdict = registration.on_answer(response, "relay.example", now);
    if (verdict == RelayRegistration::Verdict::kOver) return 0;  // the client forgets it
    FUZZ_CHECK(!registration.is_asking());
  }
  return 0;
}

}  // namespace quicket::transports
