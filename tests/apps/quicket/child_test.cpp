#include "apps/quicket/child.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace quicket::cli {
namespace {

using namespace std::chrono_literals;

Result<ChildEnd> shell(const std::string& script, std::chrono::milliseconds patience = 20s,
                       std::size_t max_output = 1'000) {
  return run_child("/bin/sh", {"-c", script}, patience, max_output);
}

TEST(RunChild, GivesOutputAndStatus) {
  const auto end = shell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(end->output, "out\n");
  EXPECT_EQ(end->status, 3);
  EXPECT_EQ(end->signal, 0);
  EXPECT_FALSE(end->late);
}

TEST(RunChild, TellsWhichSignalEndedIt) { EXPECT_EQ(shell("kill -ABRT $$")->signal, SIGABRT); }

TEST(RunChild, EndsWhatTakesTooLong) {
  const auto end = shell("exec sleep 60", 50ms);
  EXPECT_TRUE(end->late);
  EXPECT_EQ(end->signal, SIGKILL);
}

TEST(RunChild, DoesNotWaitForWhatTheChildLeftBehind) { EXPECT_EQ(shell("sleep 5 & echo done")->output, "done\n"); }

TEST(RunChild, BoundsTheOutput) { EXPECT_EQ(shell("head -c 1000000 /dev/zero", 20s, 5'000)->output.size(), 5'000u); }

TEST(RunChild, GivesItNothingToRead) { EXPECT_EQ(shell("cat; echo end")->output, "end\n"); }

TEST(RunChild, TellsThatThereIsNoSuchProgram) {
  EXPECT_EQ(run_child("/nonexistent", {}, 1s, 10).error(), boost::system::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace quicket::cli
