#pragma once

#include <quicket/connection.hpp>
#include <quicket/progress.hpp>
#include <quicket/time.hpp>
#include <quicket/trust.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "apps/quicket/output.hpp"
#include "apps/quicket/peer_name.hpp"
#include "apps/quicket/pipe.hpp"

namespace quicket::cli {

// Story tells on standard error how a dial or an accept goes. Times are arguments. The output and the trust store are
// borrowed.
class Story {
 public:
  // kMostComplaints: about offers that led to nothing, from one connection to the next. Anybody may send some.
  static constexpr std::size_t kMostComplaints = 20;

  // `destination` is where a dial's offer goes; `only_carrier`: its failure is the error that ends the program; `hint`
  // gives what a person may need to know besides an offer's failure, or nothing.
  struct Setting {
    std::string destination{};
    bool only_carrier = false;
    std::function<std::string(const error_code&)> hint{};
  };

  Story(Output& output, const TrustStore& trust, Setting setting)
      : output_(output), trust_(trust), setting_(std::move(setting)) {}

  // on_progress takes what the library reports. `dialed` is who is called.
  void on_progress(const Progress& progress, const NamedPeer* dialed, TimePoint now, UnixTime wall_clock);
  // waiting shows that time passes.
  void waiting(std::string_view for_whom, Duration since_start);
  // paired: somebody was met, and is trusted from now on.
  void paired(const NamedPeer& peer);
  void linked(const NamedPeer& peer, const PathInfo& path, TimePoint now);
  // moving shows how much went over; it also tells when the path has become another.
  void moving(const PathInfo& path, const Traffic& traffic, Duration since_linked, bool show);
  void finished(const NamedPeer& peer, const Traffic& traffic, Duration since_linked);

  // lost_relay is the relay that the connection ran over when it was last heard of, while none answers.
  std::optional<Address> lost_relay() const;
  // offer_is_out: somebody may answer it.
  bool offer_is_out() const noexcept { return offer_is_out_; }

 private:
  void offer_made(const OfferMade& made, const NamedPeer& peer, UnixTime wall_clock);
  void tell_offer();
  // complain tells why an offer led to nothing.
  void complain(const std::string& about, const Failure& why);
  void tell_path(const PathInfo& path);

  Output& output_;
  const TrustStore& trust_;
  const Setting setting_;
  bool offer_is_out_ = false;
  std::size_t complaints_ = 0;
  std::function<void()> untold_offer_;  // tells of it
  std::optional<TimePoint> read_at_;    // when the offer was read here, or the answer to it came
  bool read_here_ = false;
  std::optional<PathInfo> told_path_;  // the last one that led somewhere
  bool path_is_lost_ = false;
};

// with_names gives the message of a library's error, with trusted names in the place of ids. Where the error is about
// keys, names stand beside them: "bob (qk1...)".
std::string with_names(const Failure& why, const TrustStore& trust);

}  // namespace quicket::cli
