#include "transports/relay/exchanges.hpp"

#include <algorithm>
#include <utility>

namespace quicket::transports {

ExchangeId RelayExchanges::add(RelayExchange exchange) {
  const ExchangeId id{++last_};
  if (all_.size() >= kMost) {
    done_.push_back({id, Failure{Errc::kOutOfResources, "too many requests to one relay"}});
  } else {
    all_.emplace(id, Entry{.exchange = std::move(exchange), .flight = std::nullopt});
  }
  return id;
}

std::optional<RequestId> RelayExchanges::cancel(ExchangeId id) {
  done_.erase_if([&](const Done& done) { return done.id == id; });
  const auto found = all_.find(id);
  if (found == all_.end()) return std::nullopt;
  const auto flight = found->second.flight;
  if (flight) --in_flight_;
  all_.erase(found);
  return flight;
}

std::optional<RelayExchanges::Done> RelayExchanges::poll() {
  if (done_.empty()) return std::nullopt;
  return done_.take_front();
}

RelayExchanges::Entries::iterator RelayExchanges::waiting() {
  return std::ranges::find_if(all_, [](const auto& entry) { return !entry.second.flight; });
}

const RelayExchange* RelayExchanges::next() const {
  if (in_flight_ >= kMostInFlight) return nullptr;
  const auto found = std::ranges::find_if(all_, [](const auto& entry) { return !entry.second.flight; });
  return found == all_.end() ? nullptr : &found->second.exchange;
}

void RelayExchanges::sent(RequestId request) {
  waiting()->second.flight = request;
  ++in_flight_;
}

void RelayExchanges::fail_next(Failure why) { end(waiting(), std::move(why)); }

void RelayExchanges::answer(RequestId request, Outcome<HttpResponse> response) {
  const auto found = std::ranges::find_if(all_, [&](const auto& entry) { return entry.second.flight == request; });
  if (found != all_.end()) end(found, std::move(response));
}

void RelayExchanges::lose(const Failure& why) {
  for (auto at = all_.begin(); at != all_.end();) at = at->second.flight ? end(at, why) : std::next(at);
}

void RelayExchanges::end_all(const Failure& why) {
  for (auto at = all_.begin(); at != all_.end();) at = end(at, why);
}

std::optional<TimePoint> RelayExchanges::deadline() const {
  std::optional<TimePoint> earliest;
  for (const auto& [id, entry] : all_) {
    if (!entry.flight && (!earliest || entry.exchange.deadline < *earliest)) earliest = entry.exchange.deadline;
  }
  return earliest;
}

void RelayExchanges::expire(TimePoint now, const Failure& why) {
  for (auto at = all_.begin(); at != all_.end();) {
    at = !at->second.flight && at->second.exchange.deadline <= now ? end(at, why) : std::next(at);
  }
}

RelayExchanges::Entries::iterator RelayExchanges::end(Entries::iterator entry, Outcome<HttpResponse> response) {
  if (entry->second.flight) --in_flight_;
  done_.push_back({entry->first, std::move(response)});
  return all_.erase(entry);
}

}  // namespace quicket::transports
