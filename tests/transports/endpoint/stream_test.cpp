#include "tests/transports/endpoint/world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/stream_traits.hpp>

#include <string>

namespace quicket::test {
namespace {

static_assert(boost::beast::is_async_stream<Stream>::value);
static_assert(!std::is_copy_constructible_v<Stream>);
static_assert(std::is_nothrow_move_constructible_v<Stream> && std::is_nothrow_move_assignable_v<Stream>);
static_assert(std::is_copy_constructible_v<Connection>);

// Streams is a connection with one stream open and known on both sides.
class Streams : public testing::Test {
 protected:
  Streams() {
    auto both = world.connect(alice, bob);
    mine = std::move(both.first);
    theirs = std::move(both.second);
  }

  // open gives both ends of a new stream, which has carried the byte "!" from here to there.
  std::pair<Stream, Stream> open() {
    Stream here = world.spawn(mine->open_stream()).get();
    write(here, "!");
    Stream there = world.spawn(theirs->accept_stream()).get();
    EXPECT_EQ(read(there, 1), "!");
    return {std::move(here), std::move(there)};
  }
  void write(Stream& stream, const std::string& text) {
    auto written = asio::async_write(stream, asio::buffer(text), asio::use_awaitable);
    EXPECT_EQ(world.spawn(std::move(written)).get(), text.size());
  }
  std::string read(Stream& stream, std::size_t size) {
    std::string text(size, '\0');
    auto got = asio::async_read(stream, asio::buffer(text), asio::use_awaitable);
    world.spawn(std::move(got)).get();
    return text;
  }
  error_code read_error(Stream& stream) {
    char byte = 0;
    auto got = asio::async_read(stream, asio::buffer(&byte, 1), asio::use_awaitable);
    return world.spawn(std::move(got)).error();
  }
  error_code write_error(Stream& stream) {
    auto written = asio::async_write(stream, asio::buffer("x", 1), asio::use_awaitable);
    return world.spawn(std::move(written)).error();
  }

