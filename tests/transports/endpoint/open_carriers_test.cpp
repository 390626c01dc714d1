#include <quicket/open_carriers.hpp>

#include <gmock/gmock.h>

#include "tests/core/carrier/host.hpp"
#include "tests/transports/endpoint/wake_pipe.hpp"

namespace quicket {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

CarrierLibrary library() {
  HostServices services = real_services();
  services.close = close_in_time;
  return CarrierLibrary({.install_dir = QUICKET_TEST_CARRIERS}, std::move(services));
}

TEST(OpenCarriers, GivesEachResultInItsPlace) {
  const std::vector<CarrierSpec> specs{{.name = "memory", .options = {}},
                                       {.name = "none", .options = {}},
                                       {.name = "wrong-abi", .options = {}},
                                       {.name = "no-symbol", .options = {}},
                                       {.name = "plain", .options = {}}};
  const auto carriers = open_carriers(library(), specs, kPatience);
  ASSERT_EQ(carriers.size(), 5u);
  EXPECT_EQ(carriers[0].value().info().name, "memory");
  EXPECT_EQ(carriers[1].error().code, Errc::kCarrierNotFound);
  EXPECT_THAT(carriers[2].error().detail, HasSubstr("version 99"));
  EXPECT_THAT(carriers[3].error().detail, HasSubstr("is missing"));
  EXPECT_EQ(carriers[4].value().info().name, "plain");
}

TEST(OpenCarriers, OpensNone) { EXPECT_TRUE(open_carriers(library(), {}, 1ms).empty()); }

TEST(OpenCarriers, LeavesOneBehindThatHangsAndClosesItLater) {
  const Pipe opening, closed;
  const std::vector<CarrierSpec> specs{
      {.name = "hanging", .options = {{"opening", opening.out()}, {"closed", closed.in()}}},
      {.name = "memory", .options = {}}};
  {
    const auto carriers = open_carriers(library(), specs, 300ms);
    ASSERT_FALSE(carriers[0]);
    EXPECT_THAT(carriers[0].error().detail, HasSubstr("hanging: it did not open within 300 ms"));
    EXPECT_TRUE(carriers[1]);
  }
  opening.write();
  closed.read();
}

TEST(CloseInTime, WaitsForAnInstanceThatCloses) {
  const Pipe closed;
  { EXPECT_TRUE(library().open({.name = "hanging", .options = {{"closed", closed.in()}}})); }
  EXPECT_TRUE(closed.readable(0ms));
}

TEST(CloseInTime, LeavesOneBehindThatHangs) {
  const Pipe closing, closed;
  const CarrierOptions options{{"closing", closing.out()}, {"closed", closed.in()}};
  { EXPECT_TRUE(library().open({.name = "hanging", .options = options})); }
  EXPECT_FALSE(closed.readable(0ms));
  closing.write();
  closed.read();
}

}  // namespace
}  // namespace quicket
