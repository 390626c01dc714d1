#include "plugins/mailbox/answers.hpp"

#include <gtest/gtest.h>

namespace quicket::plugin {
namespace {

TEST(Answers, HaveAMessagesId) {
  EXPECT_EQ(read_message_id(R"({"offer":"AQE=","id":"1f"})"), "1f");
  EXPECT_EQ(read_message_id(R"({"id":")" + std::string(64, 'a') + "\"}"), std::string(64, 'a'));
}

TEST(Answers, HaveNoIdThatDoesNotFitIntoAPath) {
  for (const auto* body : {"", "{", "[]", "{}", R"({"id":7})", R"({"id":""})", R"({"id":"../x"})", R"({"id":"a?b"})",
                           R"({"id":"a b"})", R"({"id":"a\u0000"})", R"({"id":"a\r\nx: y"})"})
    EXPECT_EQ(read_message_id(body), std::nullopt) << body;
  EXPECT_EQ(read_message_id(R"({"id":")" + std::string(65, 'a') + "\"}"), std::nullopt);
}

TEST(Answers, HaveARelaysRun) {
  EXPECT_EQ(read_run(R"({"software":"x","run":"00ff"})"), "00ff");
  EXPECT_EQ(read_run(R"({"software":"x"})"), std::nullopt);
}

TEST(Answers, SayForHowLongALetterIsKept) {
  EXPECT_EQ(read_keep(R"({"run":"a","keepSeconds":900})"), 900'000);
  EXPECT_EQ(read_keep(R"({"keepSeconds":99999999999})"), 604'800'000);
  for (const auto* body : {"", "{}", R"({"keepSeconds":-1})", R"({"keepSeconds":"900"})", R"({"keepSeconds":1e99})"})
    EXPECT_EQ(read_keep(body), 0) << body;
}

TEST(Answers, ShowAProblemAsPrintableText) {
  EXPECT_EQ(read_problem(R"({"detail":"no room"})"), "no room");
  EXPECT_EQ(read_problem(R"({"detail":"a\u001b[2Jb\u00e9"})"), "a?[2Jb??");
  EXPECT_EQ(read_problem(R"({"detail":")" + std::string(1'000, 'x') + "\"}"), std::string(200, 'x'));
  EXPECT_EQ(read_problem("no JSON"), "");
}

TEST(Answers, AreNotReadToAnyDepth) {
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  EXPECT_EQ(read_message_id(R"({"x":)" + deep + R"(,"id":"1"})"), std::nullopt);
}

}  // namespace
}  // namespace quicket::plugin
