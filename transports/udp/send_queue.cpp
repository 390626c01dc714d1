#include "transports/udp/send_queue.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace quicket {

SendQueue::SendQueue(std::size_t max_datagrams, std::size_t max_bytes)
    : datagrams_(max_datagrams),
      memory_(std::make_unique_for_overwrite<std::byte[]>(max_bytes)),
      capacity_(max_bytes) {}

std::size_t SendQueue::place(std::size_t size) const noexcept {
  if (datagrams_.empty()) return size <= capacity_ ? 0 : kNowhere;
  const std::size_t head = datagrams_.front().offset;
  const std::size_t tail = datagrams_.back().offset + datagrams_.back().size;
  const bool wrapped = datagrams_.back().offset < head;
  if (wrapped) return size <= head - tail ? tail : kNowhere;
  if (size <= capacity_ - tail) return tail;
  return size <= head ? 0 : kNowhere;
}

bool SendQueue::push(const AddressPair& addresses, quic::Ecn ecn, ByteView datagram) {
  if (datagrams_.full()) return false;
  const std::size_t offset = place(datagram.size());
  if (offset == kNowhere) return false;
  std::ranges::copy(datagram, memory_.get() + offset);
  datagrams_.push_back({.addresses = addresses, .ecn = ecn, .offset = offset, .size = datagram.size()});
  return true;
}

std::size_t SendQueue::run(std::size_t index, std::size_t max_datagrams, std::size_t max_bytes) const {
  const QueuedDatagram& first = datagrams_[index];
  std::size_t count = 1, bytes = first.size;
  while (count < max_datagrams && index + count < datagrams_.size()) {
    const QueuedDatagram& next = datagrams_[index + count];
    const bool joins = next.size <= first.size && next.offset == first.offset + bytes &&
                       bytes + next.size <= max_bytes && next.ecn == first.ecn && next.addresses == first.addresses;
    if (!joins) break;
    ++count;
    bytes += next.size;
    if (next.size < first.size) break;
  }
  return count;
}

void SendQueue::pop() noexcept {
  BOOST_ASSERT(!datagrams_.empty());
  datagrams_.pop_front();
}

}  // namespace quicket
