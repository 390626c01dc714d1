#include <quicket/endpoint.hpp>

#include "transports/endpoint/handles.hpp"
#include "transports/endpoint/wait_for.hpp"

#include <utility>

namespace quicket {

namespace {

using detail::EndpointState;
using detail::OperationId;
using State = std::shared_ptr<EndpointState>;

// start does `action(EndpointState&, OperationId, Pending)` on the strand, and lets the operation be cancelled.
template <class T, class Action>
boost::asio::awaitable<T> start(const State& state, Action action) {
  return detail::wait_for<T>([state, action = std::move(action)](auto handler) {
    const OperationId id = state->next_operation();
    detail::on_cancel(handler, [weak = std::weak_ptr(state), id] {
      if (const auto alive = weak.lock()) boost::asio::dispatch(alive->strand(), [alive, id] { alive->cancel(id); });
    });
    detail::Pending<Outcome<T>> pending(std::move(handler), state->strand());
    auto begin = [state, action, id, pending = std::move(pending)]() mutable {
      action(*state, id, std::move(pending));
    };
    boost::asio::dispatch(state->strand(), std::move(begin));
  });
}

boost::asio::awaitable<Connection> start_dial(const State& state, EndpointState::Callee callee, EndpointState::Way way,
                                              DialOptions options) {
  return start<Connection>(state, [callee = std::move(callee), way = std::move(way), options = std::move(options)](
                                      EndpointState& endpoint, OperationId id, auto pending) {
    endpoint.dial(id, callee, way, options, std::move(pending));
  });
}

boost::asio::awaitable<Connection> accept_one(State state, std::vector<Carrier> carriers, AcceptOptions options) {
  const auto listener = detail::listen(state, std::move(carriers), std::move(options));
  auto accepted = detail::accept_next(listener);
  Connection connection = co_await std::move(accepted);
  co_return connection;
}

}  // namespace

Outcome<Endpoint> Endpoint::create(const executor_type& executor, EndpointOptions options) {
  auto state = EndpointState::create(executor, std::move(options));
  if (!state) return state.error();
  return Endpoint(std::move(*state));
}

Endpoint::Endpoint(std::shared_ptr<EndpointState> state) noexcept : state_(std::move(state)) {}
Endpoint::Endpoint(Endpoint&&) noexcept = default;

Endpoint& Endpoint::operator=(Endpoint&& other) noexcept {
  Endpoint old(std::move(other));
  std::swap(state_, old.state_);
  return *this;
}

Endpoint::~Endpoint() {
  if (!state_) return;
  const detail::Strand strand = state_->strand();
  boost::asio::dispatch(strand, [state = std::move(state_)] { state->abort(); });
}

Endpoint::executor_type Endpoint::get_executor() const noexcept { return state_->strand(); }
const PeerId& Endpoint::id() const noexcept { return state_->id(); }
const Address& Endpoint::local_address() const noexcept { return state_->local_address(); }
HostServices Endpoint::carrier_services() const { return state_->carrier_services(); }

boost::asio::awaitable<Connection> Endpoint::dial(PeerId peer, std::vector<Carrier> carriers) const {
  return dial(peer, std::move(carriers), DialOptions());
}

boost::asio::awaitable<Connection> Endpoint::dial(PeerId peer, std::vector<Carrier> carriers,
                                                  DialOptions options) const {
  return start_dial(state_, peer, {.carriers = std::move(carriers), .send = {}}, std::move(options));
}

boost::asio::awaitable<Connection> Endpoint::dial(PairingOptions pairing, std::vector<Carrier> carriers) const {
  return dial(std::move(pairing), std::move(carriers), DialOptions());
}

boost::asio::awaitable<Connection> Endpoint::dial(PairingOptions pairing, std::vector<Carrier> carriers,
                                                  DialOptions options) const {
  return start_dial(state_, std::move(pairing), {.carriers = std::move(carriers), .send = {}}, std::move(options));
}

boost::asio::awaitable<Connection> Endpoint::dial_with(PeerId peer, SendOffer send) const {
  return dial_with(peer, std::move(send), DialOptions());
}

boost::asio::awaitable<Connection> Endpoint::dial_with(PeerId peer, SendOffer send, DialOptions options) const {
  return start_dial(state_, peer, {.carriers = {}, .send = std::move(send)}, std::move(options));
}

boost::asio::awaitable<Connection> Endpoint::dial_with(PairingOptions pairing, SendOffer send,
                                                       DialOptions options) const {
  return start_dial(state_, std::move(pairing), {.carriers = {}, .send = std::move(send)}, std::move(options));
}

Listener Endpoint::listen(std::vector<Carrier> carriers) const { return listen(std::move(carriers), AcceptOptions()); }

Listener Endpoint::listen(std::vector<Carrier> carriers, AcceptOptions options) const {
  return Listener(detail::listen(state_, std::move(carriers), std::move(options)));
}

boost::asio::awaitable<Connection> Endpoint::accept(std::vector<Carrier> carriers) const {
  return accept_one(state_, std::move(carriers), AcceptOptions());
}

boost::asio::awaitable<Connection> Endpoint::accept(std::vector<Carrier> carriers, AcceptOptions options) const {
  return accept_one(state_, std::move(carriers), std::move(options));
}

boost::asio::awaitable<Connection> Endpoint::accept_offer(Bytes offer) const {
  return accept_offer(std::move(offer), AcceptOptions());
}

boost::asio::awaitable<Connection> Endpoint::accept_offer(Bytes offer, AcceptOptions options) const {
  return start<Connection>(state_, [offer = std::move(offer), options = std::move(options)](
                                       EndpointState& endpoint, OperationId id, auto pending) {
    endpoint.accept_offer(id, offer, options, std::move(pending));
  });
}

boost::asio::awaitable<void> Endpoint::close() const {
  return start<void>(state_,
                     [](EndpointState& endpoint, OperationId, auto pending) { endpoint.close(std::move(pending)); });
}

void Endpoint::set_trust(TrustStore trust) const {
  boost::asio::dispatch(state_->strand(),
                        [state = state_, trust = std::move(trust)]() mutable { state->set_trust(std::move(trust)); });
}

void Endpoint::set_relays(std::vector<RelayUrl> relays) const {
  boost::asio::dispatch(state_->strand(), [state = state_, relays = std::move(relays)]() mutable {
    state->set_relays(std::move(relays));
  });
}

}  // namespace quicket
