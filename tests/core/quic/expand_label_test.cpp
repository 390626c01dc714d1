#include "core/quic/expand_label.hpp"

#include "core/base/encoding.hpp"
#include "tests/core/base/hex.hpp"

#include <gtest/gtest.h>

#include <array>

namespace quicket::quic {
namespace {

TEST(ExpandLabel, GivesTheDerivedSecretOfRfc8448) {  // section 3
  const Bytes secret = from_hex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
  const Bytes nothing = from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Bytes derived(32);
  ASSERT_TRUE(expand_label(GNUTLS_MAC_SHA256, secret, "derived", nothing, derived));
  EXPECT_EQ(hex(derived), "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba");
}

TEST(ExpandLabel, RefusesWhatHasNoRoomInItsEncoding) {
  const Bytes secret(32), context(256);
  Bytes out(32), too_long(255 * 32 + 1);
  EXPECT_TRUE(expand_label(GNUTLS_MAC_SHA256, secret, std::string(249, 'a'), {}, out));
  EXPECT_FALSE(expand_label(GNUTLS_MAC_SHA256, secret, std::string(250, 'a'), {}, out));
  EXPECT_FALSE(expand_label(GNUTLS_MAC_SHA256, secret, "label", context, out));
  EXPECT_FALSE(expand_label(GNUTLS_MAC_SHA256, secret, "label", {}, too_long));
}

}  // namespace
}  // namespace quicket::quic
