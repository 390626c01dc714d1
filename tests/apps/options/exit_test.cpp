#include "apps/options/exit.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace quicket::apps {
namespace {

boost::system::error_code system_error(int value) { return {value, boost::system::system_category()}; }

TEST(ExitForOwnFile, CallsAFileThatCannotBeReadAMatterOfConfiguration) {
  for (const int value : {EACCES, EISDIR, ENOTDIR, ELOOP}) {
    EXPECT_EQ(exit_for_own_file(system_error(value)), Exit::kConfig) << value;
  }
}

TEST(ExitForOwnFile, DoesNotBlameTheConfigurationForTheSystem) {
  EXPECT_EQ(exit_for_own_file(system_error(EMFILE)), Exit::kTemporary);
  EXPECT_EQ(exit_for_own_file(system_error(ENOMEM)), Exit::kTemporary);
  EXPECT_EQ(exit_for_own_file(system_error(EIO)), Exit::kInputOutput);
}

TEST(ExitForSystem, CallsAnAddressThatCannotBeHadUnavailable) {
  for (const int value : {EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, ENETUNREACH}) {
    EXPECT_EQ(exit_for_system(system_error(value)), Exit::kUnavailable) << value;
  }
}

}  // namespace
}  // namespace quicket::apps
