#include "plugins/webhook/header_lines.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace quicket::plugin {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::ThrowsMessage;

TEST(HeaderLines, AreNamesWithValues) {
  EXPECT_THAT(parse_header_lines("Authorization: Bearer a:b\r\n\n# mine\n  X-A:1\t\n"),
              ElementsAre("Authorization: Bearer a:b", "X-A: 1"));
  EXPECT_THAT(parse_header_lines(""), IsEmpty());
}

TEST(HeaderLines, AreRefusedByNumberWithoutTheirContent) {
  for (const char* line :
       {"secret", ": secret", "A B: secret", "A:", "A: sec\x01ret", "A\x7f: secret", "\xc3\xa9: secret"}) {
    EXPECT_THAT([&] { parse_header_lines(std::string("X: 1\n") + line); },
                ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("line 2"), Not(HasSubstr("secret")))))
        << line;
  }
}

TEST(HeaderLines, LeaveTheCarriersOwnAlone) {
  for (const char* line :
       {"Content-Length: 5", "HOST: x", "webhook-id: 1", "Webhook-Anything: 1", "Transfer-Encoding: x"}) {
    EXPECT_THROW(parse_header_lines(line), std::invalid_argument) << line;
  }
}

TEST(HeaderLines, AreFew) {
  std::string lines;
  for (int i = 0; i < 32; ++i) lines += "A: 1\n";
  EXPECT_EQ(parse_header_lines(lines).size(), 32u);
  EXPECT_THROW(parse_header_lines(lines + "A: 1"), std::invalid_argument);
}

}  // namespace
}  // namespace quicket::plugin
