#pragma once

#include <quicket/bytes.hpp>

#include "core/base/fifo.hpp"
#include "core/quic/types.hpp"

#include <array>
#include <cstdint>
#include <optional>

#include <ngtcp2/ngtcp2.h>

namespace quicket::quic {

// ByteQueue keeps bytes in blocks that never move: ngtcp2 borrows sent bytes until they are acknowledged.
// Who sends out of it takes bytes first, and pops them when they are acknowledged.
class ByteQueue {
 public:
  void append(ByteView bytes);
  // pop drops `count` bytes from the front.
  void pop(std::size_t count);
  // copy_out moves bytes from the front into `buffer` and says how many.
  std::size_t copy_out(MutableByteView buffer);
  std::size_t size() const noexcept { return size_; }
  void clear();

  // view fills `pieces` with the next bytes that were not taken: `enough` of them or more, unless there are fewer or
  // the pieces end. It says how many pieces it filled. The bytes stay put.
  std::size_t view(std::span<ngtcp2_vec> pieces, std::size_t enough) const;
  // take marks the next `count` bytes as taken; taken counts those that are, and were not popped.
  void take(std::size_t count);
  std::size_t taken() const noexcept { return taken_; }

 private:
  static constexpr std::size_t kSmallestBlock = 256, kLargestBlock = 16 * 1024;
  Fifo<Bytes> blocks_;
  std::size_t head_ = 0;  // bytes gone from the first block
  std::size_t size_ = 0;
  // Where the bytes that were not taken begin: in this block, or behind its end.
  std::size_t next_block_ = 0, next_offset_ = 0;
  std::size_t taken_ = 0;
};

// Stream is one stream's buffers and how far each side is.
struct Stream {
  // Sending: `unacknowledged` holds what was written and not acknowledged; what is taken of it went to ngtcp2.
  ByteQueue unacknowledged;
  bool fin_written = false;  // by the application
  bool fin_sent = false;     // to ngtcp2
  bool send_over = false;    // reset, stopped, or a receive-only stream: nothing can be written
  bool stopped = false;      // by the other side
  bool starved = false;      // write() took less than given: StreamWritable is due
  bool queued = false;       // stands in the list of streams that have something to send

  // Receiving.
  ByteQueue received;
  bool fin_received = false;
  bool fin_delivered = false;
  bool receive_over = false;           // stop_sending() here, or a send-only stream
  std::optional<std::uint64_t> reset;  // the other side's RESET_STREAM code
  bool readable_signalled = false;     // StreamReadable is on its way or was not answered by read() yet

  bool closed = false;  // ngtcp2 has forgotten it; it goes when the received bytes were read

  std::size_t unsent() const noexcept { return unacknowledged.size() - unacknowledged.taken(); }
  bool has_something_to_send() const noexcept { return !send_over && (unsent() > 0 || (fin_written && !fin_sent)); }
};

}  // namespace quicket::quic
