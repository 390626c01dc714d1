// What RelayClient does about its owner's own requests.
#include "transports/relay/client.hpp"

#include "core/base/encoding.hpp"
#include "core/identity/proof.hpp"

#include <utility>

namespace quicket::transports {

ExchangeId RelayClient::exchange(RelayExchange exchange, TimePoint now) {
  const ExchangeId id = exchanges_.add(std::move(exchange));
  if (is_closing_) exchanges_.end_all({Errc::kConnectionClosed, "the path through this relay is being closed"});
  linger_until_.reset();
  connect_if_wanted(now);
  pump(now);
  return id;
}

void RelayClient::cancel_exchange(ExchangeId id, TimePoint now) {
  if (const auto flight = exchanges_.cancel(id); flight && leg_) {
    questions_.erase(*flight);
    leg_->http().cancel(*flight, now);
  }
  pump(now);
}

// ask_exchanges sends what waits, as much as may be in flight.
void RelayClient::ask_exchanges(TimePoint now) {
  while (is_connected() && !leg_->http().is_closed()) {
    const RelayExchange* next = exchanges_.next();
    if (next == nullptr) return;
    HttpRequest request = framed(frame_, next->request);
    if (next->signer) {
      const auto exporter = leg_->http().exporter(kMailboxExporterLabel, kProofExporterSize);
      if (!exporter) return exchanges_.fail_next({exporter.error(), {}});
      request.headers.push_back({"quicket-proof", base64url(ByteView(mailbox_proof(*next->signer, *exporter)))});
    }
    const auto id = leg_->http().request(std::move(request), now, next->deadline - now);
    if (!id) {
      exchanges_.fail_next({id.error(), "relay " + target_.name() + " takes no request now"});
      continue;
    }
    questions_.emplace(*id, Question{.about = Question::About::kExchange});
    exchanges_.sent(*id);
    asked_ = now;
    ++statistics_.questions;
    flush_due_ = true;
  }
}

void RelayClient::expire_exchanges(TimePoint now) {
  exchanges_.expire(
      now, outage_ ? *outage_ : Failure{Errc::kHttpDeadline, "relay " + target_.name() + " was not reached in time"});
}

}  // namespace quicket::transports
