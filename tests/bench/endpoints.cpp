#include "tests/bench/endpoints.hpp"

#include <quicket/endpoint.hpp>

#include "relay/server/relay.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace quicket::bench {

namespace {

namespace asio = boost::asio;

constexpr std::size_t kBlock = 256 * 1024;
constexpr auto kPatience = std::chrono::seconds(60);

// Host is an io_context with a thread.
class Host {
 public:
  ~Host() {
    work_.reset();
    context_.stop();
    thread_.join();
  }
  asio::io_context& context() { return context_; }

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_{[this] { context_.run(); }};
};

// get waits for what a coroutine gives.
template <class T>
T get(std::future<T> future) {
  if (future.wait_for(kPatience) != std::future_status::ready) {
    std::fprintf(stderr, "endpoints: nothing more happens\n");
    std::exit(1);
  }
  return future.get();
}

asio::awaitable<void> hand_over(asio::awaitable<Connection> connecting, std::promise<Connection>& to) {
  Connection connection = co_await std::move(connecting);
  to.set_value(std::move(connection));
}

asio::awaitable<void> send(Connection connection, std::size_t bytes) {
  auto opened = connection.open_unidirectional_stream();
  Stream stream = co_await std::move(opened);
  const Bytes block(kBlock, std::byte{0x5a});
  for (std::size_t left = bytes; left > 0;) {
    const std::size_t size = std::min(left, block.size());
    auto written = asio::async_write(stream, asio::buffer(block.data(), size), asio::use_awaitable);
    co_await std::move(written);
    left -= size;
  }
  stream.shutdown_send();
  auto closed = stream.async_wait_closed(asio::use_awaitable);
  co_await std::move(closed);
}

// Tally counts what all streams of a load bring.
struct Tally {
  explicit Tally(std::size_t streams) : left(streams) {}

  std::size_t bytes = 0;
  std::size_t left;  // streams that have not ended
  std::promise<std::size_t> done;
};

asio::awaitable<void> receive(Stream stream, std::shared_ptr<Tally> tally) {
  Bytes block(kBlock);
  for (error_code end; !end;) {
    auto got = stream.async_read_some(asio::buffer(block), asio::redirect_error(asio::use_awaitable, end));
    tally->bytes += co_await std::move(got);
  }
  if (--tally->left == 0) tally->done.set_value(tally->bytes);
}

asio::awaitable<void> receive_all(Connection connection, std::shared_ptr<Tally> tally) {
  const auto executor = co_await asio::this_coro::executor;
  for (std::size_t i = tally->left; i > 0; --i) {
    auto accepted = connection.accept_unidirectional_stream();
    Stream stream = co_await std::move(accepted);
    asio::co_spawn(executor, receive(std::move(stream), tally), asio::detached);
  }
}

EndpointOptions options_of(const Identity& own, const Identity& peer, const RelayUrl& relay) {
  EndpointOptions options{.identity = own, .protocols = {"bench/1"}, .bind = Address::loopback(0)};
  if (!options.trust.add("peer", peer.id())) std::abort();
  options.relays = {relay};
  options.allow_private_relays = true;
  return options;
}

relay::RelayOptions relay_options() {
  const auto pem = quic::make_self_signed({"localhost"}).value();
  relay::RelayOptions options;
  options.listen = {Address::loopback(0)};
  options.credentials = quic::Credentials::from_pem(as_bytes(pem.certificate), as_bytes(pem.key)).value();
  options.reset_secret = Bytes(32, std::byte{5});
  options.limits.allow_special = true;
  return options;
}

// on runs `action` on the host's thread and waits for it.
template <class Action>
auto on(Host& host, Action action) {
  return get(asio::post(host.context(), asio::use_future(std::move(action))));
}

}  // namespace

Measured measure_endpoints(const Load& load) {
  Host relay_host, alice_host, bob_host;
  auto relay = relay::Relay::create(relay_host.context().get_executor(), relay_options()).value();
  on(relay_host, [&] { return relay->start().has_value(); });
  const RelayUrl url = relay->url("127.0.0.1");
  const Identity alice = Identity::generate(), bob = Identity::generate();
  std::optional dialer = Endpoint::create(alice_host.context().get_executor(), options_of(alice, bob, url)).value();
  std::optional accepter = Endpoint::create(bob_host.context().get_executor(), options_of(bob, alice, url)).value();

  std::promise<Bytes> offered;
  std::promise<Connection> dialed, accepted;
  auto bring = [&](ByteView offer) { offered.set_value(to_bytes(offer)); };
  asio::co_spawn(alice_host.context(), hand_over(dialer->dial_with(bob.id(), bring), dialed), asio::detached);
  Bytes offer = get(offered.get_future());
  asio::co_spawn(bob_host.context(), hand_over(accepter->accept_offer(std::move(offer)), accepted), asio::detached);
  std::optional theirs = get(accepted.get_future()), mine = get(dialed.get_future());

  auto tally = std::make_shared<Tally>(load.streams);
  auto received = tally->done.get_future();
  const auto start = std::chrono::steady_clock::now();
  const double cpu_before = cpu_seconds_of_self();
  asio::co_spawn(bob_host.context(), receive_all(*theirs, tally), asio::detached);
  for (std::size_t i = 0; i < load.streams; ++i)
    asio::co_spawn(alice_host.context(), send(*mine, load.per_stream()), asio::detached);
  const std::size_t bytes = get(std::move(received));
  const Measured measured{.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                          .cpu_seconds = cpu_seconds_of_self() - cpu_before};
  if (bytes != load.bytes) {
    std::fprintf(stderr, "endpoints: only %zu of %zu bytes arrived\n", bytes, load.bytes);
    std::exit(1);
  }
  mine.reset();
  theirs.reset();
  dialer.reset();
  accepter.reset();
  on(relay_host, [&] {
    relay.reset();
    return true;
  });
  return measured;
}

}  // namespace quicket::bench
