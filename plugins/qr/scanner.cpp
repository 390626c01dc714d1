#include "plugins/qr/scanner.hpp"

#include <algorithm>
#include <utility>

#include "plugins/qr/code_search.hpp"

namespace quicket::plugin {

namespace {

constexpr std::size_t kMannersOfLittle = 3;      // for one picture, besides the first: the pictures take turns at them
constexpr std::size_t kMannersAfterSuccess = 6;  // that a second code in the same picture is looked for in
constexpr std::size_t kMostSeen = 64;            // codes that are known again

}  // namespace

void Scanner::begin() {
  pictures_ = codes_ = offers_ = 0;
  last_.reset();
  why_.clear();
}

void Scanner::scan(const Frame& frame, Effort effort) {
  Decoded decoded = decode(frame);
  if (!decoded.picture) {
    why_ = std::move(decoded.problem);
    return;
  }
  ++pictures_;
  search(*decoded.picture, effort);
  if (effort == Effort::kLittle) last_ = std::move(decoded.picture);
}

void Scanner::finish() {
  if (last_ && codes_ == 0) search(*last_, Effort::kAll);
}

void Scanner::search(const Picture& picture, Effort effort) {
  CodeSearch codes(picture);
  const bool all = effort == Effort::kAll;
  std::size_t left = all ? CodeSearch::manners() : 1 + kMannersOfLittle;
  for (std::size_t manner = 0; left > 0; --left) {
    waiter_.pause(0, deadline_);
    for (const std::string& code : codes.search(manner)) {
      if (take(code)) left = std::min(left, kMannersAfterSuccess);
    }
    manner = all ? manner + 1 : std::exchange(next_manner_, next_manner_ % (CodeSearch::manners() - 1) + 1);
  }
}

// take hands a code on, unless it did so before. True when it is an offer.
bool Scanner::take(const std::string& code) {
  const auto offer = host_.from_text(code);
  ++codes_;
  if (offer) ++offers_;
  if (std::ranges::find(seen_, code) == seen_.end()) {
    seen_.push_back(code);
    if (seen_.size() > kMostSeen) seen_.pop_front();
    if (offer) on_offer_(*offer);
  }
  return offer.has_value();
}

}  // namespace quicket::plugin
