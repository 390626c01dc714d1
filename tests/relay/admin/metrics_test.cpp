#include "relay/admin/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quicket::relay {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, ShowsWhatWasForwarded) {
  RelaySnapshot snapshot;
  snapshot.forwarded.forwarded = 12;
  snapshot.forwarded.forwarded_bytes = 14'400;
  const std::string text = metrics_text(snapshot, "1.2.3");
  EXPECT_THAT(
      text,
      HasSubstr("# TYPE quicket_relay_forwarded_packets_total counter\nquicket_relay_forwarded_packets_total 12\n"));
  EXPECT_THAT(text, HasSubstr("\nquicket_relay_forwarded_bytes_total 14400\n"));
}

TEST(Metrics, ShowsEachReasonOfADrop) {
  RelaySnapshot snapshot;
  for (std::size_t i = 0; i < kDropReasons; ++i) snapshot.forwarded.dropped[i] = 100 + i;
  const std::string text = metrics_text(snapshot, "1");
  EXPECT_THAT(text, HasSubstr("quicket_relay_dropped_packets_total{reason=\"empty\"} 100\n"));
  EXPECT_THAT(text, HasSubstr("quicket_relay_dropped_packets_total{reason=\"not_admitted\"} 106\n"));
  EXPECT_THAT(text, HasSubstr("quicket_relay_dropped_packets_total{reason=\"hold_ended\"} 110\n"));
}

TEST(Metrics, ShowsEachReasonOfARefusal) {
  RelaySnapshot snapshot;
  snapshot.table.refused[static_cast<std::size_t>(Refusal::kAnsweredElsewhere)] = 3;
  snapshot.table.refused[static_cast<std::size_t>(Refusal::kFull)] = 4;
  const std::string text = metrics_text(snapshot, "1");
  EXPECT_THAT(text, HasSubstr("quicket_relay_registrations_refused_total{reason=\"answered_elsewhere\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("quicket_relay_registrations_refused_total{reason=\"full\"} 4\n"));
}

TEST(Metrics, ShowsResponsesByStatus) {
  RelaySnapshot snapshot;
  snapshot.service.responses = {{200, 7}, {409, 1}};
  const std::string text = metrics_text(snapshot, "1");
  EXPECT_THAT(text, HasSubstr("quicket_relay_http_responses_total{status=\"200\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("quicket_relay_http_responses_total{status=\"409\"} 1\n"));
}

TEST(Metrics, ShowsWhatTheRelayHoldsAsGauges) {
  RelaySnapshot snapshot;
  snapshot.registrations = 2;
  snapshot.sessions = 1;
  snapshot.connection_ids = 128;
  snapshot.http3_connections = 5;
  snapshot.draining = true;
  const std::string text = metrics_text(snapshot, "1");
  EXPECT_THAT(text, HasSubstr("# TYPE quicket_relay_registrations gauge\nquicket_relay_registrations 2\n"));
  EXPECT_THAT(text, HasSubstr("\nquicket_relay_sessions 1\n"));
  EXPECT_THAT(text, HasSubstr("\nquicket_relay_connection_ids 128\n"));
  EXPECT_THAT(text, HasSubstr("\nquicket_relay_http3_connections 5\n"));
  EXPECT_THAT(text, HasSubstr("\nquicket_relay_draining 1\n"));
}

TEST(Metrics, NamesTheVersion) {
  EXPECT_THAT(metrics_text({}, "1.2.3"), HasSubstr("quicket_relay_build_info{version=\"1.2.3\"} 1\n"));
}

TEST(Metrics, WritesLargeCountsWithoutLosingDigits) {
  RelaySnapshot snapshot;
  snapshot.forwarded.forwarded_bytes = 123'456'789'012'345;
  EXPECT_THAT(metrics_text(snapshot, "1"), HasSubstr("quicket_relay_forwarded_bytes_total 123456789012345\n"));
}

}  // namespace
}  // namespace quicket::relay
