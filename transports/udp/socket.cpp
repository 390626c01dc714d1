#include "transports/udp/socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <cerrno>

#include "transports/udp/control_message.hpp"
#include "transports/udp/socket_address.hpp"

namespace quicket {

namespace {

constexpr std::size_t kBatch = 64;           // datagrams of one system call
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

// is_fatal tells errors of the socket itself from those about one datagram.
bool is_fatal(int error) { return error == EBADF || error == ENOTSOCK || error == EFAULT || error == EINVAL; }

}  // namespace

// Inbox is the memory of one recvmmsg call. Its pages are only touched as far as datagrams fill them.
struct UdpSocket::Inbox {
  explicit Inbox(std::size_t max_datagram)
      : size(max_datagram), bytes(std::make_unique_for_overwrite<std::byte[]>(kBatch * max_datagram)) {}

  std::size_t size;  // bytes for each datagram
  std::unique_ptr<std::byte[]> bytes;
  std::array<mmsghdr, kBatch> messages;
  std::array<iovec, kBatch> pieces;
  std::array<sockaddr_storage, kBatch> remotes;
  std::array<ControlBuffer, kBatch> controls;
};

// Outbox is the memory of one sendmmsg call.
struct UdpSocket::Outbox {
  std::array<mmsghdr, kBatch> messages;
  std::array<iovec, kBatch> pieces;
  std::array<SocketAddress, kBatch> remotes;
  std::array<ControlBuffer, kBatch> controls;
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
      inbox_(std::make_unique<Inbox>(options.max_datagram)),
      outbox_(std::make_unique<Outbox>()) {}

UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

Result<std::size_t> UdpSocket::fill(std::size_t max) {
  const std::size_t wanted = std::min(max, kBatch);
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

bool UdpSocket::at(std::size_t index, Received& received) {
  const mmsghdr& message = inbox_->messages[index];
  const auto remote = from_socket_address(inbox_->remotes[index]);
  if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0 || !remote) {
    ++counters_.received_too_large;
    return false;
  }
  const ReceivedControl control = read_control(message.msg_hdr);
  ++counters_.received;
  received.addresses = {.local = control.local.value_or(local_).with_port(local_.port()), .remote = *remote};
  received.ecn = control.ecn;
  received.bytes = {inbox_->bytes.get() + index * inbox_->size, message.msg_len};
  return true;
}

void UdpSocket::send(const AddressPair& addresses, const Batch& batch) {
  if (batch.bytes.empty()) return;
  BOOST_ASSERT(batch.segment_size > 0);
  const bool mixed = !addresses.local.is_unspecified() && addresses.local.is_v4() != addresses.remote.is_v4();
  const bool unreachable = family_ == AF_INET && !addresses.remote.is_v4();
  for (ByteView rest = batch.bytes; !rest.empty();) {
    const ByteView datagram = rest.first(std::min(batch.segment_size, rest.size()));
    rest = rest.subspan(datagram.size());
    if (mixed || unreachable) {
      ++counters_.dropped_refused;
    } else if (datagram.size() > kLargestUdp) {
      ++counters_.dropped_too_large;
    } else {
      enqueue(addresses, batch.ecn, datagram);
    }
  }
}

void UdpSocket::enqueue(const AddressPair& addresses, quic::Ecn ecn, ByteView datagram) {
  if (queue_.size() >= kBatch && !blocked_) flush();
  if (queue_.push(addresses, ecn, datagram)) return;
  if (!blocked_) flush();
  if (!queue_.push(addresses, ecn, datagram)) ++counters_.dropped_full;
}

// flush is the only place that turns queued datagrams into messages: joining neighbours of one size and destination,
// which lie side by side in the queue, into one message with UDP_SEGMENT belongs here.
void UdpSocket::flush() {
  blocked_ = false;
  while (!queue_.empty()) {
    const std::size_t wanted = std::min(queue_.size(), kBatch);
    for (std::size_t i = 0; i < wanted; ++i) {
      const QueuedDatagram& datagram = queue_[i];
      const ByteView bytes = queue_.bytes(datagram);
      outbox_->remotes[i] = *to_socket_address(datagram.addresses.remote, family_);
      outbox_->pieces[i] = {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
      msghdr& message = outbox_->messages[i].msg_hdr;
      message = {.msg_name = &outbox_->remotes[i].storage,
                 .msg_namelen = outbox_->remotes[i].size,
                 .msg_iov = &outbox_->pieces[i],
                 .msg_iovlen = 1};
      write_control(message, outbox_->controls[i], datagram.addresses, datagram.ecn);
    }
    const int sent =
        ::sendmmsg(descriptor_.fd(), outbox_->messages.data(), static_cast<unsigned>(wanted), MSG_DONTWAIT);
    if (sent >= 0) {
      counters_.sent += static_cast<std::uint64_t>(sent);
      for (int i = 0; i < sent; ++i) queue_.pop();
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      blocked_ = true;
      return;
    } else if (errno != EINTR) {  // about the first of them
      count_drop(errno);
      queue_.pop();
    }
  }
}

void UdpSocket::count_drop(int error) noexcept {
  if (error == EMSGSIZE) {
    ++counters_.dropped_too_large;
  } else if (error == ENOBUFS || error == ENOMEM) {
    ++counters_.dropped_full;
  } else {
    ++counters_.dropped_refused;
  }
}

}  // namespace quicket
