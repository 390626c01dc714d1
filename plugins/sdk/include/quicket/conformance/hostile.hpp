#pragma once

#include <quicket/offer.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <quicket/conformance/channel.hpp>

namespace quicket::conformance {

// hostile_bytes is what enemies and broken channels put in: none of it is an offer in any form.
inline std::vector<Octets> hostile_bytes() {
  const auto octets = [](std::string_view text) { return Octets(text.begin(), text.end()); };
  Octets all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  all.push_back('\n');
  const std::string json_depth(50'000, '[');
  return {all,
          octets("hello\n"),
          octets("\n\r\n \t\n"),
          octets(std::string(1 << 20, 'x') + "\n"),
          octets(std::string(100'000, '\0') + "\n"),
          octets("\xff\xfe\xfd{\"offer\":\n"),
          octets("{\"offer\":\"AQE\n"),
          octets("{\"offer\":\"" + std::string(200'000, 'A') + "\"}\n"),
          octets("{\"offer\":" + json_depth + "\n"),
          octets("{\"offer\":12}\n{}\n[]\n\"quicket:\"\n"),
          octets("quicket:\nquicket:AQ\nquicket:!!!!\nQUICKET:/\nQUICKET:/99999999999999999\n"),
          octets("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"),
          octets("%s%s%s%n%n%n\x1b[2J\x1b]0;x\x07\n")};
}

// traces_of gives what may show an offer of at least 100 bytes in a text: pieces from its middle, in all forms.
inline std::array<std::string, 4> traces_of(const Octets& offer) {
  const ByteView bytes(reinterpret_cast<const std::byte*>(offer.data()), offer.size());
  const auto middle = [](const std::string& text) { return text.substr(text.size() / 2, 16); };
  std::string hex;
  for (const std::uint8_t octet : offer) {
    hex += "0123456789abcdef"[octet >> 4];
    hex += "0123456789abcdef"[octet & 15];
  }
  return {middle(offer_to_json(bytes)), middle(offer_to_uri(bytes)), middle(offer_to_digits(bytes)), middle(hex)};
}

}  // namespace quicket::conformance
