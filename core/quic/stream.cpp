#include "core/quic/stream.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace quicket::quic {

void ByteQueue::append(ByteView bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    if (blocks_.empty() || blocks_.back().size() == blocks_.back().capacity()) {
      blocks_.emplace_back().reserve(std::max(std::size_t{256}, std::min(kBlock, bytes.size())));
    }
    Bytes& block = blocks_.back();
    const auto piece = bytes.first(std::min(bytes.size(), block.capacity() - block.size()));
    block.insert(block.end(), piece.begin(), piece.end());  // within the capacity: nothing moves
    bytes = bytes.subspan(piece.size());
  }
}

void ByteQueue::pop(std::size_t count) {
  BOOST_ASSERT(count <= size_);
  size_ -= count;
  while (count > 0) {
    const std::size_t here = std::min(count, blocks_.front().size() - head_);
    head_ += here;
    count -= here;
    if (head_ < blocks_.front().size()) break;
    blocks_.pop_front();
    head_ = 0;
  }
}

std::size_t ByteQueue::copy_out(MutableByteView buffer) {
  std::size_t copied = 0;
  while (copied < buffer.size() && size_ > 0) {
    const ByteView block = ByteView(blocks_.front()).subspan(head_);
    const auto piece = block.first(std::min(block.size(), buffer.size() - copied));
    std::ranges::copy(piece, buffer.begin() + static_cast<std::ptrdiff_t>(copied));
    copied += piece.size();
    pop(piece.size());
  }
  return copied;
}

void ByteQueue::clear() {
  blocks_.clear();
  head_ = size_ = 0;
}

std::size_t ByteQueue::view(std::size_t skip, std::span<ngtcp2_vec> pieces) const {
  std::size_t filled = 0;
  skip += head_;
  for (const Bytes& block : blocks_) {
    if (filled == pieces.size()) break;
    if (skip >= block.size()) {
      skip -= block.size();
      continue;
    }
    const ByteView rest = ByteView(block).subspan(skip);
    pieces[filled++] = {const_cast<std::uint8_t*>(octets(rest)), rest.size()};
    skip = 0;
  }
  return filled;
}

}  // namespace quicket::quic
