#pragma once

#include <quicket/address.hpp>
#include <quicket/error.hpp>

#include "core/base/descriptor.hpp"
#include "core/transport/sink.hpp"
#include "transports/udp/send_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace quicket {

// UdpOptions of one socket. Sizes in bytes.
struct UdpOptions {
  bool dual_stack = true;                          // an IPv6 socket also carries IPv4; without effect on an IPv4 one
  bool reuse_port = false;                         // SO_REUSEPORT: several sockets share the port
  bool join_received = true;                       // GRO: the kernel hands runs of datagrams over as one message
  bool join_sent = true;                           // GSO: it takes runs as one, until it refuses that
  int receive_buffer = 4 << 20;                    // wished of the kernel, which may grant less
  int send_buffer = 4 << 20;                       // the same
  std::size_t max_datagram = 9'216;                // larger ones that come in are dropped and counted
  std::size_t queue_datagrams = 2'048;             // what waits here for the kernel to take more
  std::size_t queue_bytes = std::size_t{4} << 20;  // the same; beyond either bound datagrams are dropped and counted
};

// UdpCounters count datagrams, where not stated otherwise, from bind on.
struct UdpCounters {
  std::uint64_t received = 0;
  std::uint64_t received_messages = 0;   // in which the kernel handed them over
  std::uint64_t received_too_large = 0;  // over max_datagram: dropped
  std::uint64_t receive_errors = 0;      // reported by the kernel for something sent earlier, or for want of memory
  std::uint64_t sent = 0;                // taken by the kernel
  std::uint64_t sent_messages = 0;       // in which it took them
  std::uint64_t dropped_full = 0;        // the queue was full
  std::uint64_t dropped_too_large = 0;   // over the outgoing interface's MTU, or no UDP datagram at all
  std::uint64_t dropped_refused = 0;     // no route, no such local address, a firewall, an address of the other kind
};

// UdpSocket is a bound, unconnected, non-blocking UDP socket that moves datagrams in batches (recvmmsg, sendmmsg), and
// runs of one size for one place as one message (UDP_GRO, UDP_SEGMENT). A kernel or device that cannot send such
// messages says so once; from then on every datagram is a message of its own.
//
// It waits for nothing itself: its owner waits on native_handle() until it can be read, then calls receive(); and until
// it can be written whenever wants_write(), then calls flush(). An Asio descriptor that waits must release() the
// handle, not close it.
//
// Datagrams are never fragmented, here or on the way: DF is set and the kernel's cached path MTUs are not consulted
// (IP_PMTUDISC_PROBE), for anybody can forge the ICMP messages that fill that cache, and QUIC probes by itself (RFC
// 9000 section 14.3). What exceeds the outgoing interface's MTU is dropped and counted. Trouble with one destination is
// a counted drop and leaves the socket as it was. IPv6 link-local remotes cannot be sent to: Address has no scope.
//
// Thread safety: none; one thread at a time. Handlers may send, but not receive, move or destroy the socket.
class UdpSocket final : public DatagramSink {
 public:
  // bind makes a socket for `local`; port 0 takes any. An unspecified IPv6 address takes IPv4 too (dual_stack).
  // Errors: the operating system's.
  static Result<UdpSocket> bind(const Address& local, const UdpOptions& options = {});

  UdpSocket(UdpSocket&&) noexcept;
  UdpSocket& operator=(UdpSocket&&) noexcept;
  ~UdpSocket() override;

  // local_address has the port that was taken. Its IP is unspecified when bound so.
  const Address& local_address() const noexcept { return local_; }
  // native_handle is for waiting; it stays this socket's.
  int native_handle() const noexcept { return descriptor_.fd(); }

  // receive calls `handler(std::span<const Received>)` for what has come in: for each message its datagrams, which lie
  // behind one another in memory and have all but the bytes in common, up to kMaxRun in a call. It takes no further
  // message after `max` datagrams or more, and gives the number of datagrams; 0 when there is nothing. Received names
  // the local address that a datagram was sent to. Errors: the operating system's, when the socket itself is unusable.
  template <class Handler>
  Result<std::size_t> receive(Handler&& handler, std::size_t max);

  // send queues the datagrams of `batch`, or passes them to the kernel where that takes many; flush() does the rest.
  // The local port of `addresses` is ignored: it is always the socket's.
  void send(const AddressPair& addresses, const Batch& batch) override;
  // flush passes what is queued to the kernel, until that takes no more.
  void flush();
  // wants_write: the kernel takes no more; call flush() when the handle can be written.
  bool wants_write() const noexcept { return blocked_; }
  std::size_t queued() const noexcept { return queue_.size(); }

  const UdpCounters& counters() const noexcept { return counters_; }
  // joins_sent: runs leave as one message. False when switched off, or refused by the kernel.
  bool joins_sent() const noexcept { return joins_sent_; }

  static constexpr std::size_t kMaxRun = 64;          // datagrams that Linux takes in one message
  static constexpr std::size_t kMaxPayload = 65'507;  // bytes in one message, over IPv4

 private:
  struct Inbox;
  struct Outbox;
  UdpSocket(Descriptor descriptor, const Address& local, int family, const UdpOptions& options);

  // fill takes up to `max` messages from the kernel into the inbox, and gives their number.
  Result<std::size_t> fill(std::size_t max);
  // open begins to read the message at `index` and gives the number of its datagrams; next_run gives the next of them,
  // empty at the end or when they were dropped.
  std::size_t open(std::size_t index);
  std::span<const Received> next_run();

  // send_at_once passes a run on without a copy, behind what is queued; false when it is to be queued too.
  bool send_at_once(const AddressPair& addresses, quic::Ecn ecn, ByteView run, std::size_t segment_size);
  void enqueue(const AddressPair& addresses, quic::Ecn ecn, ByteView run, std::size_t segment_size);
  // compose makes messages of the queue's first datagrams and gives their number.
  std::size_t compose();
  // pass_on gives the outbox's first messages to the kernel, and says how many datagrams are done with: taken, or
  // dropped. 0: it takes no more now (blocked_), or not in one message (alone_), or was interrupted.
  std::size_t pass_on(std::size_t messages);
  void count_drop(int error, std::size_t datagrams) noexcept;

  Descriptor descriptor_;
  Address local_;
  int family_;
  SendQueue queue_;
  bool blocked_ = false;
  bool joins_sent_;
  std::size_t alone_ = 0;  // datagrams at the queue's head, or on their way there, that were refused as one message
  bool on_trial_ = false;  // if the kernel takes the first of them alone, it is joining that it refused
  UdpCounters counters_;
  std::unique_ptr<Inbox> inbox_;
  std::unique_ptr<Outbox> outbox_;
};

template <class Handler>
Result<std::size_t> UdpSocket::receive(Handler&& handler, std::size_t max) {
  std::size_t total = 0;
  while (total < max) {
    const auto count = fill(max - total);
    if (!count) return count.error();
    if (*count == 0) break;
    for (std::size_t index = 0; index < *count; ++index) {
      total += open(index);
      for (auto run = next_run(); !run.empty(); run = next_run()) handler(run);
    }
  }
  return total;
}

}  // namespace quicket
