#include "core/quic/answer_budget.hpp"

#include <algorithm>
#include <limits>

namespace quicket::quic {

void AnswerBudget::received(const Address& from, std::size_t bytes) {
  claimed_is_latest_ = !is_validated(from);
  if (!claimed_is_latest_) return;
  if (from != claimed_) left_ = 0;
  claimed_ = from;
  left_ += bytes;
}

void AnswerBudget::validated(const Address& address) {
  if (!is_validated(address)) validated_ = {address, validated_.front()};
  if (claimed_ != address) return;
  claimed_.reset();
  claimed_is_latest_ = false;
}

std::size_t AnswerBudget::room() const noexcept {
  return claimed_is_latest_ ? left_ : std::numeric_limits<std::size_t>::max();
}

bool AnswerBudget::take(const Address& to, std::size_t bytes) {
  if (is_validated(to)) return true;
  if (to != claimed_ || bytes > left_) return false;
  left_ -= bytes;
  return true;
}

bool AnswerBudget::is_validated(const Address& address) const noexcept {
  return std::ranges::find(validated_, address) != validated_.end();
}

}  // namespace quicket::quic
