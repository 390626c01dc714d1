#include "apps/options/process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "quicket/v1/registration.pb.h"

namespace quicket::apps {
namespace {

// Each in a process of its own: what begin_process() does stays.
class BeginProcess : public testing::Test {
 protected:
  BeginProcess() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(BeginProcess, OpensTheStandardDescriptorsThatAreMissing) {
  const auto begin = [] {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(fd);
    begin_process();
    std::_Exit(::open("/dev/null", O_RDONLY) > STDERR_FILENO ? 0 : 1);
  };
  EXPECT_EXIT(begin(), testing::ExitedWithCode(0), "");
}

TEST_F(BeginProcess, LeavesTheStandardDescriptorsThatAreThere) {
  const auto begin = [] {
    begin_process();
    static_cast<void>(::write(STDERR_FILENO, "still here", 10));
    std::_Exit(0);
  };
  EXPECT_EXIT(begin(), testing::ExitedWithCode(0), "still here");
}

TEST_F(BeginProcess, SurvivesAPipeThatNobodyReads) {
  const auto begin = [] {
    begin_process();
    std::raise(SIGPIPE);
    std::_Exit(0);
  };
  EXPECT_EXIT(begin(), testing::ExitedWithCode(0), "");
}

TEST_F(BeginProcess, KeepsProtobufFromWritingAboutForeignText) {
  const auto begin = [] {
    begin_process();
    v1::RegisterRequest request;
    const bool taken = request.ParseFromString("\x3a\x02\xff\xfe");  // a peer_token that is no UTF-8
    std::_Exit(taken ? 1 : 0);
  };
  EXPECT_EXIT(begin(), testing::ExitedWithCode(0), testing::Not(testing::HasSubstr("UTF-8")));
}

}  // namespace
}  // namespace quicket::apps
