#include <quicket/beast.hpp>

#include "tests/transports/endpoint/world.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace quicket::test {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::beast::flat_buffer;

asio::awaitable<void> serve_http(Connection connection) {
  auto accepted = connection.accept_stream();
  Stream stream = co_await std::move(accepted);
  flat_buffer buffer;
  http::request<http::string_body> request;
  auto got = http::async_read(stream, buffer, request, asio::use_awaitable);
  co_await std::move(got);
  http::response<http::string_body> response(http::status::ok, 11);
  response.body() = "you asked for " + std::string(request.target());
  response.prepare_payload();
  auto written = http::async_write(stream, response, asio::use_awaitable);
  co_await std::move(written);
  stream.shutdown_send();
  auto closed = stream.async_wait_closed(asio::use_awaitable);
  co_await std::move(closed);
}

asio::awaitable<std::string> ask_http(Connection connection) {
  auto opened = connection.open_stream();
  Stream stream = co_await std::move(opened);
  http::request<http::empty_body> request(http::verb::get, "/photos", 11);
  request.set(http::field::host, "peer");
  auto written = http::async_write(stream, request, asio::use_awaitable);
  co_await std::move(written);
  stream.shutdown_send();
  flat_buffer buffer;
  http::response<http::string_body> response;
  auto got = http::async_read(stream, buffer, response, asio::use_awaitable);
  co_await std::move(got);
  co_return response.body();
}

TEST(Protocols, ServeAnHttpRequestOfBeast) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  auto [mine, theirs] = world.connect(alice, bob);
  auto served = world.spawn(serve_http(theirs));
  EXPECT_EQ(world.spawn(ask_http(mine)).get(), "you asked for /photos");
}

asio::awaitable<void> echo_websocket(Connection connection) {
  auto accepted = connection.accept_stream();
  websocket::stream<Stream> socket(co_await std::move(accepted));
  auto upgraded = socket.async_accept(asio::use_awaitable);
  co_await std::move(upgraded);
  flat_buffer buffer;
  auto got = socket.async_read(buffer, asio::use_awaitable);
  co_await std::move(got);
  auto written = socket.async_write(buffer.data(), asio::use_awaitable);
  co_await std::move(written);
  flat_buffer rest;
  auto ended = socket.async_read(rest, asio::use_awaitable);
  co_await std::move(ended);
}

asio::awaitable<std::string> ask_websocket(Connection connection) {
  auto opened = connection.open_stream();
  websocket::stream<Stream> socket(co_await std::move(opened));
  auto upgraded = socket.async_handshake("peer", "/", asio::use_awaitable);
  co_await std::move(upgraded);
  auto written = socket.async_write(asio::buffer("echo me", 7), asio::use_awaitable);
  co_await std::move(written);
  flat_buffer buffer;
  auto got = socket.async_read(buffer, asio::use_awaitable);
  co_await std::move(got);
  auto closed = socket.async_close(websocket::close_code::normal, asio::use_awaitable);
  co_await std::move(closed);
  co_return boost::beast::buffers_to_string(buffer.data());
}

TEST(Protocols, CarryAWebSocketOfBeastToItsOrderlyEnd) {
  World world;
  const Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  auto [mine, theirs] = world.connect(alice, bob);
  auto served = world.spawn(echo_websocket(theirs));
  EXPECT_EQ(world.spawn(ask_websocket(mine)).get(), "echo me");
  EXPECT_EQ(served.error(), websocket::error::closed);
}

}  // namespace
}  // namespace quicket::test
