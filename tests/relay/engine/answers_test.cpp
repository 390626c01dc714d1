// What a relay sends to addresses that nobody has shown to be theirs.

#include "core/base/encoding.hpp"
#include "core/cid/schedule.hpp"
#include "relay/engine/engine.hpp"
#include "tests/relay/forward/packets.hpp"
#include "transports/http3/client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

namespace quicket::relay {
namespace {

using namespace std::chrono_literals;
using Random = std::mt19937_64;

const Address kRelay = Address::parse("192.0.2.1:4433").value();
const Address kClient = Address::parse("198.51.100.1:1000").value(), kRogue = kClient.with_port(2000);

std::vector<Bytes> datagrams_of(const Batch& batch) {
  std::vector<Bytes> all;
  for (ByteView left = batch.bytes; !left.empty(); left = left.subspan(all.back().size()))
    all.push_back(to_bytes(left.first(std::min(batch.segment_size, left.size()))));
  return all;
}

// Client is an HTTP/3 client whose datagrams the test carries.
class Client final : DatagramSink {
 public:
  explicit Client(const Address& at, TimePoint now) : path_{.local = at, .remote = kRelay} {
    transports::Http3ClientConfig config;
    config.verify = [](const quic::PeerCertificate&) -> Result<void> { return {}; };
    http3 = transports::Http3Client::create(std::move(config), path_, now).value();
  }
  const Address& address() const { return path_.local; }
  void take(const Bytes& datagram, TimePoint now) { http3->receive({.addresses = path_, .bytes = datagram}, now); }
  std::vector<Bytes> written(TimePoint now) {
    while (http3->poll()) continue;
    http3->transmit(*this, now);
    return std::exchange(written_, {});
  }
  void ask(transports::HttpRequest request, TimePoint now) {
    request.authority = "relay.test";
    static_cast<void>(http3->request(std::move(request), now));
  }

  std::unique_ptr<transports::Http3Client> http3;

 private:
  void send(const AddressPair&, const Batch& batch) override {
    for (Bytes& one : datagrams_of(batch)) written_.push_back(std::move(one));
  }
  AddressPair path_;
  std::vector<Bytes> written_;
};

// Ledger is a relay whose traffic with each address is counted. Two clients are where they say they are, and get what
// is sent to them: an honest one, and a rogue that may send from elsewhere too.
class Ledger final : DatagramSink {
 public:
  Ledger() {
    EngineConfig config;
    config.credentials = quic::Credentials::from_ed25519(Bytes(32, std::byte{7})).value();
    config.reset_secret = Bytes(32, std::byte{8});
    config.limits.ids = 10'000;
    config.limits.registrations = config.limits.sessions = 1'000;
    engine = Engine::create(std::move(config), *this).value();
    const std::string body = "{\"key\": \"" + base64(Bytes(16, std::byte{1})) + "\", \"num\": 10}";
    for (Client* client : {&honest, &rogue}) client->ask({.path = "/v1/info"}, now);
    honest.ask({.method = "POST", .path = "/v1/register", .body = to_bytes(as_bytes(body))}, now);
    pass(100ms);
    EXPECT_EQ(engine->server().connections(), 2u);
    EXPECT_EQ(engine->table().registrations(), 1u);
  }

  void receive(const Address& from, const Bytes& datagram) {
    in[from] += datagram.size();
    const std::uint64_t forwarded = engine->forwarded().forwarded;
    const Received received{.addresses = {.local = kRelay, .remote = from}, .bytes = datagram};
    engine->receive({&received, 1}, now);
    EXPECT_LE(engine->forwarded().forwarded, forwarded + 1);
    carry();
  }
  void pass(Duration duration) {
    const TimePoint end = now + duration;
    carry();
    for (;;) {
      auto next = engine->deadline();
      for (Client* client : {&honest, &rogue}) {
        const auto other = client->http3->deadline();
        if (other && (!next || *other < *next)) next = other;
      }
      if (!next || *next > end) break;
      now = std::max(now, *next);
      engine->on_deadline(now);
      for (Client* client : {&honest, &rogue}) client->http3->on_deadline(now);
      carry();
    }
    now = end;
  }

  // excess is what some address that is nobody's got beyond what came from there; empty: nothing.
  std::string excess() const {
    for (const auto& [to, bytes] : out) {
      if (to == kClient || to == kRogue) continue;
      const auto came = in.find(to);
      const std::size_t most = came == in.end() ? 0 : came->second;
      if (bytes > most) return to.to_string() + " got " + std::to_string(bytes) + " for " + std::to_string(most);
    }
    return {};
  }

  TimePoint now{1h};
  std::unique_ptr<Engine> engine;
  Client honest{kClient, now}, rogue{kRogue, now};
  std::vector<Bytes> overheard;  // of the honest client
  std::map<Address, std::size_t> in, out;

