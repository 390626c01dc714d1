// The compact form of an offer's body. Input: a compact form. What it expands to is bounded, and compacts without loss.
#include "core/offer/compact.hpp"
#include "core/offer/random_fields.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <quicket/offer.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quicket;
  const auto body = expand_body(byte_view(data, size));
  if (!body) return 0;
  FUZZ_CHECK(body->size() <= kMaxOffer);

  Bytes blank = *body;
  const Bytes fields = take_random_fields(blank);
  FUZZ_CHECK(blank.size() == body->size() && fields.size() <= body->size());

  const Bytes compact = compact_body(*body);
  FUZZ_CHECK(compact.size() <= body->size() + 1);
  const auto again = expand_body(compact);
  FUZZ_CHECK(again && *again == *body);
  return 0;
}
