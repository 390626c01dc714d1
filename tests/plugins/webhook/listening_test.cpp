// The listener against clients that are not ours.
#include <gmock/gmock.h>

#include <sstream>

#include <quicket/offer.hpp>

#include "tests/plugins/webhook/webhooks.hpp"

namespace quicket {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const Bytes kOffer = sealed_offer(300);

class WebhookListener : public WithWebhooks {
 protected:
  std::string ask(std::string_view bytes) { return quicket::ask(port_, bytes); }

  const std::uint16_t port_ = free_port();
  Receiving receiving_{webhook({{"listen", "127.0.0.1:" + std::to_string(port_)}, {"path", "/offers"}}),
                       OfferVerdict::kAccepted};
};

TEST_F(WebhookListener, TakesAnOffer) {
  EXPECT_THAT(ask(post("/offers", offer_to_json(kOffer))),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("\r\n\r\naccepted\n")));
  EXPECT_THAT(receiving_.stop(), ElementsAre(kOffer));
}

TEST_F(WebhookListener, TakesAnOfferInChunks) {
  const std::string body = offer_to_uri(kOffer);
  std::ostringstream request;
  request << "POST /offers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
          << body.substr(0, 5) << "\r\n"
          << std::hex << body.size() - 5 << "\r\n"
          << body.substr(5) << "\r\n0\r\n\r\n";
  EXPECT_THAT(ask(request.str()), StartsWith("HTTP/1.1 200 "));
}

TEST_F(WebhookListener, SaysGoOnToThoseWhoAsk) {
  const plugin::Descriptor socket = connect_to(port_);
  const std::string request = post("/offers", offer_to_json(kOffer), "Expect: 100-continue\r\n");
  const std::size_t head = request.find("\r\n\r\n") + 4;
  send_all(socket.fd(), std::string_view(request).substr(0, head));
  EXPECT_THAT(read_more(socket.fd()), StartsWith("HTTP/1.1 100 "));
  send_all(socket.fd(), std::string_view(request).substr(head));
  EXPECT_THAT(read_all(socket.fd()), StartsWith("HTTP/1.1 200 "));
}

TEST_F(WebhookListener, AnswersWhatIsWrongWithAReason) {
  EXPECT_THAT(ask(post("/", "x")), AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("nothing is here")));
  EXPECT_THAT(ask("GET /offers HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: POST")));
  EXPECT_THAT(ask(post("/offers", "hello")), AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("the body is no offer")));
  EXPECT_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("POST /offers HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(receiving_.stop(), IsEmpty());
}

TEST_F(WebhookListener, TellsOfABodyThatIsTooLargeEvenToThoseWhoGoOnSending) {
  EXPECT_THAT(ask(post("/offers", std::string(250'000, 'x'))), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask("POST /offers HTTP/1.1\r\nContent-Length: 10000000000\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  EXPECT_THAT(
      ask("POST /offers HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk + chunk + "0\r\n\r\n"),
      StartsWith("HTTP/1.1 413 "));
}

TEST_F(WebhookListener, TellsOfAHeaderThatIsTooLarge) {
  EXPECT_THAT(ask(post("/offers", "x", "X: " + std::string(9'000, 'x') + "\r\n")), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask("POST /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
}

TEST_F(WebhookListener, ServesOneRequestPerConnection) {
  const std::string one = post("/offers", offer_to_json(kOffer));
  const std::string answers = ask(one + one);
  EXPECT_THAT(answers, HasSubstr("Connection: close"));
  EXPECT_EQ(answers.find("HTTP/1.1", 8), std::string::npos);
  EXPECT_THAT(receiving_.stop(), SizeIs(1));
}

TEST_F(WebhookListener, HearsOthersWhileSomeDawdle) {
  std::vector<plugin::Descriptor> dawdlers;
  for (int i = 0; i < 7; ++i) {
    dawdlers.push_back(connect_to(port_));
    send_all(dawdlers.back().fd(), "POST /offers HTTP/1.1\r\nContent-Le");
  }
  EXPECT_THAT(ask(post("/offers", offer_to_json(kOffer))), StartsWith("HTTP/1.1 200 "));
  dawdlers.push_back(connect_to(port_));
  EXPECT_EQ(ask(post("/offers", offer_to_json(kOffer))), "") << "eight of one source are enough";
}

TEST_F(WebhookListener, DropsARequestThatComesInDribsAndDrabs) {
  const plugin::Descriptor socket = connect_to(port_);
  const TimePoint start = boot_time();
  send_all(socket.fd(), "POST /offers HTTP/1.1\r\n");
  pollfd end{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  while (::poll(&end, 1, 200) == 0 && boot_time() - start < std::chrono::seconds(20)) send_all(socket.fd(), "X: y\r\n");
  EXPECT_EQ(read_all(socket.fd()), "");
  EXPECT_GE(boot_time() - start, std::chrono::seconds(9));
  EXPECT_LT(boot_time() - start, std::chrono::seconds(20));
}

TEST_F(WebhookListener, SlowsDownOneSource) {
  std::string answer;
  for (int i = 0; i < 100 && !answer.starts_with("HTTP/1.1 429"); ++i) answer = ask(post("/offers", "x"));
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 429 "), HasSubstr("Retry-After: 1\r\n")));
}

TEST_F(WebhookListener, IsCancelledWhileSomeDawdle) {
  const plugin::Descriptor socket = connect_to(port_);
  send_all(socket.fd(), "POST /offers HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc");
  receiving_.stop();
  EXPECT_EQ(read_all(socket.fd()), "");
}

}  // namespace
}  // namespace quicket
