// Whole journeys, and where codes are drawn.
#include <gmock/gmock.h>
#include <pty.h>
#include <sys/ioctl.h>

#include "tests/plugins/qr/qr.hpp"

namespace quicket {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Qr, SaysWhatItIs) {
  const auto info = probe_carrier(QUICKET_TEST_CARRIERS "/quicket-carrier-qr.so");
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->name, "qr");
  EXPECT_TRUE(info->can_deliver);
  EXPECT_TRUE(info->can_receive);
  EXPECT_FALSE(info->hides);
  EXPECT_FALSE(info->authenticates);
  EXPECT_TRUE(info->by_hand);
  EXPECT_EQ(info->max_offer, 2'910u);
}

TEST(Qr, ReplacesAPictureByThatOfTheNextOffer) {
  const TemporaryFolder folder;
  const std::string file = folder / "code.png";
  for (const std::size_t size : {100u, 240u, 1'200u, 2'910u}) {
    ASSERT_TRUE(qr({{"out", file}}).deliver({.offer = sealed_offer(size)}, in_a_minute()));
    EXPECT_THAT(receive_all(qr({{"in", file}})).offers, ElementsAre(sealed_offer(size))) << size;
  }
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(Qr, KnowsTheFormByTheEndOfThePath) {
  const TemporaryFolder folder;
  ASSERT_TRUE(qr({{"out", folder / "code.svg"}}).deliver({.offer = sealed_offer(240)}, in_a_minute()));
  EXPECT_TRUE(read_file(folder / "code.svg").starts_with("<svg"));
}

TEST(Qr, RefusesWrongOptionsByName) {
  const TemporaryFolder folder;
  const std::pair<CarrierOptions, const char*> wrong[] = {
      {{{"size", "8"}}, "\"size\""},
      {{{"form", "gif"}}, "option \"form\" takes one of: png, svg, terminal"},
      {{{"out", folder / "code"}}, "option \"form\" is missing"},
      {{{"out", folder / "code.png"}, {"scale", "0"}}, "option \"scale\" takes a number from 1 to 32"},
      {{{"out", folder / "code.png"}, {"scale", "8px"}}, "option \"scale\" takes a number from 1 to 32"},
      {{{"form", "terminal"}, {"scale", "2"}}, "option \"scale\" is for png and svg"},
      {{{"in", ""}}, "option \"in\" is empty"},
      {{{"in", "fd:x"}}, "option \"in\" takes a number"},
  };
  for (const auto& [options, message] : wrong) {
    const auto opened = try_qr(options);
    ASSERT_FALSE(opened) << message;
    EXPECT_THAT(opened.error().detail, HasSubstr(message));
  }
}

// Terminal is one of the test's own: what is drawn comes out at `screen`.
struct Terminal {
  Terminal(unsigned short columns, unsigned short rows) {
    int ends[2];
    const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    if (::openpty(&ends[0], &ends[1], nullptr, nullptr, &size) != 0) throw std::runtime_error("no terminal");
    screen = Descriptor(ends[0]);
    there = Descriptor(ends[1]);
  }
  Descriptor screen, there;
};

TEST(QrTerminal, IsDrawnOn) {
  const Terminal terminal(80, 40);
  auto delivered = deliver_in_background(qr({{"out", fd_option(terminal.there)}}), sealed_offer(240));
  std::string expected = plugin::terminal_drawing(symbol_of(sealed_offer(240))), found;
  for (std::size_t at = 0; (at = expected.find('\n', at)) != std::string::npos; at += 2) expected.insert(at, "\r");
  char piece[4'096];
  while (found.size() < expected.size()) {
    const ssize_t size = ::read(terminal.screen.fd(), piece, sizeof piece);
    ASSERT_GT(size, 0);
    found.append(piece, static_cast<std::size_t>(size));
  }
  EXPECT_TRUE(delivered.get());
  EXPECT_EQ(found, expected);
}

TEST(QrTerminal, IsRefusedWhenItIsTooSmall) {
  for (const auto& [columns, rows] : {std::pair(60, 40), std::pair(80, 24)}) {
    const Terminal terminal(static_cast<unsigned short>(columns), static_cast<unsigned short>(rows));
    const Carrier carrier = qr({{"out", fd_option(terminal.there)}});
    const auto delivered = carrier.deliver({.offer = sealed_offer(240)}, in_a_minute());
    ASSERT_FALSE(delivered);
    EXPECT_THAT(delivered.error().detail, HasSubstr("the terminal is too small for this code: it has " +
                                                    std::to_string(columns) + "x" + std::to_string(rows)));
    EXPECT_TRUE(carrier.deliver({.offer = sealed_offer(50)}, in_a_minute())) << "a smaller one fits";
  }
}

}  // namespace
}  // namespace quicket
