#include "transports/endpoint/relay_requests.hpp"

#include <quicket/clock.hpp>
#include <quicket/relay_url.hpp>

#include <algorithm>
#include <condition_variable>
#include <utility>

namespace quicket::detail {

namespace {

// A carrier's thread looks at the clock of deadlines so often: that of condition variables stands while a machine
// sleeps.
constexpr std::chrono::seconds kLook{5};
// How long the strand has, after the deadline, to say what became of a request.
constexpr std::chrono::seconds kGrace{1};

}  // namespace

struct RelayRequests::Ticket {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<Result<CarrierRelayResponse>> answer;

  void complete(Result<CarrierRelayResponse> given) {
    const std::lock_guard lock(mutex);
    if (!answer) answer = std::move(given);
    changed.notify_all();
  }

  Result<CarrierRelayResponse> wait(const CarrierRelayRequest& request) {
    std::unique_lock lock(mutex);
    while (!answer) {
      const Duration left = request.deadline + kGrace - boot_now();
      if (request.cancel.stop_requested()) return Errc::kCancelled;
      if (left <= Duration::zero()) return Errc::kHttpDeadline;
      changed.wait_for(lock, request.cancel, std::min<Duration>(left, kLook), [this] { return answer.has_value(); });
    }
    return *answer;
  }
};

struct RelayRequests::Gate {
  // post runs a function with the requests on the strand; false when they have ended, and perhaps their executor.
  template <class Function>
  bool post(const std::shared_ptr<Gate>& self, Function function) {
    const std::lock_guard lock(mutex);
    if (requests == nullptr) return false;
    asio::post(*strand, [self, function = std::move(function)]() mutable {
      if (self->requests) function(*self->requests);
    });
    return true;
  }

  std::mutex mutex;
  // Both change on the strand, under the mutex. A carrier that hangs may hold the gate for longer than the executor is
  // there: then no strand may be left in it.
  RelayRequests* requests = nullptr;
  std::optional<Strand> strand;
};

RelayRequests::RelayRequests(Driver& driver, Duration patience)
    : driver_(driver), patience_(patience), gate_(std::make_shared<Gate>()) {
  gate_->requests = this;
  gate_->strand = driver.strand();
}

std::function<Result<CarrierRelayResponse>(const CarrierRelayRequest&)> RelayRequests::service() const {
  return [gate = gate_](const CarrierRelayRequest& request) -> Result<CarrierRelayResponse> {
    const auto ticket = std::make_shared<Ticket>();
    const bool begun = gate->post(gate, [request, ticket](RelayRequests& self) { self.begin(request, ticket); });
    if (!begun) return Errc::kCancelled;
    auto answer = ticket->wait(request);
    if (!answer) gate->post(gate, [ticket](RelayRequests& self) { self.cancel(ticket); });
    return answer;
  };
}

void RelayRequests::begin(CarrierRelayRequest request, const std::shared_ptr<Ticket>& ticket) {
  const auto url = RelayUrl::parse(request.relay);
  if (!url) return ticket->complete(url.error());
  if (entries_.size() >= kMost) return ticket->complete(Errc::kOutOfResources);
  entries_.push_back({ticket, std::move(request), RelayAddresses(driver_.strand(), patience_), std::nullopt});
  const auto entry = std::prev(entries_.end());
  entry->addresses.set({*url});
  entry->addresses.resolve(boot_now(), [this, entry](const auto& relays) { send(entry, relays); });
}

void RelayRequests::send(Entries::iterator entry, const Outcome<std::vector<transports::RelayTarget>>& relays) {
  if (!relays) return finish(entry, relays.error().code);
  transports::HttpRequest request{.method = entry->request.method,
                                  .path = entry->request.path,
                                  .headers = {{"accept", "application/json"}},
                                  .body = entry->request.body};
  if (!entry->request.content_type.empty()) request.headers.push_back({"content-type", entry->request.content_type});
  const auto exchange = driver_.node().exchange(relays->front(), std::move(request), entry->request.sign_as_peer,
                                                entry->request.deadline, boot_now());
  if (!exchange) return finish(entry, exchange.error());
  entry->exchange = *exchange;
  driver_.schedule();
}

void RelayRequests::on_pumped() {
  while (auto done = driver_.node().exchanged()) {
    const auto entry = std::ranges::find_if(entries_, [&](const Entry& one) { return one.exchange == done->first; });
    if (entry == entries_.end()) continue;
    if (done->second) {
      finish(entry, CarrierRelayResponse{done->second->status, std::move(done->second->body)});
    } else {
      finish(entry, done->second.error().code);
    }
  }
}

void RelayRequests::cancel(const std::shared_ptr<Ticket>& ticket) {
  const auto entry = std::ranges::find(entries_, ticket, &Entry::ticket);
  if (entry == entries_.end()) return;
  if (entry->exchange) driver_.node().cancel_exchange(*entry->exchange, boot_now());
  driver_.schedule();
  finish(entry, Errc::kCancelled);
}

void RelayRequests::finish(Entries::iterator entry, Result<CarrierRelayResponse> answer) {
  entry->addresses.stop();
  entry->ticket->complete(std::move(answer));
  entries_.erase(entry);
}

void RelayRequests::end() {
  {
    const std::lock_guard lock(gate_->mutex);
    gate_->requests = nullptr;
    gate_->strand.reset();
  }
  while (!entries_.empty()) finish(entries_.begin(), Errc::kCancelled);
}

}  // namespace quicket::detail
