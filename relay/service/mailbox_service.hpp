#pragma once

#include <quicket/peer_id.hpp>
#include <quicket/time.hpp>

#include "relay/mailbox/mailboxes.hpp"
#include "relay/service/client_context.hpp"
#include "relay/service/problem.hpp"
#include "transports/http3/message.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace quicket::relay {

enum class Format;  // codec.hpp

// MailboxService answers what is asked of mailboxes (docs/protocol.md "Mailbox"):
//   POST   /v1/mailbox/{peer id}               leaves an offer for a peer
//   GET    /v1/mailbox/{peer id}?wait=SECONDS  the peer fetches the oldest, or waits for one: 204 when none came
//   DELETE /v1/mailbox/{peer id}/{message id}  the peer has it
// Thread safety: none.
class MailboxService {
 public:
  static constexpr std::string_view kPath = "/v1/mailbox/";
  static constexpr Duration kLongestWait = std::chrono::seconds(25);  // of a GET; below an idle connection's time
  static constexpr std::size_t kMaxWaiting = 10'000;                  // GETs
  static constexpr std::size_t kMaxWaitingPerPeer = 4;                // more: the oldest is answered

  // `run` is ServiceOptions::run.
  explicit MailboxService(MailboxLimits limits, std::string run = {}) : mailboxes_(limits), run_(std::move(run)) {}

  // handle answers a request whose path begins with kPath; nullopt: poll() will give the answer.
  std::optional<transports::HttpResponse> handle(const transports::HttpRequest& request, const ClientContext& client,
                                                 TimePoint now);
  std::optional<std::pair<transports::RequestId, transports::HttpResponse>> poll();
  // cancelled: nobody wants the answer any more.
  void cancelled(transports::RequestId request);
  // release answers everybody who waits: for a relay that goes.
  void release();

  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  void set_limits(MailboxLimits limits) { mailboxes_.set_limits(limits); }
  const Mailboxes& mailboxes() const noexcept { return mailboxes_; }
  std::size_t waiting() const noexcept { return waiting_.size(); }

 private:
  template <class T>
  using Answer = boost::system::result<T, Problem>;
  struct Place {
    PeerId peer;
    std::string_view message;  // what stands behind the peer id
    std::string_view query;
  };
  struct Waiting {
    PeerId peer;
    TimePoint until;
    Format format;
  };

  static Answer<Place> place_of(std::string_view path);
  // leave gives for how long the offer is kept.
  Answer<Duration> leave(const Place& place, const transports::HttpRequest& request, const ClientContext& client,
                         TimePoint now);
  void hand_over(const PeerId& peer);
  void forget(transports::RequestId request);

  Mailboxes mailboxes_;
  std::string run_;
  std::map<transports::RequestId, Waiting> waiting_;  // request ids rise: the oldest first
  std::map<PeerId, std::set<transports::RequestId>> by_peer_;
  std::set<std::pair<TimePoint, transports::RequestId>> ends_;
  std::deque<std::pair<transports::RequestId, transports::HttpResponse>> answers_;
};

}  // namespace quicket::relay
