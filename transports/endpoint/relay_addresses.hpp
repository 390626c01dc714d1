#pragma once

#include <quicket/error.hpp>
#include <quicket/relay_url.hpp>
#include <quicket/time.hpp>

#include "transports/endpoint/pending.hpp"
#include "transports/relay/target.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace quicket::detail {

// RelayAddresses finds the addresses of the relays that the owner configured. Thread safety: all on the strand.
class RelayAddresses {
 public:
  static constexpr std::size_t kMaxRelays = 8;                 // of more, the first
  static constexpr Duration kFresh = std::chrono::minutes(1);  // a name is not asked again for so long

  RelayAddresses(const Strand& strand, Duration patience) : strand_(strand), patience_(patience) {}

  void set(std::vector<RelayUrl> urls);

  // resolve calls `ready` once, within this call when nothing has to be asked: with the relays whose address is known,
  // or, where there is none of several, why. Names that take longer than the patience are left out.
  using Ready = std::function<void(Outcome<std::vector<transports::RelayTarget>>)>;
  void resolve(TimePoint now, Ready ready);

  // stop lets go of whoever waits, uncalled.
  void stop();

 private:
  struct Round;
  void finish(const std::shared_ptr<Round>& round);

  Strand strand_;
  Duration patience_;
  std::vector<RelayUrl> urls_;
  std::optional<TimePoint> resolved_at_;
  std::vector<transports::RelayTarget> targets_;
  std::shared_ptr<Round> round_;  // under way
};

}  // namespace quicket::detail
