#include "relay/admin/listener.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace quicket::relay {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

// How long accepting waits when the system has no descriptors left.
constexpr std::chrono::milliseconds kAcceptPause{100};

tcp::endpoint endpoint_of(const Address& address) {
  if (address.is_v4()) {
    asio::ip::address_v4::bytes_type bytes;
    std::ranges::transform(address.ip(), bytes.begin(), [](std::byte b) { return std::to_integer<unsigned char>(b); });
    return {asio::ip::address_v4(bytes), address.port()};
  }
  asio::ip::address_v6::bytes_type bytes;
  std::ranges::transform(address.ip(), bytes.begin(), [](std::byte b) { return std::to_integer<unsigned char>(b); });
  return {asio::ip::address_v6(bytes), address.port()};
}

http::response<http::string_body> response_to(const http::request<http::empty_body>& request,
                                              const AdminSource& source) {
  const auto method = request.method_string();
  const auto target = request.target();
  AdminResponse answer = answer_admin({method.data(), method.size()}, {target.data(), target.size()}, source);
  http::response<http::string_body> response(static_cast<http::status>(answer.status), request.version());
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
  response.keep_alive(request.keep_alive());
  const std::size_t size = answer.body.size();
  if (request.method() != http::verb::head) response.body() = std::move(answer.body);
  response.content_length(size);
  return response;
}

// refusal_of tells what to answer to bytes that are no request that we take; nothing when the connection just ended.
std::optional<http::status> refusal_of(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return http::status::request_header_fields_too_large;
  }
  if (error == http::error::body_limit || error == http::error::unexpected_body) return http::status::payload_too_large;
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message;
  if (ended || error.category() != make_error_code(http::error::bad_method).category()) return std::nullopt;
  return http::status::bad_request;
}

}  // namespace

// State is what connections share; it lives as long as one of them does.
struct AdminListener::State {
  State(const asio::any_io_executor& executor, AdminSource a_source, const AdminOptions& an_options)
      : acceptor(executor), pause(executor), source(std::move(a_source)), options(an_options) {}

  error_code listen(const tcp::endpoint& local) {
    error_code error;
    acceptor.open(local.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(local, error);
    if (!error) acceptor.listen(static_cast<int>(options.max_connections), error);
    return error;
  }

  // Guest is a connection's entry in `streams`, one of `connections`.
  class Guest {
   public:
    Guest(std::shared_ptr<State> state, beast::tcp_stream& stream) : state_(std::move(state)), stream_(stream) {
      state_->streams.insert(&stream_);
    }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    ~Guest() {
      state_->streams.erase(&stream_);
      --state_->connections;
    }

   private:
    std::shared_ptr<State> state_;
    beast::tcp_stream& stream_;
  };

  // accept and serve hold the state from their call on: a coroutine begins later than that.
  static asio::awaitable<void> accept(std::shared_ptr<State> self) {
    while (!self->stopped) {
      error_code error;
      tcp::socket socket = co_await self->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (self->stopped) co_return;
      if (error) {
        self->pause.expires_after(kAcceptPause);
        co_await self->pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      } else if (self->connections < self->options.max_connections) {
        ++self->connections;
        asio::co_spawn(self->acceptor.get_executor(), serve(self, std::move(socket)), asio::detached);
      }
    }
  }

  static asio::awaitable<void> serve(std::shared_ptr<State> self, tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    const Guest guest(self, stream);
    if (!self->stopped) co_await self->converse(stream);
  }

  asio::awaitable<void> converse(beast::tcp_stream& stream) {
    beast::flat_buffer buffer(2 * options.header_bytes);
    for (std::size_t request = 0; request < options.max_requests && !stopped; ++request) {
      http::request_parser<http::empty_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(options.header_bytes));
      parser.body_limit(std::uint64_t{0});
      error_code error;
      stream.expires_after(options.patience);
      co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
      if (stopped) break;
      if (const auto refusal = refusal_of(error)) co_await refuse(stream, *refusal);
      if (error) break;
      auto response = response_to(parser.get(), source);
      if (request + 1 == options.max_requests) response.keep_alive(false);
      http::response_serializer<http::string_body> serializer(response);
      const bool head = parser.get().method() == http::verb::head;
      stream.expires_after(options.patience);
      if (head) {
        co_await http::async_write_header(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
      } else {
        co_await http::async_write(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
      }
      if (error || !response.keep_alive()) break;
    }
    error_code ignored;  // it is closed next in any case
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  asio::awaitable<void> refuse(beast::tcp_stream& stream, http::status status) {
    http::response<http::empty_body> response(status, 11);
    response.keep_alive(false);
    response.content_length(0);
    http::response_serializer<http::empty_body> serializer(response);
    error_code ignored;  // the connection ends in any case
    co_await http::async_write(stream, serializer, asio::redirect_error(asio::use_awaitable, ignored));
  }

  void stop() {
    stopped = true;
    error_code ignored;  // nothing is waited for any more
    acceptor.close(ignored);
    pause.cancel();
    for (beast::tcp_stream* stream : streams) stream->close();
  }

  tcp::acceptor acceptor;
  asio::steady_timer pause;
  AdminSource source;
  AdminOptions options;
  std::size_t connections = 0;
  std::set<beast::tcp_stream*> streams;  // of the connections; each is its own coroutine's
  bool stopped = false;
};

Outcome<std::unique_ptr<AdminListener>> AdminListener::create(const asio::any_io_executor& executor,
                                                              const Address& local, AdminSource source,
                                                              const AdminOptions& options) {
  auto state = std::make_shared<State>(executor, std::move(source), options);
  if (const error_code error = state->listen(endpoint_of(local))) {
    return Failure{error, "tcp " + local.to_string() + ": " + error.message()};
  }
  error_code error;
  const std::uint16_t port = state->acceptor.local_endpoint(error).port();
  if (error) return Failure{error, "tcp " + local.to_string() + ": " + error.message()};
  asio::co_spawn(executor, State::accept(state), asio::detached);
  return std::unique_ptr<AdminListener>(new AdminListener(std::move(state), local.with_port(port)));
}

AdminListener::~AdminListener() { state_->stop(); }

}  // namespace quicket::relay
