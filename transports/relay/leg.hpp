#pragma once

#include <quicket/address.hpp>
#include <quicket/error.hpp>
#include <quicket/relay_url.hpp>
#include <quicket/time.hpp>

#include "core/cid/connection_id.hpp"
#include "transports/http3/client.hpp"
#include "transports/relay/config.hpp"
#include "transports/relay/target.hpp"

#include <memory>
#include <optional>
#include <set>

namespace quicket::transports {

// RelayLeg is one HTTP/3 connection to one address of a relay whose certificate is checked by its pins, or by the web's
// PKI. Thread safety: none; one thread at a time.
class RelayLeg {
 public:
  // connect starts the handshake, which has `patience`. Errors: Http3Client::create()'s.
  static Result<std::unique_ptr<RelayLeg>> connect(const RelayTarget& target, const RelayClientConfig& config,
                                                   const Address& remote, Duration patience, TimePoint now);

  // http is to be driven as Http3Client says, but polled only here.
  Http3Client& http() noexcept { return *http_; }
  const Http3Client& http() const noexcept { return *http_; }
  std::optional<Http3Client::Event> poll();

  const Address& remote() const noexcept { return http_->path().remote; }
  // owns tells the connection IDs that this connection issued.
  bool owns(const ConnectionId& id) const { return ids_.contains(id); }
  // pin is that of the certificate, once it was shown.
  const std::optional<RelayPin>& pin() const noexcept { return shown_->pin; }
  bool is_pin_refused() const noexcept { return shown_->refused; }
  TimePoint since() const noexcept { return since_; }

  // explain says why the connection ended, for a person.
  Failure explain(const quic::CloseReason& reason, TimePoint now) const;

 private:
  struct Shown {
    std::optional<RelayPin> pin;
    bool refused = false;
  };

  RelayLeg(const RelayTarget& target, std::shared_ptr<Shown> shown, std::unique_ptr<Http3Client> http, TimePoint now);
  Failure explain_refusal() const;

  RelayTarget target_;
  std::shared_ptr<Shown> shown_;  // shared with the connection's verify function
  std::unique_ptr<Http3Client> http_;
  TimePoint since_;
  std::set<ConnectionId> ids_;
};

}  // namespace quicket::transports
