#include "relay/admin/answer.hpp"

#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

AdminSource source(bool ready) {
  return {.is_ready = [ready] { return ready; }, .metrics = [] { return std::string("counted 1\n"); }};
}

TEST(AdminAnswer, SaysThatItIsAliveEvenWhenNotReady) {
  EXPECT_EQ(answer_admin("GET", "/healthz", source(false)).status, 200);
}

TEST(AdminAnswer, SaysWhetherTheRelayIsReady) {
  EXPECT_EQ(answer_admin("GET", "/readyz", source(true)).status, 200);
  EXPECT_EQ(answer_admin("GET", "/readyz", source(false)).status, 503);
}

TEST(AdminAnswer, GivesTheMetricsInPrometheusFormat) {
  const AdminResponse response = answer_admin("GET", "/metrics", source(true));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "counted 1\n");
  EXPECT_TRUE(response.content_type.starts_with("text/plain; version=0.0.4"));
}

TEST(AdminAnswer, IgnoresAQuery) {
  EXPECT_EQ(answer_admin("GET", "/metrics?x=/healthz", source(true)).body, "counted 1\n");
}

TEST(AdminAnswer, TakesHead) { EXPECT_EQ(answer_admin("HEAD", "/healthz", source(true)).status, 200); }

TEST(AdminAnswer, RefusesOtherMethodsAndSaysWhichItTakes) {
  const AdminResponse response = answer_admin("POST", "/metrics", source(true));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.allow, "GET, HEAD");
}

TEST(AdminAnswer, KnowsNoOtherPath) {
  for (const char* target : {"/", "", "*", "/metrics/", "/v1/register", "http://x/metrics"}) {
    EXPECT_EQ(answer_admin("GET", target, source(true)).status, 404) << target;
  }
}

}  // namespace
}  // namespace quicket::relay
