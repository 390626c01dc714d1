#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>

#include "core/quic/types.hpp"

#include <boost/circular_buffer.hpp>

#include <cstddef>
#include <memory>

namespace quicket {

// QueuedDatagram is one datagram that waits in a SendQueue, which owns its bytes.
struct QueuedDatagram {
  AddressPair addresses;
  quic::Ecn ecn = quic::Ecn::kNotEct;
  std::size_t offset = 0;  // in the queue's memory
  std::size_t size = 0;    // bytes
};

// SendQueue is a first-in-first-out store of datagrams, bounded in number and bytes, all memory taken at once.
// Datagrams pushed one after the other lie side by side wherever the memory's end allows it.
class SendQueue {
 public:
  SendQueue(std::size_t max_datagrams, std::size_t max_bytes);

  // push copies a datagram to the end. False when there is no room.
  bool push(const AddressPair& addresses, quic::Ecn ecn, ByteView datagram);
  // pop forgets the first datagram. The queue is not empty.
  void pop() noexcept;

  bool empty() const noexcept { return datagrams_.empty(); }
  std::size_t size() const noexcept { return datagrams_.size(); }
  const QueuedDatagram& operator[](std::size_t index) const { return datagrams_[index]; }
  // bytes are those of `count` datagrams that lie side by side, valid until the first is popped.
  ByteView bytes(std::size_t index, std::size_t count = 1) const {
    const QueuedDatagram &first = datagrams_[index], &last = datagrams_[index + count - 1];
    return {memory_.get() + first.offset, last.offset + last.size - first.offset};
  }
  // run counts the datagrams from `index` on that can leave as one message: for one place, with one mark, side by side,
  // of one size but for a shorter last one; at most `max_datagrams` and `max_bytes`, but at least one.
  std::size_t run(std::size_t index, std::size_t max_datagrams, std::size_t max_bytes) const;

 private:
  // place finds room for `size` bytes behind the last datagram, or at the start again; kNowhere when there is none.
  std::size_t place(std::size_t size) const noexcept;
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  boost::circular_buffer<QueuedDatagram> datagrams_;
  std::unique_ptr<std::byte[]> memory_;
  std::size_t capacity_;
};

}  // namespace quicket
