#include "transports/udp/socket.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <numeric>
#include <utility>

#include "transports/udp/control_message.hpp"
#include "transports/udp/socket_address.hpp"

namespace quicket {

namespace {

constexpr std::size_t kBatch = 64;           // messages of one system call
constexpr std::size_t kJoinedBatch = 8;      // the same, where each may hold a run of datagrams
constexpr std::size_t kLargestUdp = 65'535;  // bytes that the length field of UDP can say, with its header

error_code last_error() { return {errno, boost::system::system_category()}; }

bool set(int fd, int level, int option, int value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

// configure asks for all that describes a datagram. What a kernel does not know is not missed: errors are ignored for
// wishes.
bool configure(int fd, int family, const UdpOptions& options) {
  set(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  set(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
  if (options.reuse_port && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return false;
  const bool v4 = family == AF_INET || options.dual_stack;
  if (v4 && !(set(fd, IPPROTO_IP, IP_PKTINFO, 1) && set(fd, IPPROTO_IP, IP_RECVTOS, 1) &&
              set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE))) {
    return false;
  }
  if (family == AF_INET) return true;
  return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.dual_stack ? 0 : 1) && set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
         set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) && set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
}

std::size_t datagrams_in(std::size_t bytes, std::size_t segment_size) {
  return (bytes + segment_size - 1) / segment_size;
}

// is_fatal tells errors of the socket itself from those about one datagram.
bool is_fatal(int error) { return error == EBADF || error == ENOTSOCK || error == EFAULT || error == EINVAL; }

}  // namespace

// Inbox is the memory of one recvmmsg call. Its pages are only touched as far as datagrams fill them.
struct UdpSocket::Inbox {
  // `joined`: the kernel hands over runs.
  Inbox(std::size_t max_datagram, bool joined)
      : batch(joined ? kJoinedBatch : kBatch),
        size(joined ? kLargestUdp : max_datagram),
        largest(max_datagram),
        bytes(std::make_unique_for_overwrite<std::byte[]>(batch * size)) {}

  std::size_t batch;    // messages
  std::size_t size;     // bytes for each
  std::size_t largest;  // datagram that is handed on
  std::unique_ptr<std::byte[]> bytes;
  std::array<mmsghdr, kBatch> messages;
  std::array<iovec, kBatch> pieces;
  std::array<sockaddr_storage, kBatch> remotes;
  std::array<ControlBuffer, kBatch> controls;

  // What is left of the message that is read, and its datagrams for the handler.
  ByteView rest;
  std::size_t segment_size = 0;
  std::size_t unread = 0;  // datagrams
  std::array<Received, kMaxRun> run;
};

// Outbox is the memory of one sendmmsg call.
struct UdpSocket::Outbox {
  std::array<mmsghdr, kBatch> messages;
  std::array<iovec, kBatch> pieces;
  std::array<SocketAddress, kBatch> remotes;
  std::array<ControlBuffer, kBatch> controls;
  std::array<std::size_t, kBatch> datagrams;  // in each message

