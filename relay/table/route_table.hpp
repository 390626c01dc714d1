#pragma once

#include <quicket/time.hpp>

#include "relay/table/deadline_queue.hpp"
#include "relay/table/key.hpp"
#include "relay/table/limits.hpp"
#include "relay/table/quota.hpp"
#include "relay/table/routes.hpp"
#include "relay/table/sessions.hpp"
#include "relay/table/window.hpp"

#include <boost/system/result.hpp>

#include <array>
#include <functional>
#include <optional>
#include <vector>

namespace quicket::relay {

// WindowRequest states a whole window of connection IDs of one key.
struct WindowRequest {
  RegistrationKey key;
  bool proven = false;               // the client proved to hold the key's private half
  std::uint32_t first = 1;           // counter
  std::uint32_t num = 0;             // counters from there on; any number, cut to what is granted
  std::optional<SessionId> session;  // none: anyone may send to the registration
  AddressPair target;                // the validated path of the request, never an address that it claims
  Address quota_address;             // the client that it counts for
  std::uint64_t connection = 0;      // the HTTP/3 connection that it came on: its migrations move the registration
};

// Grant says what holds now.
struct Grant {
  RegistrationId id;
  std::uint32_t first = 0, num = 0;
  Duration lease{};  // ends after so long without a sign of life
};

enum class Refusal : std::uint8_t {
  kBadWindow,            // counter 0, or no counter at all
  kNotProven,            // a 32-byte key without proof
  kUnroutable,           // nothing is sent to such an address
  kConflict,             // another registration holds one of the connection IDs
  kOtherSession,         // the key is registered in another session, or in none
  kAnsweredElsewhere,    // both places of the session belong to other keys
  kBearerFromElsewhere,  // a bearer key is registered from another address
  kOverQuota,            // this client holds too much
  kFull,                 // all clients together do
};
constexpr std::size_t kRefusals = 9;

struct Refused {
  Refusal reason{};
  Duration retry_after{};  // kOverQuota and kFull
};

struct TableCounters {
  std::uint64_t granted = 0, refreshed = 0, moved = 0, released = 0, expired = 0;
  std::array<std::uint64_t, kRefusals> refused{};  // by Refusal
};

// RouteTable is the relay's control plane: registrations with their windows, sessions, leases and quotas
// (docs/protocol.md "Registration"). It tells each change of a route to `on_change`, after its own routes() have it. A
// request is checked as a whole before anything changes. Time never goes back. Thread safety: none.
class RouteTable {
 public:
  // DeriveIds gives the connection IDs of a key with these counters.
  using DeriveIds = std::function<std::vector<ConnectionId>(const RegistrationKey&, CounterRange)>;
  using OnChange = std::function<void(const RouteChange&)>;

  // RouteTable makes room for all that `limits` allow (see Routes). derive_ids() is the schedule of
  // docs/protocol.md.
  RouteTable(const Limits& limits, OnChange on_change);
  RouteTable(const Limits& limits, OnChange on_change, DeriveIds derive);
  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;

  // register_window grants, refreshes, slides or moves a registration. A proven key is followed to a new target.
  boost::system::result<Grant, Refused> register_window(const WindowRequest& request, TimePoint now);

  // release ends a registration at once; false when there is none. Whether the caller may is the service's question.
  bool release(const RegistrationKey& key);

  // move follows a migration of the HTTP/3 connection on which `key` was registered last. false: not that connection's,
  // a bearer key, or no room or no route there; then the registration stays where it is.
  bool move(const RegistrationKey& key, std::uint64_t connection, const AddressPair& target,
            const Address& quota_address);

  // heard renews leases after a sign of life: traffic from the registrant in its own session, or a waiting dialer's
  // retransmission. Without sessions, traffic cannot be told apart by registration: it renews all such of the same
  // party.
  void heard(RegistrationId id, TimePoint at);

  // deadline is when expire() may have something to do.
  std::optional<TimePoint> deadline() const { return deadlines_.earliest(); }
  // expire ends what is due: leases, and connection IDs that left their windows. It does a bounded piece of work;
  // deadline() tells whether more is due. Report what forwarding planes heard first.
  void expire(TimePoint now);

  struct Registration {
    RegistrationId id;
    std::uint64_t connection = 0;
    AddressPair target;
    std::uint32_t first = 0, num = 0;
    std::optional<SessionId> session;
    TimePoint lease_ends;
  };
  std::optional<Registration> find(const RegistrationKey& key) const;
  Sessions::Standing standing(const SessionId& session, const RegistrationKey& key) const {
    return sessions_.standing(session, key);
  }

  const Routes& routes() const noexcept { return routes_; }
  const Limits& limits() const noexcept { return limits_; }
  // set_limits changes all but the totals, for what comes from now on: nobody loses what they hold.
  void set_limits(const Limits& limits);
  const TableCounters& counters() const noexcept { return counters_; }
  std::size_t registrations() const noexcept { return by_key_.size(); }
  std::size_t sessions() const noexcept { return sessions_.size(); }

 private:
  struct Entry {
    std::uint32_t generation = 0;
    std::optional<RegistrationKey> key;  // none: free
    std::optional<SessionId> session;
    AddressPair target;
    Address quota_address;
    Window window;
    std::uint64_t connection = 0;
    TimePoint refreshed, heard, queued;
  };

  std::optional<Refusal> check_place(const WindowRequest& request, const Entry* old) const;
  std::optional<Refusal> check_room(const WindowRequest& request, const Entry* old, std::uint64_t new_ids) const;
  Share share_of_one() const;  // what one client may hold now
  Refused refuse(Refusal reason);
  Slot occupy(const WindowRequest& request);
  void remove(Slot slot);
  void retarget(Entry& entry, const AddressPair& target, const Address& quota_address);
  void drop_ids(Entry& entry, const std::vector<CounterRange>& ranges);
  void publish(const RouteChange& change);
  void publish_route(Slot slot);
  void publish_routes(Slot slot);
  void queue(Slot slot);
  TimePoint lease_end(const Entry& entry) const;

  Limits limits_;
  OnChange on_change_;
  DeriveIds derive_;
  Routes routes_;
  Sessions sessions_;
  Quota quota_;
  DeadlineQueue deadlines_;
  boost::unordered_flat_map<RegistrationKey, Slot, KeyedHash> by_key_;
  std::vector<Entry> entries_;
  std::vector<Slot> free_;
  TableCounters counters_;
};

// derive_ids is schedule 1: BLAKE2b, the top bit clear.
std::vector<ConnectionId> derive_ids(const RegistrationKey& key, CounterRange range);

}  // namespace quicket::relay
