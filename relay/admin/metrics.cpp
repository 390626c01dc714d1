#include "relay/admin/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <cstdint>
#include <sstream>
#include <utility>
#include <vector>

namespace quicket::relay {

namespace {

constexpr std::array<std::string_view, kDropReasons> kDropNames{
    "empty",        "fixed_bit", "too_short",    "malformed", "unknown_short", "unknown_long",
    "not_admitted", "to_itself", "rate_limited", "hold_full", "hold_ended"};
static_assert(static_cast<std::size_t>(DropReason::kHoldEnded) + 1 == kDropNames.size());

constexpr std::array<std::string_view, kRefusals> kRefusalNames{"bad_window",
                                                                "not_proven",
                                                                "unroutable",
                                                                "conflict",
                                                                "other_session",
                                                                "answered_elsewhere",
                                                                "bearer_from_elsewhere",
                                                                "over_quota",
                                                                "full"};
static_assert(static_cast<std::size_t>(Refusal::kFull) + 1 == kRefusalNames.size());

// Families collects what is shown, in the order in which it is added.
class Families {
 public:
  struct Labelled {
    std::string value;
    std::uint64_t count;
  };

  void counter(std::string_view name, std::string_view help, std::uint64_t count) {
    add(name, help, prometheus::MetricType::Counter).counter.value = static_cast<double>(count);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    add(name, help, prometheus::MetricType::Gauge).gauge.value = static_cast<double>(value);
  }
  void counters(std::string_view name, std::string_view help, std::string_view label,
                const std::vector<Labelled>& all) {
    begin(name, help, prometheus::MetricType::Counter);
    for (const Labelled& one : all) {
      prometheus::ClientMetric metric;
      metric.label.push_back({std::string(label), one.value});
      metric.counter.value = static_cast<double>(one.count);
      families_.back().metric.push_back(std::move(metric));
    }
  }
  void version(std::string_view version) {
    auto& metric = add("build_info", "The relay's software, always 1.", prometheus::MetricType::Gauge);
    metric.label.push_back({"version", std::string(version)});
    metric.gauge.value = 1;
  }

  std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return std::move(out).str();
  }

 private:
  void begin(std::string_view name, std::string_view help, prometheus::MetricType type) {
    families_.push_back({"quicket_relay_" + std::string(name), std::string(help), type, {}});
  }
  prometheus::ClientMetric& add(std::string_view name, std::string_view help, prometheus::MetricType type) {
    begin(name, help, type);
    return families_.back().metric.emplace_back();
  }

