#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/carrier.hpp>
#include <quicket/connection.hpp>
#include <quicket/endpoint_options.hpp>
#include <quicket/error.hpp>
#include <quicket/listener.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace quicket {

namespace detail {
class EndpointState;
}

// SendOffer takes the offer of a dial, to bring it to the peer. Called once, on the endpoint's executor; it must
// neither block nor throw. The bytes are borrowed for the call.
using SendOffer = std::function<void(ByteView offer)>;

// Endpoint is this device among its peers: one UDP socket, its identity, and every connection that runs through them.
//
//   auto endpoint = Endpoint::create(context.get_executor(), std::move(options)).value();
//   Connection connection = co_await endpoint.dial(bob, carriers);
//
// The awaitables throw boost::system::system_error with the code and a sentence about this one case. They can be
// cancelled (asio::cancellation_signal, operator||): a cancelled dial is void, and the relays forget it. With GCC 12,
// name options and lists before the co_await expression that uses them: it miscompiles aggregates built inside.
//
// It runs on the executor that it was given and starts no thread but those that carriers block, and Asio's for host
// names. Destroying it ends all that is under way with asio::error::operation_aborted and tells the peers so, as long
// as its executor runs; close() does it in order. Nothing of an endpoint may outlive the executor's context. Thread
// safety: any thread.
class Endpoint {
 public:
  using executor_type = boost::asio::any_io_executor;

  // create binds the socket and opens the state. Errors: errc::invalid_argument (protocols), the operating system's.
  static Outcome<Endpoint> create(const executor_type& executor, EndpointOptions options);

  Endpoint(Endpoint&&) noexcept;
  Endpoint& operator=(Endpoint&&) noexcept;
  ~Endpoint();

  // get_executor is a strand on the executor given: where handlers without an executor of their own run.
  executor_type get_executor() const noexcept;
  const PeerId& id() const noexcept;
  const Address& local_address() const noexcept;  // of the socket

  // dial calls `peer`: the offer goes out over all carriers at once, and whichever gets there first counts. It fails
  // when all carriers have failed before anybody answered. Carriers that still deliver at the end are cancelled, which
  // ends them. Errors: kNoRelay, kRelayUnreachable and the like, those of Carrier::deliver, kDialDeadline,
  // kPeerKeyMismatch, kRefusedByPeer...
  boost::asio::awaitable<Connection> dial(PeerId peer, std::vector<Carrier> carriers) const;
  boost::asio::awaitable<Connection> dial(PeerId peer, std::vector<Carrier> carriers, DialOptions options) const;
  // A dial with PairingOptions is for a peer whose key is not known yet: whoever accepts it so too, and proves to have
  // the offer. The endpoint trusts the connection's peer() from then on, under the name; to keep it for later, write it
  // with add_trusted(). Further errors: kPairingFailed, kNameTaken (the key has another name here), kCarrierExposes.
  boost::asio::awaitable<Connection> dial(PairingOptions pairing, std::vector<Carrier> carriers) const;
  boost::asio::awaitable<Connection> dial(PairingOptions pairing, std::vector<Carrier> carriers,
                                          DialOptions options) const;
  // dial_with leaves bringing the offer to the peer to the caller.
  boost::asio::awaitable<Connection> dial_with(PeerId peer, SendOffer send) const;
  boost::asio::awaitable<Connection> dial_with(PeerId peer, SendOffer send, DialOptions options) const;
  boost::asio::awaitable<Connection> dial_with(PairingOptions pairing, SendOffer send, DialOptions options) const;

  // listen receives offers over all carriers, until the listener is gone.
  Listener listen(std::vector<Carrier> carriers) const;
  Listener listen(std::vector<Carrier> carriers, AcceptOptions options) const;
  // accept receives one connection and then cancels the carriers, which ends them, and what else was being answered:
  // listen() is for more. Errors: see Listener.
  boost::asio::awaitable<Connection> accept(std::vector<Carrier> carriers) const;
  boost::asio::awaitable<Connection> accept(std::vector<Carrier> carriers, AcceptOptions options) const;
  // accept_offer answers an offer that came in some other way. Its refusals come before any network activity.
  boost::asio::awaitable<Connection> accept_offer(Bytes offer) const;
  boost::asio::awaitable<Connection> accept_offer(Bytes offer, AcceptOptions options) const;

  // close ends in order: connections are closed with code 0 and the relays forget us, in EndpointTimeouts::close at
  // most. Dials and accepts that are under way fail with asio::error::operation_aborted, and so does all that is
  // started later.
  boost::asio::awaitable<void> close() const;

  // set_trust and set_relays count for what is started afterwards.
  void set_trust(TrustStore trust) const;
  void set_relays(std::vector<RelayUrl> relays) const;

  // carrier_services are what carriers may ask of this endpoint: its clock and its log. They may outlive it.
  HostServices carrier_services() const;

 private:
  explicit Endpoint(std::shared_ptr<detail::EndpointState> state) noexcept;

  std::shared_ptr<detail::EndpointState> state_;
};

}  // namespace quicket
