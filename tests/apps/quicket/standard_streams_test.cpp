#include "apps/quicket/standard_streams.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quicket::cli {
namespace {

using testing::HasSubstr;

CarrierSpec spec(std::string_view text) { return parse_carrier_spec(text).value(); }
std::vector<CarrierSpec> specs(std::string_view text) { return {spec(text)}; }

TEST(StandardStreams, AreStdiosUnlessItIsToldOtherwise) {
  EXPECT_TRUE(writes_standard_output(spec("stdio")));
  EXPECT_TRUE(writes_standard_output(spec("stdio:in=a")));
  EXPECT_TRUE(writes_standard_output(spec("stdio:out=-")));
  EXPECT_TRUE(writes_standard_output(spec("/lib/quicket-carrier-stdio.so")));
  EXPECT_FALSE(writes_standard_output(spec("stdio:out=offer.json")));
  EXPECT_TRUE(reads_standard_input(spec("stdio:out=a")));
  EXPECT_FALSE(reads_standard_input(spec("stdio:in=offer.json")));
}

TEST(StandardStreams, GetLinesToPasteWhereNobodyHasSaidOtherwise) {
  std::vector carriers{spec("stdio"), spec("stdio:form=json"), spec("qr")};
  write_as_uri(carriers);
  EXPECT_EQ(carriers[0].options.at("form"), "uri");
  EXPECT_EQ(carriers[1].options.at("form"), "json");
  EXPECT_FALSE(carriers[2].options.contains("form"));
}

TEST(StandardStreams, AreKnownByAllTheirNames) {
  for (const char* name : {"-", "fd:1", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
    EXPECT_TRUE(writes_standard_output(spec("stdio:out=" + std::string(name)))) << name;
  }
  for (const char* name : {"-", "fd:0", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}) {
    EXPECT_TRUE(reads_standard_input(spec("stdio:in=" + std::string(name)))) << name;
  }
}

TEST(StandardStreams, AreAnotherCarriersOnlyWhenItIsTold) {
  EXPECT_FALSE(writes_standard_output(spec("qr")));
  EXPECT_TRUE(writes_standard_output(spec("qr:out=-")));
}

TEST(PlaceOf, SaysWhereTheOfferGoes) {
  EXPECT_EQ(place_of(spec("stdio")), "standard output");
  EXPECT_EQ(place_of(spec("stdio:out=offer.json")), "offer.json");
  EXPECT_EQ(place_of(spec("webhook:url=https://x")), "webhook");
}

TEST(DirectionsOfDial, GoBothWaysOnATerminal) {
  const auto directions = directions_of_dial(specs("stdio"), {}, true);
  EXPECT_TRUE(directions->send);
  EXPECT_TRUE(directions->receive);
}

TEST(DirectionsOfDial, NeverMixOfferAndPeerInAFile) {
  const auto directions = directions_of_dial(specs("stdio"), {}, false);
  EXPECT_EQ(directions.error().exit, Exit::kUsage);
  EXPECT_THAT(directions.error().message, HasSubstr("--carrier stdio:out=FILE"));
}

TEST(DirectionsOfDial, LeaveStandardOutputToTheOfferWhenNothingIsReceived) {
  const auto directions = directions_of_dial(specs("stdio"), {.send_only = true}, false);
  EXPECT_TRUE(directions->send);
  EXPECT_FALSE(directions->receive);
}

TEST(DirectionsOfDial, LeaveStandardOutputToThePeerWhenTheOfferGoesElsewhere) {
  EXPECT_TRUE(directions_of_dial(specs("stdio:out=offer.json"), {}, false)->receive);
}

TEST(DirectionsOfDial, NeedOneAtLeast) {
  EXPECT_EQ(directions_of_dial(specs("qr"), {.send_only = true, .receive_only = true}, true).error().exit,
            Exit::kUsage);
}

TEST(DirectionsOfAccept, SendNothingWhereStandardInputBringsTheOffer) {
  EXPECT_FALSE(directions_of_accept(specs("stdio"), {})->send);
  EXPECT_TRUE(directions_of_accept(specs("stdio:in=offer.json"), {})->send);
}

TEST(DirectionsOfAccept, SendNothingToManyPeers) {
  EXPECT_FALSE(directions_of_accept(specs("stdio:in=offers"), {.keep_open = true})->send);
}

TEST(DirectionsOfAccept, KeepTheOutputForFurtherPeersOnly) {
  EXPECT_TRUE(directions_of_accept(specs("stdio:in=offers"), {})->end_output);
  EXPECT_FALSE(directions_of_accept(specs("stdio:in=offers"), {.keep_open = true})->end_output);
}

TEST(DirectionsOfAccept, RefuseWhatLeavesNothingToDo) {
  EXPECT_EQ(directions_of_accept(specs("stdio"), {.send_only = true}).error().exit, Exit::kUsage);
  EXPECT_EQ(directions_of_accept(specs("qr"), {.send_only = true, .keep_open = true}).error().exit, Exit::kUsage);
  EXPECT_EQ(directions_of_accept(specs("qr"), {.send_only = true, .receive_only = true}).error().exit, Exit::kUsage);
}

}  // namespace
}  // namespace quicket::cli