  World world;
  Endpoint alice = world.endpoint(world.alice_options()), bob = world.endpoint(world.bob_options());
  std::optional<Connection> mine, theirs;
};

TEST_F(Streams, CarryBytesBothWays) {
  auto [here, there] = open();
  write(here, "hello");
  EXPECT_EQ(read(there, 5), "hello");
  write(there, "welcome");
  EXPECT_EQ(read(here, 7), "welcome");
}

TEST_F(Streams, GatherAndScatterBuffers) {
  auto [here, there] = open();
  const std::array pieces{asio::buffer("one ", 4), asio::buffer("", 0), asio::buffer("two", 3)};
  auto written = asio::async_write(here, pieces, asio::use_awaitable);
  EXPECT_EQ(world.spawn(std::move(written)).get(), 7u);
  char head[2], tail[5];
  const std::array places{asio::buffer(head), asio::buffer(tail)};
  auto got = asio::async_read(there, places, asio::use_awaitable);
  EXPECT_EQ(world.spawn(std::move(got)).get(), 7u);
  EXPECT_EQ(std::string(head, 2) + std::string(tail, 5), "one two");
}

TEST_F(Streams, EndAtTheEofAfterAllBytes) {
  auto [here, there] = open();
  write(here, "last");
  here.shutdown_send();
  EXPECT_EQ(read(there, 4), "last");
  EXPECT_EQ(read_error(there), asio::error::eof);
  EXPECT_EQ(read_error(there), asio::error::eof);
}

TEST_F(Streams, RefuseToWriteAfterTheirEnd) {
  auto [here, there] = open();
  here.shutdown_send();
  EXPECT_EQ(write_error(here), asio::error::shut_down);
}

TEST_F(Streams, AreClosedWhenBothSidesHaveReadAll) {
  auto [here, there] = open();
  here.shutdown_send();
  there.shutdown_send();
  EXPECT_EQ(read_error(here), asio::error::eof);
  EXPECT_EQ(read_error(there), asio::error::eof);
  EXPECT_FALSE(world.spawn(here.async_wait_closed(asio::use_awaitable)).error());
  EXPECT_FALSE(world.spawn(there.async_wait_closed(asio::use_awaitable)).error());
}

TEST_F(Streams, TellAReset) {
  auto [here, there] = open();
  here.reset(7);
  EXPECT_EQ(read_error(there), Errc::kStreamReset);
  EXPECT_EQ(write_error(here), asio::error::operation_aborted);
}

TEST_F(Streams, TellThatNobodyReads) {
  auto [here, there] = open();
  there.stop_sending(7);
  error_code failed;
  for (int i = 0; i < 1000 && !failed; ++i) failed = write_error(here);
  EXPECT_EQ(failed, Errc::kStreamStopped);
}

TEST_F(Streams, AreGivenUpWhenDestroyed) {
  auto both = std::make_optional(open());
  Stream there = std::move(both->second);
  both.reset();
  EXPECT_EQ(read_error(there), Errc::kStreamReset);
}

TEST_F(Streams, WaitForTheReaderWhenTheBuffersAreFull) {
  auto [here, there] = open();
  const std::string much(32 << 20, 'x');
  auto written = world.spawn(asio::async_write(here, asio::buffer(much), asio::use_awaitable));
  std::string first(1 << 20, '\0');
  auto got = asio::async_read(there, asio::buffer(first), asio::use_awaitable);
  world.spawn(std::move(got)).get();
  EXPECT_FALSE(written.is_done());
  EXPECT_EQ(read(there, much.size() - first.size()), much.substr(first.size()));
  EXPECT_EQ(written.get(), much.size());
}

TEST_F(Streams, CancelOneReadAndStayUsable) {
  auto [here, there] = open();
  char byte = 0;
  asio::cancellation_signal cancel;
  std::optional<error_code> result;
  there.async_read_some(
      asio::buffer(&byte, 1),
      asio::bind_cancellation_slot(cancel.slot(), [&](error_code error, std::size_t) { result = error; }));
  world.context.poll();
  EXPECT_FALSE(result);
  cancel.emit(asio::cancellation_type::total);
  ASSERT_TRUE(world.run_until([&] { return result.has_value(); }));
  EXPECT_EQ(*result, asio::error::operation_aborted);
  write(here, "still");
  EXPECT_EQ(read(there, 5), "still");
}

TEST_F(Streams, RefuseASecondReadAtOnce) {
  auto [here, there] = open();
  char one = 0, two = 0;
  std::optional<error_code> first, second;
  there.async_read_some(asio::buffer(&one, 1), [&](error_code error, std::size_t) { first = error; });
  there.async_read_some(asio::buffer(&two, 1), [&](error_code error, std::size_t) { second = error; });
  ASSERT_TRUE(world.run_until([&] { return second.has_value(); }));
  EXPECT_EQ(*second, asio::error::in_progress);
  EXPECT_FALSE(first);
  write(here, "x");
  ASSERT_TRUE(world.run_until([&] { return first.has_value(); }));
  EXPECT_FALSE(*first);
}

TEST_F(Streams, NeverCallTheirHandlersAtOnce) {
  auto [here, there] = open();
  write(here, "x");
  char byte = 0;
  bool called = false, returned = false, at_once = false;
  auto on_read = [&](error_code, std::size_t) {
    called = true;
    at_once = !returned;
  };
  asio::dispatch(there.get_executor(), [&, &reader = there] {
    reader.async_read_some(asio::buffer(&byte, 1), on_read);
    returned = true;
  });
  ASSERT_TRUE(world.run_until([&] { return called; }));
  EXPECT_FALSE(at_once);
}

TEST_F(Streams, RunManyAtOnce) {
  constexpr std::size_t kStreams = 250;  // more than may be open at once
  auto serve = [&]() -> asio::awaitable<void> {
    for (std::size_t i = 0; i < kStreams; ++i) {
      auto accepted = theirs->accept_stream();
      Stream stream = co_await std::move(accepted);
      auto answer = [](Stream taken) -> asio::awaitable<void> {
        std::array<char, 100> text;
        auto got = asio::async_read(taken, asio::buffer(text), asio::use_awaitable);
        co_await std::move(got);
        auto written = asio::async_write(taken, asio::buffer(text), asio::use_awaitable);
        co_await std::move(written);
        taken.shutdown_send();
        auto closed = taken.async_wait_closed(asio::use_awaitable);
        co_await std::move(closed);
      };
      asio::co_spawn(world.context, answer(std::move(stream)), asio::detached);
    }
  };
  std::size_t echoed = 0;
  auto ask = [&](std::size_t number) -> asio::awaitable<void> {
    auto opened = mine->open_stream();
    Stream stream = co_await std::move(opened);
    const std::string question(100, static_cast<char>('a' + number % 26));
    auto written = asio::async_write(stream, asio::buffer(question), asio::use_awaitable);
    co_await std::move(written);
    stream.shutdown_send();
    std::string answer(100, '\0');
    auto got = asio::async_read(stream, asio::buffer(answer), asio::use_awaitable);
    co_await std::move(got);
    if (answer == question) ++echoed;
    char more = 0;
    error_code end;
    auto rest = stream.async_read_some(asio::buffer(&more, 1), asio::redirect_error(asio::use_awaitable, end));
    co_await std::move(rest);
  };
  auto served = world.spawn(serve());
  for (std::size_t i = 0; i < kStreams; ++i) asio::co_spawn(world.context, ask(i), asio::detached);
  EXPECT_TRUE(world.run_until([&] { return echoed == kStreams; })) << echoed;
  served.get();
}

TEST_F(Streams, GoOneWayWhenUnidirectional) {
  Stream here = world.spawn(mine->open_unidirectional_stream()).get();
  EXPECT_TRUE(here.is_unidirectional());
  write(here, "one way");
  Stream there = world.spawn(theirs->accept_unidirectional_stream()).get();
  EXPECT_EQ(read(there, 7), "one way");
  EXPECT_EQ(read_error(here), Errc::kUnsupported);
  EXPECT_EQ(write_error(there), Errc::kUnsupported);
}

TEST_F(Streams, CanBeReadToTheirEndAfterTheConnection) {
  auto [here, there] = open();
  write(here, "farewell");
  here.shutdown_send();
  auto readable = [&, &stream = there]() -> asio::awaitable<void> {
    char byte = 0;
    auto got = stream.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
    co_await std::move(got);
  };
  world.spawn(readable()).get();
  mine->close();
  world.spawn(theirs->wait_closed()).get();
  EXPECT_EQ(read(there, 7), "arewell");
  EXPECT_EQ(read_error(there), asio::error::eof);
  EXPECT_EQ(write_error(there), Errc::kClosedByPeer);
}

TEST_F(Streams, AreAbortedWithTheirEndpoint) {
  auto [here, there] = open();
  char byte = 0;
  std::optional<error_code> result;
  there.async_read_some(asio::buffer(&byte, 1), [&](error_code error, std::size_t) { result = error; });
  world.context.poll();
  { const Endpoint gone = std::move(bob); }
  ASSERT_TRUE(world.run_until([&] { return result.has_value(); }));
  EXPECT_EQ(*result, asio::error::operation_aborted);
}

TEST_F(Streams, EndWithTheConnection) {
  auto [here, there] = open();
  mine->close(42, "enough");
  EXPECT_EQ(read_error(there), Errc::kClosedByPeer);
  EXPECT_EQ(read_error(here), Errc::kConnectionClosed);
  const ConnectionEnd end = world.spawn(theirs->wait_closed()).get();
  EXPECT_EQ(end.code, 42u);
  EXPECT_EQ(end.text, "enough");
  EXPECT_FALSE(end.by_us);
}

TEST_F(Streams, HoldTheConnectionUntilTheLastHandle) {
  auto both = std::make_optional(open());
  auto ended = world.spawn(theirs->wait_closed());
  mine.reset();
  write(both->first, "alive");
  EXPECT_EQ(read(both->second, 5), "alive");
  EXPECT_FALSE(ended.is_done());
  Stream there = std::move(both->second);
  both.reset();
  EXPECT_EQ(ended.get().why.code, Errc::kClosedByPeer);
}

TEST_F(Streams, GoBesideDatagrams) {
  const Bytes sent = to_bytes(as_bytes("quick"));
  auto received = world.spawn(theirs->receive_datagram());
  world.spawn(mine->send_datagram(sent)).get();
  EXPECT_EQ(received.get(), sent);
  EXPECT_GE(mine->max_datagram(), 1000u);
}

TEST_F(Streams, LetDatagramsWaitWhileTheirQueueIsFull) {
  constexpr int kDatagrams = 1000;  // several times the queue's length
  int sent = 0;
  auto send = [&]() -> asio::awaitable<void> {
    const Bytes payload(1000, std::byte{7});
    for (; sent < kDatagrams; ++sent) {
      auto sending = mine->send_datagram(payload);
      co_await std::move(sending);
    }
  };
  world.spawn(send()).get();
  EXPECT_EQ(sent, kDatagrams);
  EXPECT_EQ(world.spawn(theirs->receive_datagram()).get().size(), 1000u);
}

TEST_F(Streams, RefuseADatagramThatIsTooLarge) {
  const Bytes large(mine->max_datagram() + 1);
  EXPECT_EQ(world.spawn(mine->send_datagram(large)).error(), Errc::kTooLarge);
}

// What the relay counts in is what the endpoint sent: on loopback a run stays one message. What it sends on is joined
// again only where it came joined.
TEST_F(Streams, SendRunsOfDatagramsAsOneMessage) {
  auto [here, there] = open();
  const std::string text(1'000'000, 'x');
  const UdpCounters before = world.relay->snapshot().udp;
  auto writing = asio::async_write(here, asio::buffer(text), asio::use_awaitable);
  auto written = world.spawn(std::move(writing));
  EXPECT_EQ(read(there, text.size()), text);
  const UdpCounters after = world.relay->snapshot().udp;
  const std::uint64_t datagrams = after.received - before.received;
  EXPECT_GT(datagrams, text.size() / 1'200);
  EXPECT_LT((after.received_messages - before.received_messages) * 4, datagrams);
}

}  // namespace
}  // namespace quicket::test
