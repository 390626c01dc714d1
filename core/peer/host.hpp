#pragma once

#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>

#include "core/cid/connection_id.hpp"
#include "core/peer/answer.hpp"
#include "core/peer/dial.hpp"
#include "core/transport/transport.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace quicket {

// LinkId names a link of one host, which never gives it out again.
enum class LinkId : std::uint64_t {};

// Receipt says what a datagram was to a host.
enum class Receipt {
  kStray,      // for no link here
  kUnproven,   // for a link, but nothing in it could be decrypted: anybody may have sent it
  kAuthentic,  // from the peer of a link
};

// Host holds this device's connections to peers and finds the one a datagram is for by its destination connection ID.
// No I/O; time is an argument. Thread safety: none.
//
//   for each datagram on a leg:  receive(leg, received, now)
//   for each report of a leg:    on_report(leg, report, now)
//   at deadline():               on_deadline(now)
//   after any of these:          poll() until empty, then transmit()
class Host {
 public:
  static constexpr std::size_t kMaxLinks = 16'384;

  // `reset_secret`: 32 bytes, from which stateless reset tokens derive.
  Host(Identity own, Bytes reset_secret);

  // LegChoice is a transport to use, with the token that the offer has for it.
  struct LegChoice {
    Transport* transport = nullptr;
    std::string token;
  };

  // dial and accept start a link over `legs`, which outlive it.
  // Errors: kNoRelay (no legs), kOutOfResources (kMaxLinks), those of Dial::start and Answer::start.
  Result<LinkId> dial(const DialRequest& request, std::span<const LegChoice> legs, TimePoint now);
  Result<LinkId> accept(const OpenedOffer& offer, std::span<const LegChoice> legs, LinkOptions options, TimePoint now);

  // receive says what the datagram was. No answer ever goes out to a stray.
  Receipt receive(Transport& leg, const Received& received, TimePoint now);
  void on_report(Transport& leg, const TransportReport& report, TimePoint now);
  void transmit(DatagramSink& sink, TimePoint now);
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  // poll takes the next event of any link. After Disconnected the id is still known until the closing period is over.
  std::optional<std::pair<LinkId, LinkEvent>> poll();

  // connection gives a link's QUIC connection, for its streams and datagrams; nullptr for an unknown id.
  // touch() must follow whatever is done to it.
  quic::Connection* connection(LinkId id);
  const Link* link(LinkId id) const;
  void touch(LinkId id, TimePoint now);

  // close ends a link in order; unknown ids: no effect. fail ends it with a reason of ours.
  void close(LinkId id, std::uint64_t code, std::string_view text, TimePoint now);
  void fail(LinkId id, Failure why, TimePoint now);
  // close_all ends every link with code 0.
  void close_all(TimePoint now);

  std::size_t links() const noexcept { return entries_.size(); }
  // uses says whether a link has this leg, which must then outlive it.
  bool uses(const Transport& leg) const;

 private:
  struct Entry {
    std::variant<Dial, Answer> beginning;
    std::optional<TimePoint> timer;
    bool dirty = false;  // stands in dirty_

    Link& link() {
      return std::visit([](auto& b) -> Link& { return b.link(); }, beginning);
    }
  };

  Result<LinkId> add(std::variant<Dial, Answer> beginning, std::span<const LegChoice> legs, TimePoint now);
  void follow(LinkId id, Entry& entry, TimePoint now);
  void mark_dirty(LinkId id, Entry& entry);
  void forget(LinkId id, Entry& entry, TimePoint now);
  void set_timer(LinkId id, Entry& entry, std::optional<TimePoint> when);
  Entry* find(LinkId id);

  Identity own_;
  Bytes reset_secret_;
  std::map<LinkId, Entry> entries_;
  boost::unordered_flat_map<ConnectionId, LinkId, ConnectionIdHash> routes_;
  std::map<PeerId::Key, LinkId> by_key_;  // for reports
  std::set<std::pair<TimePoint, LinkId>> timers_;
  std::vector<LinkId> dirty_;  // links that may have something to send or to tell
  std::deque<std::pair<LinkId, LinkEvent>> events_;
  std::uint64_t last_id_ = 0;
  Bytes buffer_;  // for transmit()
};

}  // namespace quicket