  std::vector<prometheus::MetricFamily> families_;
};

template <std::size_t kSize>
std::vector<Families::Labelled> by_name(const std::array<std::string_view, kSize>& names,
                                        const std::array<std::uint64_t, kSize>& counts) {
  std::vector<Families::Labelled> all;
  for (std::size_t i = 0; i < kSize; ++i) all.push_back({std::string(names[i]), counts[i]});
  return all;
}

void add_forwarding(Families& families, const ForwardCounters& forwarded) {
  families.counter("forwarded_packets_total", "Datagrams forwarded between peers.", forwarded.forwarded);
  families.counter("forwarded_bytes_total", "Bytes of UDP payload forwarded between peers.", forwarded.forwarded_bytes);
  families.counter("http3_packets_total", "Datagrams for the relay's own HTTP/3.", forwarded.http3);
  families.counter("held_packets_total", "Datagrams held until their sender's registration.", forwarded.held);
  families.counter("released_packets_total", "Held datagrams that were forwarded then.", forwarded.released);
  families.counters("dropped_packets_total", "Datagrams that went nowhere.", "reason",
                    by_name(kDropNames, forwarded.dropped));
}

void add_table(Families& families, const RelaySnapshot& snapshot) {
  const TableCounters& table = snapshot.table;
  families.gauge("registrations", "Registrations held now.", snapshot.registrations);
  families.gauge("registrations_limit", "Most registrations at once.", snapshot.limits.registrations);
  families.gauge("sessions", "Sessions held now.", snapshot.sessions);
  families.gauge("connection_ids", "Connection IDs routed now.", snapshot.connection_ids);
  families.gauge("connection_ids_limit", "Most connection IDs at once.", snapshot.limits.ids);
  families.counter("registrations_granted_total", "New registrations.", table.granted);
  families.counter("registrations_refreshed_total", "Registrations stated again.", table.refreshed);
  families.counter("registrations_moved_total", "Registrations that followed their holder to another address.",
                   table.moved);
  families.counter("registrations_released_total", "Registrations ended by their holder.", table.released);
  families.counter("registrations_expired_total", "Registrations whose lease ended.", table.expired);
  families.counters("registrations_refused_total", "Registrations refused.", "reason",
                    by_name(kRefusalNames, table.refused));
}

void add_http(Families& families, const RelaySnapshot& snapshot) {
  const auto& http3 = snapshot.http3;
  families.counter("http_requests_total", "Requests answered.", snapshot.service.requests);
  std::vector<Families::Labelled> responses;
  for (const auto& [status, count] : snapshot.service.responses) responses.push_back({std::to_string(status), count});
  families.counters("http_responses_total", "Responses by HTTP status.", "status", responses);
  families.counter("http_requests_malformed_total", "Requests ended before they were whole: too large, or too slow.",
                   http3.refused_requests);
  families.gauge("http3_connections", "HTTP/3 connections now, with those in their handshake.",
                 snapshot.http3_connections);
  families.gauge("http3_handshakes", "HTTP/3 connections in their handshake now.", snapshot.http3_half_open);
  families.counter("http3_connections_accepted_total", "HTTP/3 connections begun.", http3.accepted);
  families.counter("http3_connections_opened_total", "HTTP/3 handshakes completed.", http3.opened);
  families.counter("http3_connections_refused_total", "HTTP/3 connections refused.", http3.refused);
  families.counter("http3_retries_total", "Retry packets sent.", http3.retries);
  families.counter("http3_resets_total", "Stateless resets sent.", http3.resets);
  families.counter("http3_resets_withheld_total", "Stateless resets not sent, over their rate.", http3.resets_withheld);
  families.counter("http3_version_negotiations_total", "Version negotiation packets sent.", http3.version_negotiations);
  families.counter("http3_dropped_packets_total", "Datagrams for HTTP/3 that meant nothing.", http3.dropped);
}

void add_mailboxes(Families& families, const RelaySnapshot& snapshot) {
  const auto& counters = snapshot.mailbox;
  families.gauge("mailbox_messages", "Offers that wait for their recipients.", snapshot.mailbox_messages);
  families.gauge("mailbox_bytes", "Memory that they take.", snapshot.mailbox_bytes);
  families.gauge("mailbox_waiting", "Recipients that wait for an offer.", snapshot.mailbox_waiting);
  families.counter("mailbox_stored_total", "Offers taken.", counters.stored);
  families.counter("mailbox_acknowledged_total", "Offers that their recipients have.", counters.acknowledged);
  families.counter("mailbox_expired_total", "Offers that nobody fetched in time.", counters.expired);
  families.counter("mailbox_displaced_total", "Offers that made room for another sender's.", counters.displaced);
  families.counter("mailbox_refused_total", "Offers for which there was no room.", counters.refused);
}

void add_udp(Families& families, const UdpCounters& udp) {
  families.counter("udp_received_packets_total", "Datagrams taken from the kernel.", udp.received);
  families.counter("udp_sent_packets_total", "Datagrams given to the kernel.", udp.sent);
  families.counter("udp_received_messages_total", "Messages in which the kernel handed datagrams over.",
                   udp.received_messages);
  families.counter("udp_sent_messages_total", "Messages in which the kernel took datagrams.", udp.sent_messages);
  families.counter("udp_receive_errors_total", "Errors of earlier sends that the kernel reported.", udp.receive_errors);
  families.counters("udp_dropped_packets_total", "Datagrams lost at the sockets.", "reason",
                    {{"received_too_large", udp.received_too_large},
                     {"queue_full", udp.dropped_full},
                     {"too_large", udp.dropped_too_large},
                     {"refused", udp.dropped_refused}});
}

}  // namespace

std::string metrics_text(const RelaySnapshot& snapshot, std::string_view version) {
  Families families;
  families.version(version);
  families.gauge("draining", "1 while the relay takes no more registrations.", snapshot.draining ? 1 : 0);
  add_forwarding(families, snapshot.forwarded);
  add_table(families, snapshot);
  add_http(families, snapshot);
  add_mailboxes(families, snapshot);
  add_udp(families, snapshot.udp);
  return families.text();
}

}  // namespace quicket::relay
