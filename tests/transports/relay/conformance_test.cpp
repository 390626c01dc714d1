// RelayClient keeps the contract of Transport, with a real relay at the other end.
#include "tests/core/transport/conformance.hpp"
#include "tests/transports/relay/world.hpp"

namespace quicket::test {
namespace {

class RelayWorld {
 public:
  Transport& transport() { return peer_.client; }
  TimePoint now() const { return wire_.now; }
  void run_for(Duration duration) { wire_.run_for(duration); }
  void send(const Batch& batch) { peer_.send(batch); }

  std::vector<Bytes> arrived() {
    std::vector<Bytes> datagrams;
    for (auto& [from, datagram] : std::exchange(relay_.peers, {})) datagrams.push_back(std::move(datagram));
    return datagrams;
  }
  std::optional<HeldWindow> routed(const PeerId::Key& key) const {
    const auto found = relay_.find(key);
    return found ? std::optional(HeldWindow{found->first, found->first + found->num}) : std::nullopt;
  }
  void restart() { relay_.restart(); }

  RelayWorld() { peer_.keeps_reports = false; }

 private:
  transports::test::Wire wire_;
  transports::test::TestRelay relay_{wire_};
  transports::test::TestPeer peer_{wire_, transports::test::target_of(relay_)};
};

INSTANTIATE_TYPED_TEST_SUITE_P(RelayOverUdp, TransportConformance, RelayWorld);

}  // namespace
}  // namespace quicket::test
