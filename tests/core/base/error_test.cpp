#include <quicket/error.hpp>

#include <gtest/gtest.h>
#include <set>

namespace quicket {
namespace {

TEST(Error, EveryCodeHasItsOwnMessage) {
  std::set<std::string> messages;
  for (int value = 1; value <= static_cast<int>(Errc::kInternal); ++value) {
    const std::string message = error_code(value, error_category()).message();
    EXPECT_EQ(message.find("unknown error"), std::string::npos) << value;
    EXPECT_TRUE(messages.insert(message).second) << message;
  }
}

TEST(Failure, ShowsItsDetailElseTheCode) {
  EXPECT_EQ((Failure{Errc::kNoRelay, ""}).message(), "no relay is configured");
  EXPECT_EQ((Failure{Errc::kNoRelay, "no relay in /etc/x"}).message(), "no relay in /etc/x");
}

TEST(Failure, RaisesWithItsCode) {
  try {
    Failure{Errc::kDialDeadline, "bob did not answer"}.raise();
    FAIL();
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(error.code(), Errc::kDialDeadline);
    EXPECT_NE(std::string(error.what()).find("bob did not answer"), std::string::npos);
  }
}

}  // namespace
}  // namespace quicket
