#include "core/carrier/host_table.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/core/carrier/host.hpp"

namespace quicket {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

quicket_buffer buffer_over(std::vector<std::uint8_t>& memory) { return {memory.data(), memory.size(), 0}; }

TEST(HostTable, TellsTheTimeInMilliseconds) {
  HostTable host("pigeon", {.now = [] { return TimePoint(5'000ms + 900us); }});
  EXPECT_EQ(host.table().now(host.table().context), 5'000);
}

TEST(HostTable, LogsWithTheCarriersNameAndWithoutControlCharacters) {
  TestLog log;
  HostTable host("pigeon", real_services(&log));
  host.table().log(host.table().context, 99, "a\nb");
  host.table().log(host.table().context, QUICKET_LOG_INFO, nullptr);
  EXPECT_THAT(log.lines(), ElementsAre("pigeon: a?b"));
}

TEST(HostTable, WritesAndReadsAllTextForms) {
  HostTable host("pigeon", real_services());
  const quicket_host& table = host.table();
  const Bytes offer = sealed_offer(200);
  for (const int form : {QUICKET_TEXT_JSON, QUICKET_TEXT_URI, QUICKET_TEXT_DIGITS}) {
    std::vector<std::uint8_t> text_memory(2'000), offer_memory(2'000);
    quicket_buffer text = buffer_over(text_memory), back = buffer_over(offer_memory);
    ASSERT_EQ(table.offer_to_text(table.context, form, octets(ByteView(offer)), offer.size(), &text), 0);
    ASSERT_EQ(table.offer_from_text(table.context, reinterpret_cast<const char*>(text.data), text.size, &back), 0);
    EXPECT_EQ(to_bytes(byte_view(back.data, back.size)), offer);
  }
}

TEST(HostTable, TellsHowMuchRoomATextNeeds) {
  HostTable host("pigeon", real_services());
  const quicket_host& table = host.table();
  const Bytes offer = sealed_offer(200);
  quicket_buffer nothing{};
  EXPECT_NE(table.offer_to_text(table.context, QUICKET_TEXT_JSON, octets(ByteView(offer)), offer.size(), &nothing), 0);
  std::vector<std::uint8_t> memory(nothing.size);
  quicket_buffer exact = buffer_over(memory);
  EXPECT_EQ(table.offer_to_text(table.context, QUICKET_TEXT_JSON, octets(ByteView(offer)), offer.size(), &exact), 0);
  EXPECT_EQ(exact.size, memory.size());
}

TEST(HostTable, RefusesWhatIsNoOfferAndNoForm) {
  HostTable host("pigeon", real_services());
  const quicket_host& table = host.table();
  std::vector<std::uint8_t> memory(100);
  quicket_buffer buffer = buffer_over(memory);
  EXPECT_NE(table.offer_from_text(table.context, "junk", 4, &buffer), 0);
  EXPECT_NE(table.offer_from_text(table.context, nullptr, 4, &buffer), 0);
  EXPECT_NE(table.offer_from_text(table.context, "junk", SIZE_MAX, &buffer), 0);
  EXPECT_NE(table.offer_from_text(table.context, "junk", 4, nullptr), 0);
  const std::uint8_t offer[] = {1, 1, 2};
  EXPECT_NE(table.offer_to_text(table.context, 77, offer, sizeof offer, &buffer), 0);
  EXPECT_NE(table.offer_to_text(table.context, QUICKET_TEXT_JSON, nullptr, 3, &buffer), 0);
  EXPECT_NE(table.offer_to_text(table.context, QUICKET_TEXT_JSON, offer, SIZE_MAX, &buffer), 0);
}

TEST(HostTable, HasNoRelayRequestWithoutARelay) {
  HostTable host("pigeon", real_services());
  EXPECT_EQ(host.table().relay_request, nullptr);
}

TEST(HostTable, LetsNoExceptionOut) {
  HostServices services;
  services.now = []() -> TimePoint { throw std::runtime_error("now"); };
  services.log = [](CarrierLogLevel, std::string_view, std::string_view) { throw 1; };
  services.relay_request = [](const CarrierRelayRequest&) -> Result<CarrierRelayResponse> { throw std::bad_alloc(); };
  HostTable host("pigeon", services);
  const quicket_host& table = host.table();
  EXPECT_EQ(table.now(table.context), 0);
  EXPECT_TRUE(host.take_threw());
  EXPECT_FALSE(host.take_threw());
  table.log(table.context, QUICKET_LOG_INFO, "x");
  EXPECT_TRUE(host.take_threw());
  quicket_relay_exchange exchange{.struct_size = sizeof exchange, .method = "GET", .path = "/"};
  EXPECT_EQ(table.relay_request(table.context, &exchange), QUICKET_CARRIER_FAILED);
  EXPECT_TRUE(host.take_threw());
}

class HostTableRelay : public testing::Test {
 protected:
  int ask(quicket_relay_exchange exchange) {
    exchange.struct_size = sizeof exchange;
    exchange.response = {memory_.data(), memory_.size(), 0};
    const int status = host_.table().relay_request(host_.table().context, &exchange);
    http_status_ = exchange.status;
    response_size_ = exchange.response.size;
    return status;
  }

  CarrierRelayResponse answer_{.status = 204};
  std::optional<Errc> error_;  // instead of the answer
  CarrierRelayRequest asked_;
  std::vector<std::uint8_t> memory_ = std::vector<std::uint8_t>(8);
  int http_status_ = 0;
  std::size_t response_size_ = 0;
  HostTable host_{
      "pigeon",
      {.now = boot_time, .relay_request = [this](const CarrierRelayRequest& request) -> Result<CarrierRelayResponse> {
         asked_ = request;
         if (error_) return make_error_code(*error_);
         return answer_;
       }}};
};

TEST_F(HostTableRelay, PassesTheExchangeOn) {
  answer_ = {.status = 200, .body = to_bytes(as_bytes("answer"))};
  const std::uint8_t body[] = {'b', 'o', 'd', 'y'};
  EXPECT_EQ(ask({.method = "POST",
                 .path = "/v1/mail",
                 .content_type = "text/plain",
                 .body = body,
                 .body_size = 4,
                 .sign_as_peer = 1,
                 .deadline_ms = 1'234}),
            QUICKET_CARRIER_OK);
  EXPECT_EQ(asked_.method, "POST");
  EXPECT_EQ(asked_.path, "/v1/mail");
  EXPECT_EQ(asked_.content_type, "text/plain");
  EXPECT_EQ(as_text(asked_.body), "body");
  EXPECT_TRUE(asked_.sign_as_peer);
  EXPECT_EQ(asked_.deadline, TimePoint(1'234ms));
  EXPECT_EQ(http_status_, 200);
  EXPECT_EQ(std::string(memory_.begin(), memory_.begin() + 6), "answer");
}

TEST_F(HostTableRelay, TellsCancellationDeadlineAndFailureApart) {
  const std::pair<Errc, int> cases[] = {{Errc::kCancelled, QUICKET_CARRIER_CANCELLED},
                                        {Errc::kHttpDeadline, QUICKET_CARRIER_DEADLINE},
                                        {Errc::kRelayUnreachable, QUICKET_CARRIER_FAILED}};
  for (const auto& [error, status] : cases) {
    error_ = error;
    EXPECT_EQ(ask({.method = "GET", .path = "/"}), status);
  }
}

TEST_F(HostTableRelay, SaysHowLargeAnAnswerIsThatDoesNotFit) {
  answer_ = {.status = 200, .body = Bytes(9)};
  EXPECT_EQ(ask({.method = "GET", .path = "/"}), QUICKET_CARRIER_TOO_LARGE);
  EXPECT_EQ(response_size_, 9u);
}

TEST_F(HostTableRelay, RefusesMalformedExchanges) {
  EXPECT_EQ(ask({.method = nullptr, .path = "/"}), QUICKET_CARRIER_FAILED);
  EXPECT_EQ(ask({.method = "GET", .path = nullptr}), QUICKET_CARRIER_FAILED);
  EXPECT_EQ(ask({.method = "GET", .path = "/", .body = nullptr, .body_size = 1}), QUICKET_CARRIER_FAILED);
  EXPECT_EQ(host_.table().relay_request(host_.table().context, nullptr), QUICKET_CARRIER_FAILED);
  quicket_relay_exchange small{.struct_size = 4};
  EXPECT_EQ(host_.table().relay_request(host_.table().context, &small), QUICKET_CARRIER_FAILED);
}

}  // namespace
}  // namespace quicket
