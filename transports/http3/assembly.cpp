#include "transports/http3/assembly.hpp"

#include <charconv>
#include <utility>

namespace quicket::transports {

namespace {

constexpr std::size_t kFieldOverhead = 32;  // RFC 9114 section 4.2.2

}  // namespace

void MessageAssembly::add_field(std::string_view name, std::string_view value) {
  if (!count_field(name, value)) return;
  if (name.starts_with(':')) {
    add_pseudo_field(name, value);
  } else {
    message_.headers.push_back({std::string(name), std::string(value)});
  }
}

void MessageAssembly::add_pseudo_field(std::string_view name, std::string_view value) {
  if (name == ":method") {
    message_.method = value;
  } else if (name == ":authority") {
    message_.authority = value;
  } else if (name == ":path") {
    message_.path = value;
  } else if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), status_);
  }
}

bool MessageAssembly::count_field(std::string_view name, std::string_view value) {
  if (verdict_ != Verdict::kFine) return false;
  head_bytes_ += name.size() + value.size() + kFieldOverhead;
  if (head_bytes_ > limits_.header_bytes) verdict_ = Verdict::kHeadersTooLarge;
  return verdict_ == Verdict::kFine;
}

void MessageAssembly::add_body(ByteView bytes) {
  if (verdict_ != Verdict::kFine) return;
  if (bytes.size() > limits_.body_bytes - message_.body.size()) {
    verdict_ = Verdict::kBodyTooLarge;
    message_.body = {};
    return;
  }
  message_.body.insert(message_.body.end(), bytes.begin(), bytes.end());
}

void MessageAssembly::end_head() {
  if (status_ >= 100 && status_ < 200) message_.headers.clear();
}

HttpRequest MessageAssembly::take_request() {
  if (message_.authority.empty()) message_.authority = find_header(message_.headers, "host").value_or("");
  return std::move(message_);
}

HttpResponse MessageAssembly::take_response() {
  return {.status = status_, .headers = std::move(message_.headers), .body = std::move(message_.body)};
}

}  // namespace quicket::transports
