#include "apps/quicket/output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include <sstream>

namespace quicket::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// Said is an output whose two streams can be looked at.
struct Said {
  explicit Said(Manner manner) : output(results, messages, manner) {}
  std::ostringstream results, messages;
  Output output;
};

TEST(Output, AlignsWhatItTells) {
  Said said({});
  said.output.tell("offer", "offer", "sealed for bob, 243 bytes");
  said.output.tell("linked", "linked", "bob");
  EXPECT_EQ(said.messages.str(), "offer   sealed for bob, 243 bytes\nlinked  bob\n");
  EXPECT_EQ(said.results.str(), "");
}

TEST(Output, KeepsALongLabelApartFromItsText) {
  Said said({});
  said.output.tell("identity", "identity", "made");
  EXPECT_EQ(said.messages.str(), "identity made\n");
}

TEST(Output, LeavesOnlyErrorsWhenQuiet) {
  Said said({.quiet = true, .moving = true});
  said.output.tell("offer", "offer", "x");
  said.output.warn("y");
  said.output.show_status("z", "0:01");
  EXPECT_EQ(said.messages.str(), "");
  said.output.fail({Exit::kUsage, "wrong"});
  EXPECT_EQ(said.messages.str(), "error: wrong\n");
}

TEST(Output, GoesOnAfterALineThatCouldNotBeWritten) {
  Said said({});
  said.messages.setstate(std::ios::badbit);  // as a full disk leaves it
  said.output.fail({Exit::kInputOutput, "no space"});
  EXPECT_EQ(said.messages.str(), "error: no space\n");
}

TEST(Output, WritesResultsEvenWhenQuiet) {
  Said said({.quiet = true});
  said.output.result("qk1", {});
  EXPECT_EQ(said.results.str(), "qk1\n");
}

TEST(Output, MakesEveryLineAnObjectWhereJsonIsWanted) {
  Said said({.json = true});
  said.output.tell("linked", "linked", "bob", {{"peer", "bob"}, {"rtt_ms", 23}});
  said.output.warn("careful");
  said.output.fail({Exit::kBadInput, "a \"bad\" offer"});
  said.output.result("text", {{"id", "qk1"}});
  EXPECT_EQ(said.messages.str(), R"({"event":"linked","peer":"bob","rtt_ms":23}
{"event":"warning","message":"careful"}
{"event":"error","message":"a \"bad\" offer","exit":65}
)");
  EXPECT_EQ(said.results.str(), "{\"id\":\"qk1\"}\n");
}

TEST(Output, MovesNoLineInJson) {
  Said said({.json = true, .moving = true});
  said.output.show_status("waiting", "0:42");
  EXPECT_EQ(said.messages.str(), "");
}

TEST(Output, MovesNoLineWithoutATerminal) {
  Said said({});
  said.output.show_status("waiting", "0:42");
  EXPECT_EQ(said.messages.str(), "");
}

TEST(Output, PutsMessagesInThePlaceOfTheMovingLine) {
  Said said({.moving = true});
  said.output.show_status("waiting for bob …", "0:42");
  const std::string moving = said.messages.str();
  EXPECT_THAT(moving, HasSubstr("waiting for bob …"));
  EXPECT_THAT(moving, Not(HasSubstr("\n")));
  said.output.tell("linked", "linked", "bob");
  EXPECT_EQ(said.messages.str().substr(moving.size()), "\r\x1b[Klinked  bob\n");
}

TEST(Output, ColoursLabelsOnly) {
  Said said({.colour = true});
  said.output.fail({Exit::kUsage, "wrong"});
  EXPECT_EQ(said.messages.str(), "\x1b[1;31merror: \x1b[0mwrong\n");
}

TEST(Output, CallsACancellationNoError) {
  Said said({});
  said.output.fail({Exit::kInterrupted, "cancelled; the offer is void"});
  EXPECT_EQ(said.messages.str(), "cancelled; the offer is void\n");
}

TEST(Output, TellsWhenResultsCannotBeWritten) {
  Said said({});
  said.output.result("qk1", {});
  EXPECT_TRUE(said.output.finish().has_value());
  said.results.setstate(std::ios::badbit);
  EXPECT_EQ(said.output.finish().error().exit, Exit::kInputOutput);
}

}  // namespace
}  // namespace quicket::cli
