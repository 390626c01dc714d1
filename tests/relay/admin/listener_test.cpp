#include "relay/admin/listener.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace quicket::relay {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

// Connection sends all of a text, then takes what comes until the other side ends.
class Connection {
 public:
  Connection(asio::io_context& context, const Address& to, std::string text)
      : socket_(context), request_(std::move(text)) {
    socket_.connect({asio::ip::make_address(to.ip_string()), to.port()});
    asio::async_write(socket_, asio::buffer(request_), [](const error_code&, std::size_t) {});
    asio::async_read(socket_, asio::dynamic_buffer(answer_), [this](const error_code&, std::size_t) { ended_ = true; });
  }

  bool ended() const { return ended_; }
  const std::string& answer() const { return answer_; }  // as far as it has come, and room for more until the end

 private:
  tcp::socket socket_;
  std::string request_, answer_;
  bool ended_ = false;
};

class AdminListenerTest : public testing::Test {
 protected:
  void listen(const AdminOptions& options = {}) {
    AdminSource source{.is_ready = [this] { return ready; }, .metrics = [] { return std::string("counted 1\n"); }};
    listener = AdminListener::create(context.get_executor(), Address::loopback(0), std::move(source), options).value();
  }
  bool until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    context.restart();
    asio::steady_timer alarm(context, deadline);
    alarm.async_wait([](const error_code&) {});
    while (!done() && std::chrono::steady_clock::now() < deadline && context.run_one() > 0) continue;
    return done();
  }
  std::string answer_to(const std::string& request) {
    Connection connection(context, listener->local_address(), request);
    EXPECT_TRUE(until([&] { return connection.ended(); }));
    return connection.answer();
  }

  asio::io_context context;
  bool ready = true;
  std::unique_ptr<AdminListener> listener;
};

std::string get(const std::string& path, const std::string& more = "Connection: close\r\n") {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

TEST_F(AdminListenerTest, AnswersARequest) {
  listen();
  const std::string answer = answer_to(get("/metrics"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 10\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\ncounted 1\n"));
}

TEST_F(AdminListenerTest, FollowsTheRelaysReadiness) {
  listen();
  EXPECT_THAT(answer_to(get("/readyz")), StartsWith("HTTP/1.1 200 "));
  ready = false;
  EXPECT_THAT(answer_to(get("/readyz")), StartsWith("HTTP/1.1 503 "));
}

TEST_F(AdminListenerTest, AnswersSeveralRequestsOnOneConnection) {
  listen();
  const std::string answer = answer_to(get("/healthz", "") + get("/nothing"));
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 404 "));
}

TEST_F(AdminListenerTest, LeavesTheBodyOutOfTheAnswerToHead) {
  listen();
  const std::string answer = answer_to("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 10\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(AdminListenerTest, EndsAConnectionAfterItsShareOfRequests) {
  listen({.max_requests = 2});
  const std::string answer = answer_to(get("/healthz", "") + get("/healthz", "") + get("/healthz", ""));
  std::size_t answers = 0;
  for (std::size_t at = 0; (at = answer.find("HTTP/1.1 200 ", at)) != std::string::npos; ++at) ++answers;
  EXPECT_EQ(answers, 2u);
}

TEST_F(AdminListenerTest, RefusesOversizedHeaders) {
  listen({.header_bytes = 1024});
  EXPECT_THAT(answer_to(get("/healthz", "X: " + std::string(2048, 'x') + "\r\n")), StartsWith("HTTP/1.1 431 "));
}

TEST_F(AdminListenerTest, RefusesABody) {
  listen();
  EXPECT_THAT(answer_to("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(AdminListenerTest, RefusesWhatIsNotHttp) {
  listen();
  EXPECT_THAT(answer_to("\x16\x03\x01 hello there\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(AdminListenerTest, ClosesConnectionsOverItsBound) {
  listen({.max_connections = 1});
  Connection first(context, listener->local_address(), "GET ");
  Connection second(context, listener->local_address(), get("/healthz"));
  EXPECT_TRUE(until([&] { return second.ended(); }));
  EXPECT_FALSE(first.ended());
  EXPECT_EQ(second.answer(), "");
}

TEST_F(AdminListenerTest, GivesUpOnAClientThatSendsNothingMore) {
  listen({.patience = 1s});
  EXPECT_EQ(answer_to("GET /metrics"), "");
}

TEST_F(AdminListenerTest, ClosesItsConnectionsWhenItEnds) {
  listen();
  Connection waiting(context, listener->local_address(), get("/healthz", ""));
  ASSERT_TRUE(until([&] { return waiting.answer().starts_with("HTTP/1.1 200 "); }));
  listener.reset();
  EXPECT_TRUE(until([&] { return waiting.ended(); }));
}

TEST_F(AdminListenerTest, MayEndBeforeItServedAnybody) {
  listen();
  Connection early(context, listener->local_address(), get("/healthz"));
  listener.reset();
  EXPECT_TRUE(until([&] { return early.ended(); }));
  EXPECT_EQ(early.answer(), "");
}

TEST_F(AdminListenerTest, NamesTheAddressThatIsInUse) {
  listen();
  const Address taken = listener->local_address();
  const auto second = AdminListener::create(context.get_executor(), taken, {});
  ASSERT_TRUE(second.has_error());
  EXPECT_EQ(second.error().code, boost::system::errc::address_in_use);
  EXPECT_THAT(second.error().detail, HasSubstr(taken.to_string()));
}

}  // namespace
}  // namespace quicket::relay
