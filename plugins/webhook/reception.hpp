#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <quicket/carrier_plugin.hpp>

#include "plugins/webhook/replay_guard.hpp"
#include "plugins/webhook/signature.hpp"

namespace quicket::plugin {

// Reception judges requests: no socket, no clock. What it says goes to strangers, so it tells nothing that they have
// not said themselves.
class Reception {
 public:
  using Header = boost::beast::http::request_header<>;
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  static constexpr std::uint32_t kMaxHeader = 8 * 1'024;   // bytes
  static constexpr std::uint64_t kMaxBody = 192 * 1'024;   // bytes: 64 KiB take about 160 KiB of digits
  static constexpr std::int64_t kTolerance = 300;          // seconds that a timestamp may be off, either way
  static constexpr std::size_t kMaxId = 256;               // bytes of a webhook-id
  static constexpr std::size_t kMaxSignature = 2 * 1'024;  // bytes of a webhook-signature

  struct Answer {
    unsigned status;
    std::string reason;                    // one line for people
    std::int64_t retry_after_seconds = 0;  // 0: none
  };

  // `keys` may be null: then no signature is asked for. Both are borrowed.
  Reception(std::string path, const SigningKeys* keys, const Host& host)
      : path_(std::move(path)), keys_(keys), host_(host) {}

  // judge_header says no before the body is read. Nothing: go on.
  std::optional<Answer> judge_header(const Header& header) const;

  // receive judges a whole request whose header passed, and hands its offer to the host. `now` in Unix seconds.
  // 200: the host took the offer, now or before. 422: it did not.
  Answer receive(const Request& request, std::int64_t now, const OnOffer& on_offer);

 private:
  struct Signed {
    std::string id;
    std::int64_t timestamp = 0;
  };
  // check_signature gives what was signed, or why it counts for nothing.
  std::optional<Answer> check_signature(const Request& request, std::int64_t now, Signed& message) const;

  std::string path_;
  const SigningKeys* keys_;
  const Host& host_;
  ReplayGuard seen_;
};

}  // namespace quicket::plugin
