#pragma once

#include <quicket/bytes.hpp>

#include "transports/http3/message.hpp"

#include <string>
#include <string_view>

namespace quicket::transports {

// MessageAssembly puts one message together from decoded fields and body bytes, and holds it to its limits while it
// comes in. What comes after a limit was broken is not kept.
class MessageAssembly {
 public:
  enum class Verdict { kFine, kHeadersTooLarge, kBodyTooLarge };

  explicit MessageAssembly(const HttpLimits& limits) : limits_(limits) {}

  // add_field takes one field of the head; names that begin with ':' are pseudo-header fields (RFC 9114 section 4.3).
  void add_field(std::string_view name, std::string_view value);
  // add_trailer counts a trailer field; trailers are not delivered.
  void add_trailer(std::string_view name, std::string_view value) { count_field(name, value); }
  void add_body(ByteView bytes);

  // end_head ends one head: those of interim responses (1xx, RFC 9110 section 15.2) are dropped, but stay counted.
  void end_head();

  Verdict verdict() const noexcept { return verdict_; }

  // take_* give the message away; once, after its end.
  HttpRequest take_request();
  HttpResponse take_response();

 private:
  bool count_field(std::string_view name, std::string_view value);
  void add_pseudo_field(std::string_view name, std::string_view value);

  HttpLimits limits_;
  Verdict verdict_ = Verdict::kFine;
  std::size_t head_bytes_ = 0;
  HttpRequest message_;  // a response uses its headers and body
  int status_ = 0;
};

}  // namespace quicket::transports
