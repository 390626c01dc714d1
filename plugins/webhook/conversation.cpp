#include "plugins/webhook/conversation.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <chrono>

#include "plugins/webhook/listener.hpp"

namespace quicket::plugin {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto kWait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadAhead = 16 * 1'024;     // bytes of a body
constexpr std::size_t kMaxFarewell = 256 * 1'024;  // bytes that are thrown away before closing

// Due says that an answer is due as long as it lives.
class Due {
 public:
  explicit Due(const Desk& desk) : desk_(desk) { desk_.answering(1); }
  Due(const Due&) = delete;
  Due& operator=(const Due&) = delete;
  ~Due() { desk_.answering(-1); }

 private:
  const Desk& desk_;
};

void give(beast::tcp_stream& tcp, std::int64_t milliseconds) {
  tcp.expires_after(std::chrono::milliseconds(milliseconds));
}

// answer_to gives what to say about a request that cannot be read. Nothing where nobody listens any more.
std::optional<Reception::Answer> answer_to(error_code error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Reception::Answer{431, "the header is too large"};
  }
  if (error == http::error::body_limit) return Reception::Answer{413, "the body is too large"};
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message;
  if (ended || error.category() != http::make_error_code(http::error::bad_method).category()) return std::nullopt;
  return Reception::Answer{400, "this is no HTTP request: " + error.message()};
}

http::response<http::string_body> response_of(const Reception::Answer& answer) {
  http::response<http::string_body> response(static_cast<http::status>(answer.status), 11, answer.reason + '\n');
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.set(http::field::cache_control, "no-store");
  if (answer.status == 405) response.set(http::field::allow, "POST");
  if (answer.retry_after_seconds > 0) {
    response.set(http::field::retry_after, std::to_string(answer.retry_after_seconds));
  }
  response.keep_alive(false);
  response.prepare_payload();
  return response;
}

template <class Stream>
asio::awaitable<void> answer(Stream& stream, const Desk& desk, std::optional<Reception::Answer> answer) {
  if (!answer) co_return;
  const Due due(desk);
  give(beast::get_lowest_layer(stream), Listener::kAnswerTime);
  http::response<http::string_body> response = response_of(*answer);
  co_await http::async_write(stream, response, kWait);
}

// read_and_answer takes one request, and answers it where it can.
template <class Stream>
asio::awaitable<void> read_and_answer(Stream& stream, const Desk& desk) {
  beast::flat_buffer buffer(Reception::kMaxHeader + kReadAhead);
  http::request_parser<http::string_body> parser;
  parser.header_limit(Reception::kMaxHeader);
  parser.body_limit(Reception::kMaxBody);
  const auto [bad_header, header_size] = co_await http::async_read_header(stream, buffer, parser, kWait);
  std::optional<Reception::Answer> verdict = bad_header ? answer_to(bad_header) : desk.judge_header(parser.get());
  if (bad_header || verdict) {
    co_await answer(stream, desk, std::move(verdict));
    co_return;
  }
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    http::response<http::empty_body> go_on(http::status::continue_, 11);
    co_await http::async_write(stream, go_on, kWait);
  }
  const auto [bad_body, body_size] = co_await http::async_read(stream, buffer, parser, kWait);
  if (bad_body) {
    verdict = answer_to(bad_body);
    co_await answer(stream, desk, std::move(verdict));
    co_return;
  }
  const Due due(desk);  // judging may end the listener
  verdict = desk.judge(parser.get());
  co_await answer(stream, desk, std::move(verdict));
}

// leave closes so that what was said last arrives: bytes that nobody reads would make the system take it back.
asio::awaitable<void> leave(beast::tcp_stream& tcp) {
  error_code ended;
  tcp.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ended);
  std::array<char, 4'096> rest;
  for (std::size_t read = 0; !ended && read < kMaxFarewell;) {
    const auto [error, size] = co_await tcp.async_read_some(asio::buffer(rest), kWait);
    ended = error;
    read += size;
  }
}

}  // namespace

asio::awaitable<void> converse(asio::ip::tcp::socket socket, const Desk& desk) {
  beast::tcp_stream tcp(std::move(socket));
  give(tcp, Listener::kRequestTime);
  if (desk.tls == nullptr) {
    co_await read_and_answer(tcp, desk);
    give(tcp, Listener::kFarewellTime);
    co_await leave(tcp);
    co_return;
  }
  asio::ssl::stream<beast::tcp_stream&> stream(tcp, *desk.tls);
  const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::server, kWait);
  if (refused) co_return;
  co_await read_and_answer(stream, desk);
  give(tcp, Listener::kFarewellTime);
  co_await stream.async_shutdown(kWait);
  co_await leave(tcp);
}

}  // namespace quicket::plugin