  // put makes the message at `index`: `bytes` in datagrams of `segment_size`.
  void put(std::size_t index, int family, const AddressPair& addresses, quic::Ecn ecn, ByteView bytes,
           std::size_t segment_size) {
    datagrams[index] = datagrams_in(bytes.size(), segment_size);
    remotes[index] = *to_socket_address(addresses.remote, family);
    pieces[index] = {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
    msghdr& message = messages[index].msg_hdr;
    message = {.msg_name = &remotes[index].storage,
               .msg_namelen = remotes[index].size,
               .msg_iov = &pieces[index],
               .msg_iovlen = 1};
    write_control(message, controls[index], addresses, ecn, datagrams[index] > 1 ? segment_size : 0);
  }
};

Result<UdpSocket> UdpSocket::bind(const Address& local, const UdpOptions& options) {
  const int family = local.is_v4() ? AF_INET : AF_INET6;
  Descriptor descriptor(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP));
  if (!descriptor || !configure(descriptor.fd(), family, options)) return last_error();
  const auto wanted = to_socket_address(local, family);
  if (::bind(descriptor.fd(), wanted->data(), wanted->size) != 0) return last_error();

  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(descriptor.fd(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return last_error();
  const auto address = from_socket_address(bound);
  BOOST_ASSERT(address.has_value());
  return UdpSocket(std::move(descriptor), local.with_port(address->port()), family, options);
}

UdpSocket::UdpSocket(Descriptor descriptor, const Address& local, int family, const UdpOptions& options)
    : descriptor_(std::move(descriptor)),
      local_(local),
      family_(family),
      queue_(options.queue_datagrams, options.queue_bytes),
      // A kernel that does not know this option would not cut the message, but send it as one datagram.
      joins_sent_(options.join_sent && set(descriptor_.fd(), IPPROTO_UDP, UDP_SEGMENT, 0)) {
  const bool joined = options.join_received && set(descriptor_.fd(), IPPROTO_UDP, UDP_GRO, 1);
  inbox_ = std::make_unique<Inbox>(options.max_datagram, joined);
  outbox_ = std::make_unique<Outbox>();
}

UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

Result<std::size_t> UdpSocket::fill(std::size_t max) {
  const std::size_t wanted = std::min(max, inbox_->batch);
  for (std::size_t i = 0; i < wanted; ++i) {
    inbox_->pieces[i] = {.iov_base = inbox_->bytes.get() + i * inbox_->size, .iov_len = inbox_->size};
    inbox_->messages[i].msg_hdr = {.msg_name = &inbox_->remotes[i],
                                   .msg_namelen = sizeof(sockaddr_storage),
                                   .msg_iov = &inbox_->pieces[i],
                                   .msg_iovlen = 1,
                                   .msg_control = inbox_->controls[i].bytes.data(),
                                   .msg_controllen = inbox_->controls[i].bytes.size()};
  }
  // An error that the kernel kept from an earlier datagram is reported once, in place of what has come in: ask again.
  for (int attempt = 0; attempt < 8; ++attempt) {
    const int count =
        ::recvmmsg(descriptor_.fd(), inbox_->messages.data(), static_cast<unsigned>(wanted), MSG_DONTWAIT, nullptr);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
    if (is_fatal(errno)) return last_error();
    if (errno != EINTR) ++counters_.receive_errors;
  }
  return std::size_t{0};
}

std::size_t UdpSocket::open(std::size_t index) {
  const mmsghdr& message = inbox_->messages[index];
  const std::size_t size = message.msg_len;
  const auto remote = from_socket_address(inbox_->remotes[index]);
  const ReceivedControl control = read_control(message.msg_hdr);
  const std::size_t segment_size = control.segment_size > 0 ? control.segment_size : std::max<std::size_t>(size, 1);
  const std::size_t datagrams = std::max<std::size_t>(datagrams_in(size, segment_size), 1);  // an empty one is one too
  inbox_->unread = 0;
  if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0 || !remote || std::min(size, segment_size) > inbox_->largest) {
    counters_.received_too_large += datagrams;
    return datagrams;
  }
  counters_.received += datagrams;
  ++counters_.received_messages;
  inbox_->unread = datagrams;
  inbox_->rest = {inbox_->bytes.get() + index * inbox_->size, size};
  inbox_->segment_size = segment_size;
  const Received common{
      .addresses = {.local = control.local.value_or(local_).with_port(local_.port()), .remote = *remote},
      .ecn = control.ecn,
      .bytes = {}};
  std::fill_n(inbox_->run.begin(), std::min(datagrams, kMaxRun), common);
  return datagrams;
}

std::span<const Received> UdpSocket::next_run() {
  const std::size_t count = std::min(inbox_->unread, kMaxRun);
  for (std::size_t i = 0; i < count; ++i) {
    inbox_->run[i].bytes = inbox_->rest.first(std::min(inbox_->segment_size, inbox_->rest.size()));
    inbox_->rest = inbox_->rest.subspan(inbox_->run[i].bytes.size());
  }
  inbox_->unread -= count;
  return std::span(inbox_->run).first(count);
}

void UdpSocket::send(const AddressPair& addresses, const Batch& batch) {
  if (batch.bytes.empty()) return;
  BOOST_ASSERT(batch.segment_size > 0);
  const bool mixed = !addresses.local.is_unspecified() && addresses.local.is_v4() != addresses.remote.is_v4();
  if (mixed || (family_ == AF_INET && !addresses.remote.is_v4())) {
    counters_.dropped_refused += datagrams_in(batch.bytes.size(), batch.segment_size);
    return;
  }
  const std::size_t longest = std::clamp<std::size_t>(kMaxPayload / batch.segment_size, 1, kMaxRun);
  for (ByteView rest = batch.bytes; !rest.empty();) {
    const ByteView run = rest.first(std::min(longest * batch.segment_size, rest.size()));
    rest = rest.subspan(run.size());
    if (run.size() <= batch.segment_size || !send_at_once(addresses, batch.ecn, run, batch.segment_size))
      enqueue(addresses, batch.ecn, run, batch.segment_size);
  }
}

bool UdpSocket::send_at_once(const AddressPair& addresses, quic::Ecn ecn, ByteView run, std::size_t segment_size) {
  if (!joins_sent_ || blocked_) return false;
  flush();
  if (blocked_) return false;
  outbox_->put(0, family_, addresses, ecn, run, segment_size);
  return pass_on(1) > 0;
}

void UdpSocket::enqueue(const AddressPair& addresses, quic::Ecn ecn, ByteView run, std::size_t segment_size) {
  while (!run.empty()) {
    const ByteView datagram = run.first(std::min(segment_size, run.size()));
    run = run.subspan(datagram.size());
    if (datagram.size() > kLargestUdp) {
      ++counters_.dropped_too_large;
      continue;
    }
    if (queue_.size() >= kBatch && !blocked_) flush();
    if (queue_.push(addresses, ecn, datagram)) continue;
    if (!blocked_) flush();
    if (!queue_.push(addresses, ecn, datagram)) ++counters_.dropped_full;
  }
}

void UdpSocket::flush() {
  blocked_ = false;
  while (!queue_.empty() && !blocked_) {
    const std::size_t done = pass_on(compose());
    for (std::size_t i = 0; i < done; ++i) queue_.pop();
    alone_ -= std::min(alone_, done);
  }
}

std::size_t UdpSocket::compose() {
  std::size_t messages = 0;
  for (std::size_t next = 0; messages < kBatch && next < queue_.size(); ++messages) {
    const std::size_t count = joins_sent_ && next >= alone_ ? queue_.run(next, kMaxRun, kMaxPayload) : 1;
    const QueuedDatagram& first = queue_[next];
    outbox_->put(messages, family_, first.addresses, first.ecn, queue_.bytes(next, count), first.size);
    next += count;
  }
  return messages;
}

std::size_t UdpSocket::pass_on(std::size_t messages) {
  const int sent =
      ::sendmmsg(descriptor_.fd(), outbox_->messages.data(), static_cast<unsigned>(messages), MSG_DONTWAIT);
  const std::size_t first = outbox_->datagrams[0];
  if (sent > 0) {
    if (std::exchange(on_trial_, false)) joins_sent_ = false;
    const auto taken = std::span(outbox_->datagrams).first(static_cast<std::size_t>(sent));
    const std::size_t datagrams = std::accumulate(taken.begin(), taken.end(), std::size_t{0});
    counters_.sent += datagrams;
    counters_.sent_messages += taken.size();
    return datagrams;
  }
  if (errno == EINTR) return 0;
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    blocked_ = true;
    return 0;
  }
  // What went wrong is about the first of them.
  if (first > 1 && (errno == EIO || errno == EINVAL)) {
    alone_ = first;
    on_trial_ = true;
    return 0;
  }
  on_trial_ = false;
  count_drop(errno, first);
  return first;
}

void UdpSocket::count_drop(int error, std::size_t datagrams) noexcept {
  if (error == EMSGSIZE) {
    counters_.dropped_too_large += datagrams;
  } else if (error == ENOBUFS || error == ENOMEM) {
    counters_.dropped_full += datagrams;
  } else {
    counters_.dropped_refused += datagrams;
  }
}

}  // namespace quicket
