#include "core/peer/control.hpp"

#include "proto/parse.hpp"
#include "quicket/v1/control.pb.h"

#include <algorithm>

namespace quicket {

namespace {

void put_varint(Bytes& out, std::uint64_t value) {
  if (value < 64) {
    out.push_back(std::byte(value));
  } else {
    out.push_back(std::byte(0x40 | value >> 8));  // messages of this size need no longer form
    out.push_back(std::byte(value));
  }
}

// Frame is one message's place at the front of the pending bytes.
struct Frame {
  std::size_t header = 0;
  std::uint64_t size = 0;
};

std::optional<Frame> read_frame(ByteView bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::size_t header = std::size_t{1} << (std::to_integer<unsigned>(bytes[0]) >> 6);
  if (bytes.size() < header) return std::nullopt;
  std::uint64_t size = std::to_integer<std::uint64_t>(bytes[0] & std::byte{0x3f});
  for (std::size_t i = 1; i < header; ++i) size = size << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return Frame{header, size};
}

Result<Hello> to_hello(const v1::Hello& message) {
  Hello hello;
  hello.version = message.version();
  if (hello.version != Hello::kVersion) return Errc::kProtocolViolation;
  if (message.protocols_size() > static_cast<int>(Hello::kMaxProtocols)) return Errc::kProtocolViolation;
  for (const std::string& protocol : message.protocols()) {
    if (protocol.empty() || protocol.size() > Hello::kMaxProtocol) return Errc::kProtocolViolation;
    hello.protocols.push_back(protocol);
  }
  for (const v1::Candidate& candidate : message.candidates()) {
    if (hello.candidates.size() == Offer::kMaxCandidates) break;
    const auto address =
        Address::from(as_bytes(candidate.address().ip()), static_cast<std::uint16_t>(candidate.address().port()));
    const bool known = candidate.kind() >= 1 && candidate.kind() <= 3 && candidate.address().port() <= 65535;
    if (known && address) hello.candidates.push_back({*address, static_cast<CandidateKind>(candidate.kind())});
  }
  hello.pairing_proof = to_bytes(as_bytes(message.pairing_proof()));
  return hello;
}

}  // namespace

Bytes encode_hello(const Hello& hello) {
  v1::ControlMessage message;
  v1::Hello& body = *message.mutable_hello();
  body.set_version(hello.version);
  for (const std::string& protocol : hello.protocols) body.add_protocols(protocol);
  for (const Candidate& candidate : hello.candidates) {
    v1::Candidate& out = *body.add_candidates();
    out.mutable_address()->set_ip(std::string(as_text(candidate.address.ip())));
    out.mutable_address()->set_port(candidate.address.port());
    out.set_kind(static_cast<std::uint32_t>(candidate.kind));
  }
  body.set_pairing_proof(std::string(as_text(hello.pairing_proof)));

  const std::string text = message.SerializeAsString();
  Bytes framed;
  put_varint(framed, text.size());
  const ByteView bytes = as_bytes(text);
  framed.insert(framed.end(), bytes.begin(), bytes.end());
  return framed;
}

Result<std::optional<Hello>> ControlReader::feed(ByteView bytes) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  std::optional<Hello> greeting;
  std::size_t used = 0;
  for (;;) {
    const ByteView rest = ByteView(pending_).subspan(used);
    const auto frame = read_frame(rest);
    if (!frame) break;
    if (frame->size > kMaxControlMessage) return Errc::kProtocolViolation;
    if (rest.size() - frame->header < frame->size) break;

    v1::ControlMessage message;
    if (!parse_message(rest.subspan(frame->header, static_cast<std::size_t>(frame->size)), message))
      return Errc::kProtocolViolation;
    used += frame->header + static_cast<std::size_t>(frame->size);
    if (message.has_hello() == greeted_)
      return Errc::kProtocolViolation;  // HELLO is the first message, and only the first
    if (!message.has_hello()) continue;
    auto hello = to_hello(message.hello());
    if (!hello) return hello.error();
    greeting = std::move(*hello);
    greeted_ = true;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used));
  return greeting;
}

std::optional<std::string> choose_protocol(const std::vector<std::string>& dialer,
                                           const std::vector<std::string>& accepter) {
  for (const std::string& protocol : dialer) {
    if (std::ranges::find(accepter, protocol) != accepter.end()) return protocol;
  }
  return std::nullopt;
}

}  // namespace quicket
