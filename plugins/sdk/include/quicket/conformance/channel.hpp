#pragma once

#include <quicket/carrier.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

// What the author of a carrier says about it to the conformance suite (suite.hpp).
namespace quicket::conformance {

using Octets = std::vector<std::uint8_t>;
using Options = std::map<std::string, std::string, std::less<>>;

// Channel is one connected channel of the carrier's, that nobody else uses: its folder, server, socket. The suite makes
// a new one for each test, and destroys it after the instances that used it.
class Channel {
 public:
  virtual ~Channel() = default;

  // The options of the instances at both ends: what the one delivers, the other receives. Asked for once per instance.
  virtual Options deliver_options() = 0;
  virtual Options receive_options() = 0;

  // inject brings bytes of an enemy's to the receiving end, by what means the channel has. It returns when they are
  // there.
  virtual void inject(std::span<const std::uint8_t> bytes) = 0;

  // block makes the channel take nothing more, so that deliver has to wait. For subjects that say `blocks`.
  virtual void block() {}

  // What deliver is told besides the offer. Empty: null.
  virtual std::string recipient() { return {}; }
  virtual std::vector<std::string> home_relays() { return {}; }
  // What the host says of itself, at the delivering or the receiving end: its peer id and the URLs of its own relays.
  virtual std::string peer(bool receiving) {
    static_cast<void>(receiving);
    return {};
  }
  virtual std::vector<std::string> relays(bool receiving) {
    static_cast<void>(receiving);
    return {};
  }
  // relay_request is what the host offers to the delivering or the receiving instance. It returns
  // QUICKET_CARRIER_CANCELLED as soon as it is asked to stop. Empty: there is no relay.
  using RelayRequest = std::function<int(quicket_relay_exchange& exchange, const std::stop_token& stop)>;
  virtual RelayRequest relay_request(bool receiving) {
    static_cast<void>(receiving);
    return {};
  }
};

// Subject is a carrier in one of its ways to be used.
struct Subject {
  std::string name;              // of this way: letters and digits
  std::filesystem::path plugin;  // the .so
  std::function<std::unique_ptr<Channel>()> make_channel;

  bool blocks = false;          // Channel::block does something
  bool receive_ends = false;    // receive returns QUICKET_CARRIER_END on an empty channel, and does not wait
  bool holds_one = false;       // an offer takes the place of the one before
  bool raw = false;             // offers travel as they are: whatever is injected is as good as an offer
  bool tells_refusals = false;  // deliver fails when the host at the other end refuses the offer
  bool acknowledges = false;    // the channel gives an offer until the host's verdict on it is in, and then never again
  // Sizes to carry besides the smallest and the largest ones, as far as they are within the carrier's limit.
  std::vector<std::size_t> sizes{100, 243, 1'200, 4'095, 4'096, 4'097, 20'000};
  std::chrono::milliseconds patience{10'000};  // an offer that has not arrived after this time was lost
};

inline void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.name; }

}  // namespace quicket::conformance
