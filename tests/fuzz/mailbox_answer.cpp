// What a relay's bodies say to the mailbox carrier. Input: the HTTP status, two bytes, and a body. Nothing but letters
// and digits gets into a path, and nothing but printable text to a person.
#include <quicket/offer.hpp>

#include "plugins/mailbox/answers.hpp"
#include "plugins/mailbox/question.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <string>

namespace quicket::plugin {
namespace {

bool is_name(const std::string& text) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, is_letter_or_digit);
}

bool is_line(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Answer answer{.outcome = QUICKET_CARRIER_OK, .status = data[0] * 256 + data[1]};
  answer.body.assign(reinterpret_cast<const char*>(data) + 2, size - 2);

  const auto id = read_message_id(answer.body), run = read_run(answer.body);
  FUZZ_CHECK(!id || (is_name(*id) && read_message_id("{\"id\":\"" + *id + "\"}") == id));
  FUZZ_CHECK(!run || (is_name(*run) && read_run("{\"run\":\"" + *run + "\"}") == run));
  const std::int64_t keep = read_keep(answer.body);
  FUZZ_CHECK(keep >= 0 && keep <= std::int64_t{7} * 24 * 3'600'000);
  const std::string problem = read_problem(answer.body), reason = why("https://r", answer);
  FUZZ_CHECK(problem.size() <= 200 && is_line(problem));
  FUZZ_CHECK(reason.size() <= 300 && is_line(reason) && !(answer.is_good() && answer.is_worth_retrying()));
  const auto offer = offer_from_text(answer.body);
  FUZZ_CHECK(!offer || (offer->size() <= kMaxOffer && offer_from_text(offer_to_json(*offer)) == *offer));
  return 0;
}

}  // namespace quicket::plugin
