#include <gtest/gtest.h>

#include <array>
#include <future>

#include <quicket/plugin/turn.hpp>
#include <quicket/plugin/waiter.hpp>

#include "tests/plugins/sdk/host.hpp"

namespace quicket::plugin {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void write() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
  std::array<int, 2> ends{};
};

constexpr std::int64_t kMinute = 60'000;

TEST(Waiter, ReturnsWhenItsDescriptorIsReady) {
  const TestHost host(true);
  const Waiter waiter(host.host());
  const Pipe pipe;
  EXPECT_FALSE(waiter.wait_at_most(pipe.ends[0], POLLIN, 1, 0));
  auto waiting = std::async(std::launch::async, [&] { waiter.wait(pipe.ends[0], POLLIN, host.now() + kMinute); });
  pipe.write();
  EXPECT_NO_THROW(waiting.get());
  EXPECT_TRUE(waiter.wait_at_most(pipe.ends[0], POLLIN, kMinute, 0));
}

TEST(Waiter, SaysWhichOfSeveralIsReady) {
  const TestHost host(true);
  const Waiter waiter(host.host());
  const Pipe one, other;
  other.write();
  std::array<pollfd, 3> all{{{one.ends[0], POLLIN, 0}, {-1, POLLIN, 0}, {other.ends[0], POLLIN, 0}}};
  EXPECT_TRUE(waiter.wait_at_most(all, kMinute, 0));
  EXPECT_EQ(all[0].revents, 0);
  EXPECT_EQ(all[1].revents, 0);
  EXPECT_EQ(all[2].revents, POLLIN);
}

TEST(Waiter, EndsAllWaitingWhenCancelled) {
  const TestHost host(true);
  const Waiter waiter(host.host());
  const Pipe pipe;
  auto one = std::async(std::launch::async, [&] { waiter.wait(pipe.ends[0], POLLIN, 0); });
  auto other = std::async(std::launch::async, [&] { waiter.pause(kMinute, 0); });
  waiter.cancel();
  EXPECT_THROW(one.get(), Cancelled);
  EXPECT_THROW(other.get(), Cancelled);
  EXPECT_THROW(waiter.pause(0, 0), Cancelled);
  pollfd cancelled{waiter.cancel_descriptor(), POLLIN, 0};
  EXPECT_EQ(::poll(&cancelled, 1, 0), 1);
}

TEST(Waiter, EndsAtTheDeadlineOfTheHostsClock) {
  TestHost host;
  const Waiter waiter(host.host());
  EXPECT_NO_THROW(waiter.pause(0, 1'001));
  host.set_time(1'001);
  EXPECT_THROW(waiter.pause(0, 1'001), DeadlinePassed);
  const TestHost running(true);
  const Pipe pipe;
  EXPECT_THROW(Waiter(running.host()).wait(pipe.ends[0], POLLIN, running.now() + 20), DeadlinePassed);
}

TEST(Waiter, NamesADescriptorThatIsNotOpen) {
  const TestHost host(true);
  EXPECT_THROW(Waiter(host.host()).wait(987, POLLIN, 0), Failed);
}

TEST(Turn, IsTakenByOneAtATimeAndGivenBack) {
  const TestHost host(true);
  const Waiter waiter(host.host());
  const Turn turn;
  {
    const Turn::Taken mine(turn, waiter, 0);
    EXPECT_THROW(Turn::Taken(turn, waiter, host.now() + 10), DeadlinePassed);
  }
  EXPECT_NO_THROW(Turn::Taken(turn, waiter, host.now() + kMinute));
}

}  // namespace
}  // namespace quicket::plugin
