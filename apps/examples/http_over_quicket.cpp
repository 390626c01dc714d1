// http_over_quicket RELAY-URL
// Two peers in one program: Beast asks and answers an HTTP request over a Quicket stream. The offer is handed over in
// memory.
#include <quicket/endpoint.hpp>

#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <iostream>

namespace asio = boost::asio;
namespace http = boost::beast::http;

asio::awaitable<void> serve(const quicket::Endpoint& endpoint, quicket::Bytes offer) {
  quicket::Connection connection = co_await endpoint.accept_offer(std::move(offer));
  quicket::Stream stream = co_await connection.accept_stream();
  boost::beast::flat_buffer buffer;
  http::request<http::string_body> request;
  co_await http::async_read(stream, buffer, request, asio::use_awaitable);
  http::response<http::string_body> response(http::status::ok, 11);
  response.body() = "this is " + std::string(request.target()) + ", for " + connection.peer().to_string() + "\n";
  response.prepare_payload();
  co_await http::async_write(stream, response, asio::use_awaitable);
  co_await connection.wait_closed();
}

asio::awaitable<void> ask(const quicket::Endpoint& endpoint, quicket::PeerId peer, quicket::SendOffer send) {
  quicket::Connection connection = co_await endpoint.dial_with(peer, std::move(send));
  quicket::Stream stream = co_await connection.open_stream();
  http::request<http::empty_body> request(http::verb::get, "/photos", 11);
  co_await http::async_write(stream, request, asio::use_awaitable);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(stream, buffer, response, asio::use_awaitable);
  std::cout << response;
}

int main(int argc, char** argv) try {
  if (argc != 2) throw std::invalid_argument("usage: http_over_quicket RELAY-URL");
  asio::io_context context;
  quicket::EndpointOptions asker{.identity = quicket::Identity::generate(), .protocols = {"http/1.1"}};
  asker.relays = {quicket::RelayUrl::parse(argv[1]).value()};
  quicket::EndpointOptions server{
      .identity = quicket::Identity::generate(), .relays = asker.relays, .protocols = {"http/1.1"}};
  server.trust.add("asker", asker.identity.id()).value();
  const auto alice = quicket::Endpoint::create(context.get_executor(), asker).value();
  const auto bob = quicket::Endpoint::create(context.get_executor(), server).value();

  auto send = [&](quicket::ByteView offer) {
    asio::co_spawn(context, serve(bob, quicket::to_bytes(offer)), asio::detached);
  };
  asio::co_spawn(context, ask(alice, bob.id(), send), [&](std::exception_ptr failed) {
    context.stop();
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
} catch (const std::exception& error) {
  std::cerr << "error: " << error.what() << std::endl;
  return 1;
}
