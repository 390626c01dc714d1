#include "core/quic/initial.hpp"
#include "core/quic/initial_filter.hpp"
#include "tests/core/quic/pair.hpp"

#include <gtest/gtest.h>

namespace quicket::quic {
namespace {

// What a real accepter answers to a real flight.
class InitialAnswer : public testing::Test {
 protected:
  InitialAnswer() {
    client_ = Connection::connect(test::policy_of(Role::kClient, 1, test::anyone()), label_path(1), kNow).value();
    const Bytes flight = datagrams_of(*client_).at(0);
    const InitialHeader header = parse_initial_header(flight).value();
    dial_ = {.first_id = header.source, .original_id = header.destination};
    server_ =
        Connection::accept(test::policy_of(Role::kServer, 2, test::anyone()), label_path(1), flight, kNow).value();
    server_->receive(label_path(1), Ecn::kNotEct, flight, kNow);
  }

  static std::vector<Bytes> datagrams_of(Connection& connection) {
    std::vector<Bytes> datagrams;
    Bytes buffer(1500);
    while (const auto written = connection.transmit(buffer, 1, kNow)) {
      datagrams.push_back(to_bytes(ByteView(buffer).first(written->size)));
    }
    return datagrams;
  }

  static constexpr TimePoint kNow{std::chrono::hours(1)};
  std::unique_ptr<Connection> client_, server_;
  FrozenDial dial_;
};

TEST_F(InitialAnswer, BeginsWithTheOnlyDatagramThatIsFed) {
  const auto answer = datagrams_of(*server_);
  ASSERT_FALSE(answer.empty());
  EXPECT_EQ(judge_while_frozen(answer[0], dial_), FrozenVerdict::kFeed);
  for (std::size_t i = 1; i < answer.size(); ++i) {
    EXPECT_EQ(judge_while_frozen(answer[i], dial_), FrozenVerdict::kOther) << i;
  }
}

TEST_F(InitialAnswer, IsARefusalWhenTheAccepterCloses) {
  server_->close(2, "busy", false, kNow);
  const auto answer = datagrams_of(*server_);
  ASSERT_FALSE(answer.empty());
  EXPECT_EQ(judge_while_frozen(answer[0], dial_), FrozenVerdict::kRefusal);
}

TEST_F(InitialAnswer, OpensWithTheServersKeysOnly) {
  const auto answer = datagrams_of(*server_);
  ASSERT_FALSE(answer.empty());
  EXPECT_TRUE(unprotect_initial(answer[0], dial_.original_id, Role::kServer));
  EXPECT_FALSE(unprotect_initial(answer[0], dial_.original_id, Role::kClient));
}

}  // namespace
}  // namespace quicket::quic
