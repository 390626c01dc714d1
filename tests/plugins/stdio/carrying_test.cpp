// Whole journeys: what one instance delivers, another receives.
#include <gmock/gmock.h>
#include <sys/socket.h>

#include "tests/plugins/stdio/stdio.hpp"

namespace quicket {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr std::size_t kSizes[] = {2, 3, 100, 243, 1'200, 3'000, 4'095, 4'096, 4'097, 20'000, 65'535, 65'536};

class StdioForm : public testing::TestWithParam<const char*> {};

TEST_P(StdioForm, KeepsOffersIntactInAFile) {
  const TemporaryFolder folder;
  const std::string file = folder / "offer";
  const Carrier to = stdio({{"out", file}, {"form", GetParam()}}), from = stdio({{"in", file}, {"form", GetParam()}});
  for (const std::size_t size : kSizes) {
    ASSERT_TRUE(to.deliver({.offer = sealed_offer(size)}, in_a_minute()));
    const auto received = receive_all(from);
    EXPECT_TRUE(received.ended);
    EXPECT_THAT(received.offers, ElementsAre(sealed_offer(size))) << size;
  }
}

TEST_P(StdioForm, KeepsOffersIntactInAFifo) {
  const TemporaryFolder folder;
  make_fifo(folder / "fifo");
  const std::string fifo = folder / "fifo";
  const Carrier to = stdio({{"out", fifo}, {"form", GetParam()}}), from = stdio({{"in", fifo}, {"form", GetParam()}});
  for (const std::size_t size : kSizes) {
    auto received = receive_in_background(from);
    const auto delivered = to.deliver({.offer = sealed_offer(size)}, in_a_minute());
    ASSERT_TRUE(delivered) << delivered.error().message();
    EXPECT_THAT(received.get().offers, ElementsAre(sealed_offer(size))) << size;
  }
}

TEST_P(StdioForm, KeepsOffersIntactInAPipeThatTheProcessWasGiven) {
  for (const std::size_t size : kSizes) {
    UnixPipe pipe;
    const Carrier to = stdio({{"out", fd_option(pipe.in)}, {"form", GetParam()}});
    const Carrier from = stdio({{"in", fd_option(pipe.out)}, {"form", GetParam()}});
    auto received = receive_in_background(from);
    ASSERT_TRUE(to.deliver({.offer = sealed_offer(size)}, in_a_minute()));
    pipe.in.reset();
    EXPECT_THAT(received.get().offers, ElementsAre(sealed_offer(size))) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, StdioForm, testing::Values("json", "uri", "digits", "binary"),
                         [](const auto& each) { return std::string(each.param); });

TEST(Stdio, SaysWhatItIs) {
  const auto info = probe_carrier(QUICKET_TEST_CARRIERS "/quicket-carrier-stdio.so");
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->name, "stdio");
  EXPECT_TRUE(info->can_deliver);
  EXPECT_TRUE(info->can_receive);
  EXPECT_FALSE(info->hides);
  EXPECT_FALSE(info->authenticates);
  EXPECT_TRUE(info->by_hand);
  EXPECT_EQ(info->max_offer, kMaxOffer);
}

TEST(Stdio, CarriesOffersOverASocket) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  Descriptor near(ends[0]), far(ends[1]);
  auto received = receive_in_background(stdio({{"in", fd_option(far)}}));
  ASSERT_TRUE(stdio({{"out", fd_option(near)}}).deliver({.offer = sealed_offer(65'536)}, in_a_minute()));
  near.reset();
  EXPECT_THAT(received.get().offers, ElementsAre(sealed_offer(65'536)));
}

TEST(Stdio, DoesNotMixTwoDeliveriesAtOnce) {
  UnixPipe pipe;
  const Carrier to = stdio({{"out", fd_option(pipe.in)}});
  auto received = receive_in_background(stdio({{"in", fd_option(pipe.out)}}));
  auto one = deliver_in_background(to, sealed_offer(60'000, 1));
  auto other = deliver_in_background(to, sealed_offer(60'000, 2));
  EXPECT_TRUE(one.get());
  EXPECT_TRUE(other.get());
  pipe.in.reset();
  EXPECT_THAT(received.get().offers, UnorderedElementsAre(sealed_offer(60'000, 1), sealed_offer(60'000, 2)));
}

TEST(Stdio, DeliversWhileItReceives) {
  const TemporaryFolder folder;
  UnixPipe pipe;
  const Carrier both = stdio({{"in", fd_option(pipe.out)}, {"out", (folder / "offer").string()}});
  auto received = receive_in_background(both);
  EXPECT_TRUE(both.deliver({.offer = sealed_offer(100)}, in_a_minute()));
  ASSERT_TRUE(stdio({{"out", fd_option(pipe.in)}}).deliver({.offer = sealed_offer(200)}, in_a_minute()));
  pipe.in.reset();
  EXPECT_THAT(received.get().offers, ElementsAre(sealed_offer(200)));
}

}  // namespace
}  // namespace quicket
