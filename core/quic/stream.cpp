#include "core/quic/stream.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cstring>

namespace quicket::quic {

void ByteQueue::append(ByteView bytes) {
  while (!bytes.empty()) {
    if (blocks_.empty() || blocks_.back().size() == blocks_.back().capacity()) {
      // Blocks grow with what waits already, so that neither a short message costs much memory nor a long one many
      // allocations.
      blocks_.push_back({});
      blocks_.back().reserve(std::clamp(std::max(bytes.size(), size_), kSmallestBlock, kLargestBlock));
    }
    Bytes& block = blocks_.back();
    const auto piece = bytes.first(std::min(bytes.size(), block.capacity() - block.size()));
    block.insert(block.end(), piece.begin(), piece.end());  // within the capacity: nothing moves
    size_ += piece.size();
    bytes = bytes.subspan(piece.size());
  }
}

void ByteQueue::pop(std::size_t count) {
  BOOST_ASSERT(count <= size_);
  size_ -= count;
  taken_ -= std::min(taken_, count);
  while (count > 0) {
    const std::size_t here = std::min(count, blocks_.front().size() - head_);
    head_ += here;
    count -= here;
    if (head_ < blocks_.front().size()) break;
    blocks_.pop_front();
    head_ = 0;
    if (next_block_ > 0) {
      --next_block_;
    } else {
      next_offset_ = 0;
    }
  }
}

std::size_t ByteQueue::copy_out(MutableByteView buffer) {
  std::size_t copied = 0;
  while (copied < buffer.size() && size_ > 0) {
    const ByteView block = ByteView(blocks_.front()).subspan(head_);
    const auto piece = block.first(std::min(block.size(), buffer.size() - copied));
    std::memcpy(buffer.data() + copied, piece.data(), piece.size());
    copied += piece.size();
    pop(piece.size());
  }
  return copied;
}

void ByteQueue::clear() {
  blocks_.clear();
  head_ = size_ = next_block_ = next_offset_ = taken_ = 0;
}

std::size_t ByteQueue::view(std::span<ngtcp2_vec> pieces, std::size_t enough) const {
  std::size_t filled = 0, offset = next_offset_;
  for (std::size_t i = next_block_; i < blocks_.size() && filled < pieces.size() && enough > 0; ++i) {
    const ByteView rest = ByteView(blocks_[i]).subspan(offset);
    offset = 0;
    if (rest.empty()) continue;
    pieces[filled++] = {const_cast<std::uint8_t*>(octets(rest)), rest.size()};
    enough -= std::min(enough, rest.size());
  }
  return filled;
}

void ByteQueue::take(std::size_t count) {
  BOOST_ASSERT(count <= size_ - taken_);
  taken_ += count;
  while (count > 0) {
    const std::size_t here = std::min(count, blocks_[next_block_].size() - next_offset_);
    next_offset_ += here;
    count -= here;
    if (count == 0) break;
    ++next_block_;
    next_offset_ = 0;
  }
}

}  // namespace quicket::quic
