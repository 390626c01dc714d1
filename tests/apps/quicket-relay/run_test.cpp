#include "apps/quicket-relay/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "apps/quicket-relay/options.hpp"

namespace quicket::relayd {
namespace {

using testing::StartsWith;

// Ran is what a run that ends by itself has left.
struct Ran {
  int status;
  std::string out, err;
};
Ran ran(std::vector<std::string> arguments) {
  std::ostringstream out, err;
  const int status =
      run({.arguments = std::move(arguments), .environment = {{"HOME", "/nonexistent"}}, .out = out, .err = err});
  return {status, out.str(), err.str()};
}

TEST(RelayRun, TellsItsVersion) {
  const Ran it = ran({"--version"});
  EXPECT_EQ(it.status, 0);
  EXPECT_EQ(it.out, "quicket-relay " + std::string(kVersion) + "\n");
  EXPECT_EQ(it.err, "");
}

TEST(RelayRun, TellsHowItIsUsed) {
  const Ran it = ran({"--help"});
  EXPECT_EQ(it.status, 0);
  EXPECT_THAT(it.out, StartsWith("Usage: quicket-relay"));
}

TEST(RelayRun, SaysThatWhatWasAskedForCannotBeWritten) {
  for (const char* question : {"--help", "--version"}) {
    std::ofstream full("/dev/full");
    std::ostringstream err;
    EXPECT_EQ(run({.arguments = {question}, .environment = {}, .out = full, .err = err}), 74) << question;
    EXPECT_THAT(err.str(), StartsWith("error: standard output: "));
  }
}

TEST(RelayRun, RefusesAWrongOption) {
  const Ran it = ran({"--lease", "soon"});
  EXPECT_EQ(it.status, 64);
  EXPECT_EQ(it.out, "");
  EXPECT_THAT(it.err, StartsWith("error: --lease: "));
}

TEST(RelayRun, SaysThatItsStateCannotBeKept) {
  const Ran it =
      ran({"--listen", "127.0.0.1:0", "--admin", "off", "--state", "/dev/null/relay", "--log-format", "text"});
  EXPECT_EQ(it.status, 73);
  EXPECT_THAT(it.err, StartsWith("error: cannot keep the relay's state in /dev/null/relay"));
}

}  // namespace
}  // namespace quicket::relayd
