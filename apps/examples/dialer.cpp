// dialer KEY-FILE [RELAY-URL PEER-ID]
// Calls a peer: prints the offer as one line of JSON, then says hello once a second.
// With a key file alone it prints its own peer id.
#include <quicket/endpoint.hpp>

#include <boost/asio.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> say_hello(const quicket::Endpoint& endpoint, quicket::PeerId peer,
                                std::vector<quicket::Carrier> carriers) {
  quicket::Connection connection = co_await endpoint.dial(peer, std::move(carriers));
  std::cerr << "linked via " << connection.path().to_string() << std::endl;
  quicket::Stream stream = co_await connection.open_stream();
  asio::steady_timer timer(stream.get_executor());
  for (;;) {
    co_await asio::async_write(stream, asio::buffer("hello\n", 6), asio::use_awaitable);
    timer.expires_after(std::chrono::seconds(1));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

int main(int argc, char** argv) try {
  if (argc != 2 && argc != 4) throw std::invalid_argument("usage: dialer KEY-FILE [RELAY-URL PEER-ID]");
  quicket::EndpointOptions options{.identity = quicket::Identity::load_or_create(argv[1]).value(),
                                   .protocols = {"hello/1"}};
  if (argc == 2) return std::cout << options.identity.id().to_string() << std::endl, 0;
  options.relays = {quicket::RelayUrl::parse(argv[2]).value()};
  const auto peer = quicket::PeerId::parse(argv[3]).value();

  asio::io_context context;
  const auto endpoint = quicket::Endpoint::create(context.get_executor(), options).value();
  const quicket::CarrierLibrary library({.plugin_path = {}, .install_dir = CARRIERS}, endpoint.carrier_services());
  std::vector carriers{library.open({.name = "stdio", .options = {{"out", "-"}}}).value()};
  asio::co_spawn(context, say_hello(endpoint, peer, std::move(carriers)), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
} catch (const std::exception& error) {
  std::cerr << "error: " << error.what() << std::endl;
  return 1;
}
