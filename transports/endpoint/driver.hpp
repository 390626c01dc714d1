#pragma once

#include <quicket/clock.hpp>
#include <quicket/error.hpp>

#include "transports/endpoint/pending.hpp"
#include "transports/node/node.hpp"
#include "transports/udp/socket.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace quicket::detail {

// Driver pumps a node: datagrams from the socket, datagrams to it, and its deadlines.
// Thread safety: all on the strand. Its owner is kept alive by what it waits for, until stop().
class Driver {
 public:
  // Owner hears what the pump brings, always on the strand.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_link_event(LinkId id, LinkEvent event) = 0;
    // on_pumped: all events were told and what could leave has left.
    virtual void on_pumped(TimePoint now) = 0;
    // on_socket_failed: the socket cannot be used any more.
    virtual void on_socket_failed(error_code why) = 0;
  };

  // A wake-up takes no more datagrams than this: then it is somebody else's turn on the executor.
  static constexpr std::size_t kMaxBatch = 128;

  Driver(const Strand& strand, UdpSocket socket, std::unique_ptr<transports::Node> node);

  // start begins to wait. Errors: the operating system's.
  Result<void> start(const std::shared_ptr<Owner>& owner);
  // stop lets go of socket and timer at once; the node stays as it is.
  void stop();
  bool is_running() const noexcept { return waiter_.has_value(); }

  // schedule pumps soon: to be called after anything was done to the node.
  void schedule();
  // when_pumped calls back once, after the next time that datagrams have left.
  void when_pumped(std::function<void()> callback) { when_pumped_.push_back(std::move(callback)); }
  // pump_now is for the last words before stop().
  void pump_now();

  // next_operation may be called from any thread, and so may strand().
  OperationId next_operation() noexcept { return OperationId{++operations_}; }
  const Strand& strand() const noexcept { return strand_; }
  const UdpSocket& socket() const noexcept { return *socket_; }
  transports::Node& node() noexcept { return *node_; }
  Host& host() noexcept { return node_->host(); }

 private:
  void wait_for_datagrams();
  void on_readable();
  void pump();
  void wait_for_room();
  void set_timer();

  Strand strand_;
  std::optional<UdpSocket> socket_;
  std::unique_ptr<transports::Node> node_;
  std::weak_ptr<Owner> owner_;

  using Waiter = asio::posix::basic_stream_descriptor<Strand>;
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Strand>;
  std::optional<Waiter> waiter_;
  std::optional<Timer> timer_;
  std::optional<TimePoint> timer_at_;
  std::atomic<std::uint64_t> operations_ = 0;
  std::vector<std::function<void()>> when_pumped_;
  bool scheduled_ = false;
  bool waits_for_room_ = false;
};

}  // namespace quicket::detail
