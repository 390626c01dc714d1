// accepter KEY-FILE [RELAY-URL PEER-ID]
// Reads a trusted peer's offer, as `dialer` prints it, from standard input, and prints what the peer says.
// With a key file alone it prints its own peer id.
#include <quicket/endpoint.hpp>

#include <boost/asio.hpp>

#include <array>
#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> listen_to(const quicket::Endpoint& endpoint, std::vector<quicket::Carrier> carriers) {
  quicket::Connection connection = co_await endpoint.accept(std::move(carriers));
  std::cerr << "linked via " << connection.path().to_string() << std::endl;
  quicket::Stream stream = co_await connection.accept_stream();
  for (std::array<char, 1024> text;;) {
    const std::size_t size = co_await stream.async_read_some(asio::buffer(text), asio::use_awaitable);
    std::cout.write(text.data(), static_cast<std::streamsize>(size)).flush();
  }
}

int main(int argc, char** argv) try {
  if (argc != 2 && argc != 4) throw std::invalid_argument("usage: accepter KEY-FILE [RELAY-URL PEER-ID]");
  quicket::EndpointOptions options{.identity = quicket::Identity::load_or_create(argv[1]).value(),
                                   .protocols = {"hello/1"}};
  if (argc == 2) return std::cout << options.identity.id().to_string() << std::endl, 0;
  options.relays = {quicket::RelayUrl::parse(argv[2]).value()};
  options.trust.add("peer", quicket::PeerId::parse(argv[3]).value()).value();

  asio::io_context context;
  const auto endpoint = quicket::Endpoint::create(context.get_executor(), options).value();
  const quicket::CarrierLibrary library({.plugin_path = {}, .install_dir = CARRIERS}, endpoint.carrier_services());
  std::vector carriers{library.open({.name = "stdio", .options = {{"in", "-"}}}).value()};
  asio::co_spawn(context, listen_to(endpoint, std::move(carriers)), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
} catch (const std::exception& error) {
  std::cerr << "error: " << error.what() << std::endl;
  return 1;
}
