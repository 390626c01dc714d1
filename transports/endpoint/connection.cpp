#include <quicket/connection.hpp>

#include "transports/endpoint/link_state.hpp"
#include "transports/endpoint/wait_for.hpp"

#include <iomanip>
#include <sstream>
#include <utility>

namespace quicket {

namespace {

using detail::ConnectionHandle;
using detail::LinkState;
using detail::OperationId;
using detail::Pending;

// start does `action(LinkState&, OperationId, Pending)` on the strand, and lets the operation be cancelled.
template <class T, class Action>
boost::asio::awaitable<T> start(const ConnectionHandle& handle, Action action) {
  return detail::wait_for<T>([keeper = handle.keeper, link = handle.link, action = std::move(action)](auto handler) {
    const OperationId id = link->next_operation();
    detail::on_cancel(handler, [weak_keeper = std::weak_ptr(keeper), weak = std::weak_ptr(link), id] {
      const auto owner = weak_keeper.lock();
      const auto alive = weak.lock();
      if (owner && alive) boost::asio::dispatch(alive->strand(), [owner, alive, id] { alive->cancel(id); });
    });
    Pending<Outcome<T>> pending(std::move(handler), link->strand());
    auto begin = [keeper, link, action, id, pending = std::move(pending)]() mutable {
      action(*link, id, std::move(pending));
    };
    boost::asio::dispatch(link->strand(), std::move(begin));
  });
}

boost::asio::awaitable<Stream> open(const std::shared_ptr<ConnectionHandle>& self, quic::Direction direction) {
  return start<Stream>(*self, [self, direction](LinkState& link, OperationId id, auto pending) {
    link.open_stream(id, direction, self, std::move(pending));
  });
}

boost::asio::awaitable<Stream> accept(const std::shared_ptr<ConnectionHandle>& self, quic::Direction direction) {
  return start<Stream>(*self, [self, direction](LinkState& link, OperationId id, auto pending) {
    link.accept_stream(id, direction, self, std::move(pending));
  });
}

}  // namespace

std::string PathInfo::to_string() const {
  const double milliseconds = std::chrono::duration<double, std::milli>(smoothed_rtt).count();
  std::ostringstream text;
  text << (kind == Kind::kRelay ? "relay " : "direct ") << remote.to_string() << ", " << std::fixed
       << std::setprecision(milliseconds < 10 ? 1 : 0) << milliseconds << " ms";
  return text.str();
}

Connection::Connection(std::shared_ptr<ConnectionHandle> handle) noexcept : handle_(std::move(handle)) {}
Connection::Connection(const Connection&) noexcept = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(const Connection&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Connection::executor_type Connection::get_executor() const noexcept { return handle_->link->strand(); }
const PeerId& Connection::peer() const noexcept { return handle_->link->facts().peer; }
const std::string& Connection::protocol() const noexcept { return handle_->link->facts().protocol; }
bool Connection::is_dialer() const noexcept { return handle_->link->facts().is_dialer; }

boost::asio::awaitable<Stream> Connection::open_stream() const {
  return open(handle_, quic::Direction::kBidirectional);
}
boost::asio::awaitable<Stream> Connection::open_unidirectional_stream() const {
  return open(handle_, quic::Direction::kUnidirectional);
}
boost::asio::awaitable<Stream> Connection::accept_stream() const {
  return accept(handle_, quic::Direction::kBidirectional);
}
boost::asio::awaitable<Stream> Connection::accept_unidirectional_stream() const {
  return accept(handle_, quic::Direction::kUnidirectional);
}

boost::asio::awaitable<void> Connection::send_datagram(ByteView datagram) const {
  return start<void>(*handle_, [self = handle_, datagram](LinkState& link, OperationId id, auto pending) {
    link.send_datagram(id, datagram, std::move(pending));
  });
}

boost::asio::awaitable<Bytes> Connection::receive_datagram() const {
  return start<Bytes>(*handle_, [self = handle_](LinkState& link, OperationId id, auto pending) {
    link.receive_datagram(id, std::move(pending));
  });
}

// Waiting for the end does not hold it up: this keeps no handle.
boost::asio::awaitable<ConnectionEnd> Connection::wait_closed() const {
  return start<ConnectionEnd>(
      *handle_, [](LinkState& link, OperationId id, auto pending) { link.wait_closed(id, std::move(pending)); });
}

void Connection::close(std::uint64_t code, std::string_view text) const {
  boost::asio::dispatch(handle_->link->strand(),
                        [self = handle_, code, text = std::string(text)] { self->link->close(code, text); });
}

std::size_t Connection::max_datagram() const { return handle_->link->max_datagram(); }
PathInfo Connection::path() const { return handle_->link->path(); }
ConnectionStatistics Connection::statistics() const { return handle_->link->statistics(); }

Result<Bytes> Connection::exporter(std::string_view label, std::size_t size) const {
  return handle_->link->exporter(label, size);
}

}  // namespace quicket