 private:
  void send(const AddressPair& addresses, const Batch& batch) override {
    out[addresses.remote] += batch.bytes.size();
    for (Bytes& one : datagrams_of(batch)) on_the_way_.emplace_back(addresses.remote, std::move(one));
  }
  // carry brings datagrams to where they belong until there are none.
  void carry() {
    do {
      for (const auto& [to, datagram] : std::exchange(on_the_way_, {})) {
        for (Client* client : {&honest, &rogue}) {
          if (client->address() == to) client->take(datagram, now);
        }
      }
      for (Client* client : {&honest, &rogue}) {
        for (Bytes& datagram : client->written(now)) {
          in[client->address()] += datagram.size();
          const Received received{.addresses = {.local = kRelay, .remote = client->address()}, .bytes = datagram};
          engine->receive({&received, 1}, now);
          if (client == &honest) overheard.push_back(std::move(datagram));
        }
      }
    } while (!on_the_way_.empty());
  }

  std::vector<std::pair<Address, Bytes>> on_the_way_;
};

// Enemy sends whatever it can think of, from wherever it likes.
class Enemy {
 public:
  Enemy(Ledger& ledger, std::uint64_t seed) : ledger_(ledger), random_(seed) {}

  void act() {
    const Address from = Address::parse("203.0.113.1:1").value().with_port(static_cast<std::uint16_t>(1 + below(40)));
    for (const Bytes& datagram : weapons()) {
      for (std::size_t copies = below(4) == 0 ? 2 : 1; copies > 0; --copies) ledger_.receive(from, datagram);
    }
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  Bytes noise(std::size_t size) {
    Bytes bytes(size);
    std::ranges::generate(bytes, [&] { return std::byte(random_()); });
    return bytes;
  }
  ConnectionId some_id(std::uint8_t first) {
    Bytes bytes = noise(12);
    bytes[0] = std::byte(first);
    return *ConnectionId::from(bytes);
  }
  std::vector<Bytes> first_flight() { return Client(kClient, ledger_.now).written(ledger_.now); }
  Bytes damaged(Bytes datagram) {
    if (below(3) == 0) datagram.resize(below(1500));
    for (std::size_t n = below(8); n > 0 && !datagram.empty(); --n)
      datagram[below(datagram.size())] = std::byte(random_());
    return datagram;
  }

  std::vector<Bytes> weapons() {
    switch (below(9)) {
      case 0:
        return first_flight();  // a handshake that never goes on
      case 1:
        return {damaged(first_flight().front())};
      case 2: {  // another version, with the longest IDs there may be
        Bytes other = noise(1200 + below(300));
        other[0] |= std::byte{0xc0};
        if (below(2) == 0) other[5] = std::byte{255};
        return {std::move(other)};
      }
      case 3:  // what may be answered by a reset
        return {short_packet(some_id(0x80), 33 + below(1200))};
      case 4:  // for who is registered
        return {short_packet(Schedule::create(Bytes(16, std::byte{1}), Owner::kPeer).value().at(1), 33 + below(1400))};
      case 5:  // copies of an honest client's
        return {ledger_.overheard[below(ledger_.overheard.size())]};
      case 6:
        return {damaged(ledger_.overheard[below(ledger_.overheard.size())])};
      case 7:  // the rogue asks from here for an answer there
        for (std::size_t n = below(5); n > 0; --n) ledger_.rogue.ask({.path = "/v1/info"}, ledger_.now);
        return ledger_.rogue.written(ledger_.now);
      default:
        return {noise(below(1500))};
    }
  }

  Ledger& ledger_;
  Random random_;
};

TEST(RelayAnswers, NeverExceedWhatCameFromAnAddressThatNobodyProved) {
  const char* chosen = std::getenv("QUICKET_SEED");
  const std::uint64_t seed = chosen ? std::strtoull(chosen, nullptr, 10) : std::random_device{}();
  std::printf("seed %llu (replay with QUICKET_SEED)\n", static_cast<unsigned long long>(seed));
  Ledger ledger;
  Enemy enemy(ledger, seed);
  Random random(seed);
  for (int i = 0; i < 3000; ++i) {
    enemy.act();
    if (random() % 20 == 0) ledger.honest.ask({.path = "/v1/info"}, ledger.now);
    ledger.pass(Duration(random() % 50'000'000));
    ASSERT_EQ(ledger.excess(), "");
  }
  ledger.pass(1min);
  EXPECT_EQ(ledger.excess(), "");
  EXPECT_GT(ledger.out.size(), 20u);  // and yet some were answered
}

}  // namespace
}  // namespace quicket::relay
