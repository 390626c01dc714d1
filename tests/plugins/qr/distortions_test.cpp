// Many bad pictures.
#include <gtest/gtest.h>

#include "tests/plugins/qr/bad_pictures.hpp"

namespace quicket::plugin {
namespace {

TEST(DistortedInManyWays, SmallCodesAreRead) { EXPECT_GE(share_read(350, 500), 0.95); }

TEST(DistortedInManyWays, LargeCodesAreRead) { EXPECT_GE(share_read(1'200, 300), 0.85); }

}  // namespace
}  // namespace quicket::plugin
