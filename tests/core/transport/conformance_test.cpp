// The suite itself, run against the simplest transport there is.
#include "tests/core/transport/conformance.hpp"
#include "tests/core/transport/simulated_transport.hpp"

namespace quicket::test {
namespace {

class SimulatedWorld : DatagramSink {
 public:
  Transport& transport() { return transport_; }
  TimePoint now() const { return now_; }

  void run_for(Duration duration) {
    const TimePoint end = now_ + duration;
    for (auto next = transport_.deadline(); next && *next <= end; next = transport_.deadline()) {
      now_ = std::max(now_, *next);
      transport_.on_deadline(now_);
    }
    now_ = end;
  }

  void send(const Batch& batch) { transport_.send(batch, *this, now_); }
  std::vector<Bytes> arrived() { return std::exchange(arrived_, {}); }
  std::optional<HeldWindow> routed(const PeerId::Key& key) const {
    const auto window = transport_.routed(key);
    return window ? std::optional(HeldWindow{window->first, window->end}) : std::nullopt;
  }
  void restart() { transport_.restart(now_); }

 private:
  void send(const AddressPair&, const Batch& batch) override {
    for (std::size_t at = 0; at < batch.bytes.size(); at += batch.segment_size) {
      arrived_.push_back(to_bytes(batch.bytes.subspan(at, std::min(batch.segment_size, batch.bytes.size() - at))));
    }
  }

  TimePoint now_{1h};
  SimulatedTransport transport_;
  std::vector<Bytes> arrived_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, TransportConformance, SimulatedWorld);

}  // namespace
}  // namespace quicket::test
