// offer_dictionary prints core/offer/dictionary.cpp, made from the flight of the QUIC stack that it is built with:
//   cmake --build build/dev --target offer_dictionary && build/dev/tests/offer_dictionary > core/offer/dictionary.cpp
// A dictionary that was released must never change: a new one gets a new number, and a new CompactForm.

#include "core/offer/random_fields.hpp"
#include "tests/core/offer/sample.hpp"

#include <cstdio>

namespace quicket {
namespace {

void append_blank(Bytes& dictionary, const Offer& offer, OfferKind kind) {
  Bytes body = encode_body(offer, kind).value();
  take_random_fields(body);
  dictionary.insert(dictionary.end(), body.begin(), body.end());
}

// make_dictionary puts the most usual offer last: deflate points to near bytes with fewer bits.
Bytes make_dictionary() {
  Random random(1);
  constexpr std::uint16_t kHighPort = 50'000;  // as peers have: three bytes of varint
  Offer rare = sample_offer(random, OfferKind::kPairing, 2);
  rare.relays[0].addresses = {random_v6(random, kHighPort), random_v4(random, kHighPort)};
  rare.relays[1].pin.reset();
  rare.relays[1].host = "relay.example.org";

  Offer usual = sample_offer(random, OfferKind::kSealed);
  usual.candidates = {{random_v6(random, kHighPort), CandidateKind::kHost},
                      {random_v4(random, kHighPort), CandidateKind::kHost},
                      {random_v4(random, kHighPort), CandidateKind::kReflexive}};
  Bytes dictionary;
  append_blank(dictionary, rare, OfferKind::kPairing);
  append_blank(dictionary, usual, OfferKind::kSealed);
  return dictionary;
}

void print(ByteView dictionary) {
  std::printf(
      "#include \"core/offer/dictionary.hpp\"\n\n#include <array>\n#include <cstdint>\n\nnamespace quicket "
      "{\n\nnamespace {\n\n");
  std::printf("// Made by offer_dictionary (tests/core/offer/make_dictionary.cpp).\n");
  std::printf("constexpr std::array<std::uint8_t, %zu> kDictionary1{", dictionary.size());
  constexpr std::size_t kPerLine = 19;
  for (std::size_t i = 0; i < dictionary.size(); ++i) {
    std::printf("%s0x%02x,", i % kPerLine == 0 ? "\n    " : " ", std::to_integer<unsigned>(dictionary[i]));
  }
  std::printf(
      "\n};\n\n}  // namespace\n\nByteView dictionary_1() { return std::as_bytes(std::span(kDictionary1)); }\n\n}  // "
      "namespace quicket\n");
}

}  // namespace
}  // namespace quicket

int main() {
  quicket::print(quicket::make_dictionary());
  return 0;
}
