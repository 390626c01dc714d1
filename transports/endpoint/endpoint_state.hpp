#pragma once

#include <quicket/carrier.hpp>
#include <quicket/connection.hpp>
#include <quicket/endpoint.hpp>
#include <quicket/endpoint_options.hpp>

#include "transports/endpoint/deliveries.hpp"
#include "transports/endpoint/diagnostics.hpp"
#include "transports/endpoint/driver.hpp"
#include "transports/endpoint/link_state.hpp"
#include "transports/endpoint/listener_state.hpp"
#include "transports/endpoint/relay_addresses.hpp"
#include "transports/endpoint/relay_requests.hpp"
#include "transports/endpoint/state_folder.hpp"

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace quicket::detail {

class EndpointRegistry;

// EndpointState is an endpoint: its driver, and all that is under way. Thread safety: all on the strand, but what is
// named otherwise.
class EndpointState final : public Driver::Owner, public Answerer, public std::enable_shared_from_this<EndpointState> {
 public:
  static Outcome<std::shared_ptr<EndpointState>> create(const asio::any_io_executor& executor, EndpointOptions options);
  EndpointState(const Strand& strand, EndpointOptions options, DeviceState state, Diagnostics diagnostics,
                UdpSocket socket);
  ~EndpointState() override;

  // From any thread.
  const Strand& strand() const noexcept { return driver_.strand(); }
  OperationId next_operation() noexcept { return driver_.next_operation(); }
  const PeerId& id() const noexcept { return options_.identity.id(); }
  const Address& local_address() const noexcept { return local_address_; }
  HostServices carrier_services() const;

  // How a dial brings its offer out: over carriers, or by `send` where that is not empty.
  struct Way {
    std::vector<Carrier> carriers;
    SendOffer send;
  };
  // Callee is whom a dial is for.
  using Callee = std::variant<PeerId, PairingOptions>;
  using ConnectPending = Pending<Outcome<Connection>>;
  void dial(OperationId id, Callee callee, Way way, DialOptions options, ConnectPending pending);
  void accept_offer(OperationId id, Bytes offer, const AcceptOptions& options, ConnectPending pending);
  void start(const std::shared_ptr<ListenerState>& listener, std::vector<Carrier> carriers);
  void forget(const std::shared_ptr<ListenerState>& listener);
  void cancel(OperationId id);
  void close(Pending<Outcome<>> pending);
  void set_trust(TrustStore trust) { options_.trust = std::move(trust); }
  void set_relays(std::vector<RelayUrl> relays);

  // abort ends everything now, with asio::error::operation_aborted. drop does so without calling anybody: the executor
  // is going away.
  void abort();
  void drop();

  // Answerer.
  void answer(Bytes offer, const AcceptOptions& options, Judged judged, Done done) override;
  void cancel_attempt(OperationId attempt) override;

  // Driver::Owner.
  void on_link_event(LinkId id, LinkEvent event) override;
  void on_pumped(TimePoint now) override;
  void on_socket_failed(error_code why) override;

 private:
  // Attempt is a connection that is not there yet.
  struct Attempt {
    bool is_dialer = false;
    std::optional<PeerId> peer;             // nothing: a dialer that pairs with whoever has the offer
    std::optional<PairingOptions> pairing;  // on first contact
    Way way;                                // dialers
    DialOptions options;                    // dialers
    TimePoint give_up{};                    // dialers
    OnProgress on_progress;
    Done done;
    std::optional<LinkId> link;
    std::shared_ptr<Deliveries> deliveries;
  };

  void begin_dial(OperationId id, const Outcome<std::vector<transports::RelayTarget>>& relays);
  void deliver(OperationId id, Attempt& attempt, Bytes offer);
  void on_attempt_event(OperationId id, Attempt& attempt, LinkEvent& event);
  // judge_for gives what welcomes those who can get the name. It is good while the endpoint is there.
  JudgeNewPeer judge_for(const PairingOptions& pairing) const;
  void on_connected(OperationId id, const Attempt& attempt, const Connected& connected);
  void give_up(OperationId id, Failure why);
  void finish(OperationId id, Outcome<Connection> outcome);
  Connection connect(LinkId id, const Connected& connected, bool is_dialer);
  static Done completing(ConnectPending pending);
  LinkOptions link_options(const std::vector<std::string>& protocols, std::string_view kind);
  Failure named(Failure why) const;
  Failure socket_failure(const error_code& why) const;
  void tell(const OnProgress& on_progress, Progress progress) const;
  void log(LogLevel level, std::string_view line) const;
  bool is_open() const noexcept { return driver_.is_running() && !closing_; }
  void end_now(const Failure& why);
  void end_attempts(const Failure& why);
  void finish_closing();

  EndpointOptions options_;
  Address local_address_;
  DeviceState state_;
  Diagnostics diagnostics_;
  Driver driver_;
  RelayAddresses addresses_;
  RelayRequests relay_requests_;          // for carriers
  EndpointRegistry* registry_ = nullptr;  // nullptr once the executor's context is gone

  std::map<OperationId, Attempt> attempts_;
  std::map<LinkId, OperationId> attempt_of_;
  std::map<LinkId, std::shared_ptr<LinkState>> links_;
  std::list<std::shared_ptr<ListenerState>> listeners_;

  bool closing_ = false;
  std::list<Pending<Outcome<>>> close_waiters_;
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Strand>;
  std::optional<Timer> close_timer_;
  friend class EndpointRegistry;
};

}  // namespace quicket::detail
