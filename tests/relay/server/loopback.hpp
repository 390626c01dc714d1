#pragma once

#include "core/base/encoding.hpp"
#include "relay/server/boot_clock.hpp"
#include "relay/server/relay.hpp"
#include "transports/http3/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quicket::relay::test {

using namespace std::chrono_literals;

constexpr auto kPatience = 10s;  // what works takes milliseconds

// until runs the context's handlers until `done`, and says whether it came to that within kPatience.
inline bool until(boost::asio::io_context& context, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  context.restart();
  boost::asio::steady_timer alarm(context, deadline);
  alarm.async_wait([](const error_code&) {});
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline || context.run_one() == 0) return done();
  }
  return true;
}

// options_on gives a relay's options for loopback: a new certificate, and a secret that is always the same.
inline RelayOptions options_on(std::vector<Address> listen) {
  const auto pem = quic::make_self_signed({"localhost"}).value();
  RelayOptions options;
  options.listen = std::move(listen);
  options.credentials = quic::Credentials::from_pem(as_bytes(pem.certificate), as_bytes(pem.key)).value();
  options.reset_secret = Bytes(32, std::byte{5});
  options.limits.allow_special = true;
  return options;
}

// LoopbackClient is an HTTP/3 client with a UDP socket of its own.
class LoopbackClient {
 public:
  LoopbackClient(boost::asio::io_context& context, const Address& server)
      : context_(context),
        socket_(UdpSocket::bind(server.is_v4() ? Address::loopback(0) : v6_loopback()).value()),
        readiness_(context, socket_.native_handle()),
        timer_(context) {
    transports::Http3ClientConfig config;
    config.verify = [this](const quic::PeerCertificate& certificate) -> Result<void> {
      seen_pin_ = certificate.spki_sha256();
      return {};
    };
    const AddressPair path{.local = socket_.local_address(), .remote = server};
    client_ = transports::Http3Client::create(std::move(config), path, boot_now()).value();
    wait();
    settle();
  }
  ~LoopbackClient() {
    alive_.reset();
    readiness_.release();
  }

  static Address v6_loopback() { return Address::parse("[::1]:0").value(); }

  // exchange sends a request and waits for its response; nothing when there is none.
  std::optional<transports::HttpResponse> exchange(transports::HttpRequest request) {
    request.authority = "relay.test";
    const auto id = client_->request(std::move(request), boot_now());
    if (!id) return std::nullopt;
    settle();
    until(context_, [&] { return responses_.contains(*id) || failed_ || closed_; });
    const auto found = responses_.find(*id);
    if (found == responses_.end()) return std::nullopt;
    return found->second;
  }

  // register_bearer registers 16 bytes of `value` as a bearer key, and gives the HTTP status; 0: no answer. `num` is
  // JSON.
  int register_bearer(std::uint8_t value, const std::string& num = "10") {
    transports::HttpRequest request{.method = "POST", .path = "/v1/register"};
    request.headers.push_back({"content-type", "application/json"});
    const std::string key = base64(Bytes(16, std::byte{value}));
    request.body = to_bytes(as_bytes("{\"key\": \"" + key + "\", \"num\": " + num + "}"));
    const auto response = exchange(std::move(request));
    return response ? response->status : 0;
  }

  void send_datagram(const Address& to, ByteView bytes) { send_run(to, bytes, bytes.size()); }
  // send_run sends several datagrams of one size, as one message where the kernel can.
  void send_run(const Address& to, ByteView bytes, std::size_t segment_size, quic::Ecn ecn = quic::Ecn::kNotEct) {
    socket_.send({.remote = to}, {.bytes = bytes, .segment_size = segment_size, .ecn = ecn});
    socket_.flush();
  }

  const std::optional<quic::CloseReason>& closed() const { return closed_; }
  // strange are datagrams that are not QUIC's long headers or its own, marks their ECN marks.
  const std::vector<Bytes>& strange() const { return strange_; }
  const std::vector<quic::Ecn>& marks() const { return marks_; }
  const quic::Digest& seen_pin() const { return seen_pin_; }

 private:
  void wait() {
    readiness_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this, alive = std::weak_ptr(alive_)](const error_code& error) {
                            if (error || alive.expired()) return;
                            const auto took = socket_.receive(
                                [this](std::span<const Received> run) {
                                  for (const Received& one : run) take(one);
                                },
                                256);
                            ASSERT_TRUE(took);
                            settle();
                            wait();
                          });
  }

  void take(const Received& one) {
    const bool for_a_peer = one.bytes.size() > 1 && (one.bytes[0] & std::byte{0x80}) == std::byte{0} &&
                            (one.bytes[1] & std::byte{0x80}) == std::byte{0};
    if (for_a_peer) {
      strange_.push_back(to_bytes(one.bytes));
      marks_.push_back(one.ecn);
    }
    if (!for_a_peer) client_->receive(one, boot_now());
  }

  void settle() {
    const TimePoint now = boot_now();
    if (client_->deadline() && *client_->deadline() <= now) client_->on_deadline(now);
    while (auto event = client_->poll()) {
      if (auto* arrived = std::get_if<transports::Http3Client::ResponseArrived>(&*event)) {
        responses_.emplace(arrived->id, std::move(arrived->response));
      } else if (auto* ended = std::get_if<transports::Http3Client::Closed>(&*event)) {
        closed_ = std::move(ended->reason);
      } else if (std::holds_alternative<transports::Http3Client::RequestFailed>(*event)) {
        failed_ = true;
      }
    }
    client_->transmit(socket_, now);
    socket_.flush();
    const auto next = client_->deadline();
    if (!next) return;
    timer_.expires_after(std::max(Duration::zero(), *next - now));
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](const error_code& error) {
      if (!error && !alive.expired()) settle();
    });
  }

  boost::asio::io_context& context_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // ends with this: handlers may come later
  UdpSocket socket_;
  boost::asio::posix::stream_descriptor readiness_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<transports::Http3Client> client_;
  std::map<transports::RequestId, transports::HttpResponse> responses_;
  bool failed_ = false;
  std::optional<quic::CloseReason> closed_;
  std::vector<Bytes> strange_;
  std::vector<quic::Ecn> marks_;
  quic::Digest seen_pin_{};
};

// One relay on loopback.
class RelayTest : public testing::Test {
 protected:
  void serve(RelayOptions with) {
    auto made = Relay::create(context.get_executor(), std::move(with));
    ASSERT_TRUE(made) << made.error().message();
    relay = std::move(*made);
    ASSERT_TRUE(relay->start());
  }
  Address address() const { return relay->local_addresses().front(); }

  boost::asio::io_context context;
  RelayOptions options = options_on({Address::loopback(0)});
  std::unique_ptr<Relay> relay;
};

}  // namespace quicket::relay::test
