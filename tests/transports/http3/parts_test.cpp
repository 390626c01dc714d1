#include "transports/http3/assembly.hpp"
#include "transports/http3/fields.hpp"

#include <gtest/gtest.h>

namespace quicket::transports {
namespace {

using Verdict = MessageAssembly::Verdict;

TEST(MessageAssembly, KeepsOrderAndRepeatedFields) {
  MessageAssembly assembly(HttpLimits{});
  assembly.add_field(":method", "POST");
  assembly.add_field(":path", "/x");
  assembly.add_field("a", "1");
  assembly.add_field("a", "2");
  const HttpRequest request = assembly.take_request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/x");
  ASSERT_EQ(request.headers.size(), 2u);
  EXPECT_EQ(request.headers[1].value, "2");
}

TEST(MessageAssembly, TakesTheHostFieldForTheAuthority) {
  MessageAssembly assembly(HttpLimits{});
  assembly.add_field("host", "relay.test");
  EXPECT_EQ(assembly.take_request().authority, "relay.test");
}

TEST(MessageAssembly, CountsTrailersAndEveryHeadTowardsTheLimit) {
  MessageAssembly assembly(HttpLimits{.header_bytes = 100});
  assembly.add_field(":status", "103");
  assembly.end_head();
  assembly.add_field(":status", "200");
  EXPECT_EQ(assembly.verdict(), Verdict::kFine);
  assembly.add_trailer("a", "b");
  EXPECT_EQ(assembly.verdict(), Verdict::kHeadersTooLarge);
}

TEST(MessageAssembly, TakesABodyOfExactlyTheLimitAndNoMore) {
  MessageAssembly assembly(HttpLimits{.body_bytes = 10});
  assembly.add_body(Bytes(10));
  EXPECT_EQ(assembly.verdict(), Verdict::kFine);
  assembly.add_body(Bytes(1));
  EXPECT_EQ(assembly.verdict(), Verdict::kBodyTooLarge);
  assembly.add_body(Bytes(1000));
  EXPECT_TRUE(assembly.take_request().body.empty());
}

TEST(ResponseFields, RefuseAStatusThatIsNotFinal) {
  EXPECT_FALSE(response_fields({.status = 100}));
  EXPECT_FALSE(response_fields({.status = 600}));
  EXPECT_TRUE(response_fields({.status = 599}));
}

TEST(ResponseFields, StateNoLengthWhereThereIsNoBody) {
  const auto length = [](const FieldList& fields) { return find_header(fields, "content-length"); };
  EXPECT_EQ(length(*response_fields({.status = 204})), std::nullopt);
  EXPECT_EQ(length(*response_fields({.status = 200})), "0");
}

TEST(ResponseFields, RefuseAContentLengthThatIsNotTheBodys) {
  const auto with_length = [](std::string length) {
    return response_fields({.status = 200, .headers = {{"content-length", std::move(length)}}, .body = Bytes(5)});
  };
  EXPECT_TRUE(with_length("5"));
  for (const char* length : {"0", "4", "6", "05", "x", ""}) EXPECT_FALSE(with_length(length)) << length;
}

}  // namespace
}  // namespace quicket::transports
