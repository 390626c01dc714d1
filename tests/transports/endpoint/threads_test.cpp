#include "tests/transports/endpoint/world.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include <future>
#include <thread>

namespace quicket::test {
namespace {

constexpr std::size_t kSize = 20'000;

asio::awaitable<void> echo(Stream stream) {
  std::string text(kSize, '\0');
  auto got = asio::async_read(stream, asio::buffer(text), asio::use_awaitable);
  co_await std::move(got);
  auto written = asio::async_write(stream, asio::buffer(text), asio::use_awaitable);
  co_await std::move(written);
  stream.shutdown_send();
  auto closed = stream.async_wait_closed(asio::use_awaitable);
  co_await std::move(closed);
}

asio::awaitable<void> serve(Connection connection, std::size_t streams) {
  const auto executor = co_await asio::this_coro::executor;
  for (std::size_t i = 0; i < streams; ++i) {
    auto accepted = connection.accept_stream();
    Stream stream = co_await std::move(accepted);
    asio::co_spawn(executor, echo(std::move(stream)), asio::detached);
  }
  auto closed = connection.wait_closed();
  co_await std::move(closed);
}

asio::awaitable<bool> ask(Connection connection, char letter) {
  auto opened = connection.open_stream();
  Stream stream = co_await std::move(opened);
  const std::string question(kSize, letter);
  auto written = asio::async_write(stream, asio::buffer(question), asio::use_awaitable);
  co_await std::move(written);
  stream.shutdown_send();
  std::string answer(kSize, '\0');
  auto got = asio::async_read(stream, asio::buffer(answer), asio::use_awaitable);
  co_await std::move(got);
  co_return answer == question;
}

// A relay in a thread of its own, and both peers in a pool whose threads share everything.
class Pool : public testing::Test {
 protected:
  ~Pool() override {
    alice.reset();
    bob.reset();
    pool.join();
    world.context.stop();
    relay_thread.join();
  }

  template <class T>
  T result(std::future<T> future) {
    if (future.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("nothing more happens");
    return future.get();
  }
  Connection dial(std::size_t streams) {
    auto send = [&, streams](ByteView offer) {
      auto accept = [&, streams, copy = to_bytes(offer)]() -> asio::awaitable<void> {
        auto accepted = bob->accept_offer(copy);
        Connection connection = co_await std::move(accepted);
        auto serving = serve(std::move(connection), streams);
        co_await std::move(serving);
      };
      served = asio::co_spawn(pool, kept.emplace_back(std::make_unique<Coroutine>(std::move(accept)))->operator()(),
                              asio::use_future);
    };
    auto boxed = [](asio::awaitable<Connection> dialed) -> asio::awaitable<std::shared_ptr<Connection>> {
      Connection connection = co_await std::move(dialed);
      co_return std::make_shared<Connection>(std::move(connection));
    };
    return *result(asio::co_spawn(pool, boxed(alice->dial_with(bob->id(), send)), asio::use_future));
  }

  using Coroutine = std::function<asio::awaitable<void>()>;
  World world;
  asio::executor_work_guard<asio::io_context::executor_type> work{world.context.get_executor()};
  std::thread relay_thread{[this] { world.context.run(); }};
  asio::thread_pool pool{3};
  std::optional<Endpoint> alice{Endpoint::create(pool.get_executor(), world.alice_options()).value()};
  std::optional<Endpoint> bob{Endpoint::create(pool.get_executor(), world.bob_options()).value()};
  std::vector<std::unique_ptr<Coroutine>> kept;  // coroutines refer to what their lambdas captured
  std::future<void> served;
};

TEST_F(Pool, RunsStreamsOnAllItsThreads) {
  constexpr std::size_t kStreams = 40;
  std::optional<Connection> connection(dial(kStreams));
  std::vector<std::future<bool>> answers;
  for (std::size_t i = 0; i < kStreams; ++i) {
    answers.push_back(asio::co_spawn(pool, ask(*connection, static_cast<char>('a' + i % 26)), asio::use_future));
  }
  for (auto& answer : answers) EXPECT_TRUE(result(std::move(answer)));
  connection.reset();
  result(std::move(served));
}

TEST_F(Pool, LetsGoOfEverythingWhileAllIsUnderWay) {
  constexpr std::size_t kStreams = 40;
  const Connection connection = dial(kStreams);
  std::vector<std::future<bool>> answers;
  for (std::size_t i = 0; i < kStreams; ++i)
    answers.push_back(asio::co_spawn(pool, ask(connection, 'x'), asio::use_future));
  alice.reset();
  bob.reset();
  std::size_t ended = 0;
  for (auto& answer : answers) {
    try {
      result(std::move(answer));
      ++ended;
    } catch (const boost::system::system_error&) {
      ++ended;
    }
  }
  EXPECT_EQ(ended, kStreams);
}

}  // namespace
}  // namespace quicket::test
