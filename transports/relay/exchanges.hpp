#pragma once

#include <quicket/error.hpp>
#include <quicket/identity.hpp>
#include <quicket/time.hpp>

#include "core/base/fifo.hpp"
#include "transports/http3/message.hpp"
#include "transports/http3/request_id.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace quicket::transports {

// RelayExchange is one request of the owner's own to a relay, beside the registrations.
struct RelayExchange {
  HttpRequest request;               // without authority and Authorization, which are the client's
  const Identity* signer = nullptr;  // set: a proof of this identity goes along; it outlives the client
  TimePoint deadline;                // for the whole answer
};
enum class ExchangeId : std::uint64_t {};

// RelayExchanges is the list of those that are under way, in the order in which they came. Every one that was added
// ends by one Done, unless it is cancelled. Thread safety: none.
class RelayExchanges {
 public:
  static constexpr std::size_t kMost = 64;         // at once; more are refused
  static constexpr std::size_t kMostInFlight = 8;  // of them on the connection

  struct Done {
    ExchangeId id;
    Outcome<HttpResponse> response;  // of any status
  };

  ExchangeId add(RelayExchange exchange);
  // cancel gives the request that it is in flight as, if it is.
  std::optional<RequestId> cancel(ExchangeId id);
  std::optional<Done> poll();

  // next is the first that waits to be sent, where one more may be; `sent` says as what it went.
  const RelayExchange* next() const;
  void sent(RequestId request);
  void fail_next(Failure why);

  void answer(RequestId request, Outcome<HttpResponse> response);
  // lose ends those in flight, end_all all of them.
  void lose(const Failure& why);
  void end_all(const Failure& why);
  // deadline is of those that wait; the connection watches over the others.
  std::optional<TimePoint> deadline() const;
  void expire(TimePoint now, const Failure& why);

  // empty: nothing is under way, and every end was told.
  bool empty() const noexcept { return all_.empty() && done_.empty(); }

 private:
  struct Entry {
    RelayExchange exchange;
    std::optional<RequestId> flight;
  };
  using Entries = std::map<ExchangeId, Entry>;

  Entries::iterator waiting();
  Entries::iterator end(Entries::iterator entry, Outcome<HttpResponse> response);

  Entries all_;
  Fifo<Done> done_;
  std::size_t in_flight_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace quicket::transports
