#include "tests/relay/service/support.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

TEST(Service, WritesNothingAboutABodyThatIsNotUtf8) {
  Desk desk;
  v1::RegisterRequest message = unproven(kAliceKey);
  message.set_peer_token("?");
  HttpRequest request = post("/v1/register", message);
  std::ranges::replace(request.body, std::byte{'?'}, std::byte{0xff});
  testing::internal::CaptureStderr();
  const HttpResponse binary = desk.handle(request, client(1, kAlice));
  const HttpResponse json = desk.handle(post_json("/v1/register", "{\"peerToken\":\"\xff\"}"), client(1, kAlice));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(binary.status, 400);
  EXPECT_EQ(json.status, 400);
}

}  // namespace
}  // namespace quicket::relay
