#include "tests/core/base/vectors.hpp"
#include "quicket/v1/mailbox.pb.h"
#include "quicket/v1/problem.pb.h"
#include "quicket/v1/registration.pb.h"
#include "relay/service/codec.hpp"
#include "relay/service/problem.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace quicket::relay {
namespace {

std::unique_ptr<google::protobuf::Message> message_named(std::string_view name) {
  if (name == "RegisterRequest") return std::make_unique<v1::RegisterRequest>();
  if (name == "RegisterResponse") return std::make_unique<v1::RegisterResponse>();
  if (name == "ReleaseRequest") return std::make_unique<v1::ReleaseRequest>();
  if (name == "Info") return std::make_unique<v1::Info>();
  if (name == "MailboxMessage") return std::make_unique<v1::MailboxMessage>();
  if (name == "MailboxReceipt") return std::make_unique<v1::MailboxReceipt>();
  if (name == "Problem") return std::make_unique<v1::Problem>();
  throw std::runtime_error("no such message: " + std::string(name));
}

class MessageVectors : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Files, MessageVectors, testing::Values("registration.json", "mailbox.json"),
                         [](const auto& file) { return std::string(file.param, std::strchr(file.param, '.')); });

TEST_P(MessageVectors, ReadAndWriteBothEncodings) {
  const auto file = vectors::read(GetParam());
  for (const auto& value : vectors::list(file, "messages")) {
    const auto& vector = value.as_object();
    const std::string json = vectors::text(vector, "json");
    SCOPED_TRACE(json);
    const auto from_binary = message_named(vectors::text(vector, "message"));
    const auto from_json = message_named(vectors::text(vector, "message"));
    ASSERT_TRUE(decode(vectors::bytes(vector, "protobuf"), Format::kProtobuf, *from_binary));
    ASSERT_TRUE(decode(as_bytes(json), Format::kJson, *from_json));
    EXPECT_EQ(hex(encode(*from_json, Format::kProtobuf).body), vectors::text(vector, "protobuf"));
    EXPECT_EQ(boost::json::parse(as_text(encode(*from_binary, Format::kJson).body)), boost::json::parse(json));
  }
}

TEST(RegistrationVectors, ReadEveryFormOfJson) {
  const auto file = vectors::read("registration.json");
  for (const auto& value : vectors::list(file, "requests")) {
    const auto& vector = value.as_object();
    SCOPED_TRACE(vectors::text(vector, "name"));
    v1::RegisterRequest request;
    ASSERT_TRUE(decode(as_bytes(vectors::text(vector, "json")), Format::kJson, request));
    EXPECT_EQ(hex(as_bytes(request.SerializeAsString())), vectors::text(vector, "protobuf"));
  }
}

TEST(RegistrationVectors, NameEveryProblemWithItsStatus) {
  const auto file = vectors::read("registration.json");
  const auto& problems = vectors::list(file, "problems");
  const auto kinds = static_cast<std::size_t>(ProblemKind::kInternal) + 1;
  ASSERT_EQ(problems.size(), kinds);
  for (std::size_t i = 0; i < kinds; ++i) {
    const ProblemFacts& known = facts(static_cast<ProblemKind>(i));
    EXPECT_EQ(known.type, vectors::text(problems[i].as_object(), "type"));
    EXPECT_EQ(known.status, vectors::number<int>(problems[i].as_object(), "status")) << known.type;
  }
}

}  // namespace
}  // namespace quicket::relay
