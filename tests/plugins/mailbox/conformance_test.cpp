#include <quicket/conformance/suite.hpp>

#include <deque>
#include <mutex>

#include "core/base/encoding.hpp"
#include "tests/plugins/mailbox/relayed_peers.hpp"

namespace quicket::conformance {
namespace {

// Way is how the two find the relay.
enum class Way { kByOption, kByHomeRelays, kBesideADeadRelay };

// MailboxChannel is Bob's mailbox at a real relay. The relay lies to Bob when it is told to.
class MailboxChannel : public Channel {
 public:
  explicit MailboxChannel(Way way) : way_(way) {}

  Options deliver_options() override { return way_ == Way::kByOption ? Options{{"relay", peers_.relay()}} : Options(); }
  Options receive_options() override { return deliver_options(); }
  std::string recipient() override { return peers_.bob().to_string(); }
  std::vector<std::string> home_relays() override {
    if (way_ == Way::kByOption) return {};
    // Port 9 is discard's: nobody is there.
    const std::string dead = "https://127.0.0.1:9" + peers_.relay().substr(peers_.relay().find('#'));
    return way_ == Way::kByHomeRelays ? std::vector{peers_.relay()} : std::vector{dead, peers_.relay()};
  }
  std::string peer(bool receiving) override { return (receiving ? peers_.bob() : peers_.alice()).to_string(); }
  std::vector<std::string> relays(bool) override { return {peers_.relay()}; }
  RelayRequest relay_request(bool receiving) override {
    return [this, receiving](quicket_relay_exchange& exchange, const std::stop_token& stop) {
      if (receiving && std::string_view(exchange.method) == "GET") {
        if (const auto lie = next_lie()) {
          exchange.status = 200;
          return test::RelayedPeers::give(exchange, *lie);
        }
      }
      return peers_.ask(receiving, exchange, stop);
    };
  }
  // The enemy leaves it in the mailbox, and the relay answers with it.
  void inject(std::span<const std::uint8_t> bytes) override {
    const ByteView content = byte_view(bytes.data(), bytes.size());
    {
      const std::lock_guard lock(mutex_);
      lies_.push_back(to_bytes(content));
    }
    leave(content);
  }
  void block() override {
    for (int i = 0; i < 16; ++i) EXPECT_EQ(leave(as_bytes("\1\1no")), 200);
  }

 private:
  std::optional<Bytes> next_lie() {
    const std::lock_guard lock(mutex_);
    if (lies_.empty()) return std::nullopt;
    Bytes lie = std::move(lies_.front());
    lies_.pop_front();
    return lie;
  }
  // leave leaves anything in the mailbox and gives the HTTP status.
  int leave(ByteView content) const {
    const std::string path = "/v1/mailbox/" + peers_.bob().to_string(), relay = peers_.relay();
    const std::string body = R"({"offer":")" + base64(content) + "\"}";
    std::vector<std::uint8_t> room(4'096);
    quicket_relay_exchange exchange{.struct_size = sizeof exchange};
    exchange.method = "POST";
    exchange.path = path.c_str();
    exchange.content_type = "application/json";
    exchange.body = reinterpret_cast<const std::uint8_t*>(body.data());
    exchange.body_size = body.size();
    exchange.deadline_ms = now() + 10'000;
    exchange.response = {room.data(), room.size(), 0};
    exchange.relay = relay.c_str();
    peers_.ask(false, exchange, {});
    return exchange.status;
  }

  const Way way_;
  const test::RelayedPeers peers_;
  std::mutex mutex_;
  std::deque<Bytes> lies_;  // under the mutex
};

// acknowledges is not said: an acknowledgement may be cancelled on its way.
Subject mailbox(std::string name, Way way) {
  return {.name = std::move(name),
          .plugin = QUICKET_TEST_CARRIERS "/quicket-carrier-mailbox.so",
          .make_channel = [way] { return std::make_unique<MailboxChannel>(way); },
          .blocks = true,
          .raw = true};
}

}  // namespace

QUICKET_CARRIER_CONFORMANCE(std::vector({mailbox("ByOption", Way::kByOption),
                                         mailbox("ByHomeRelays", Way::kByHomeRelays),
                                         mailbox("BesideADeadRelay", Way::kBesideADeadRelay)}));

}  // namespace quicket::conformance
