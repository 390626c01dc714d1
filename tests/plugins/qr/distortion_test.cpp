// A few bad pictures.
#include <gtest/gtest.h>

#include "tests/plugins/qr/bad_pictures.hpp"

namespace quicket::plugin {
namespace {

TEST(Distorted, SmallCodesAreRead) { EXPECT_GE(share_read(350, 10), 0.95); }

TEST(Distorted, LargeCodesAreRead) { EXPECT_GE(share_read(1'200, 10), 0.85); }

}  // namespace
}  // namespace quicket::plugin
