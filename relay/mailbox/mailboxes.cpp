#include "relay/mailbox/mailboxes.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace quicket::relay {

std::optional<Mailboxes::Refusal> Mailboxes::store(const PeerId& recipient, const Address& sender, ByteView offer,
                                                   Duration keep, TimePoint now) {
  BOOST_ASSERT(offer.size() <= limits_.offer_bytes);
  const auto refuse = [this](Refusal why) {
    ++counters_.refused;
    return why;
  };
  expire(now);
  const auto held = held_.find(sender);
  if (held != held_.end() && held->second >= limits_.per_sender) return refuse(Refusal::kSenderHoldsTooMany);
  if (bytes_ + offer.size() + kOverhead > limits_.bytes) return refuse(Refusal::kFull);
  if (!make_room(recipient, sender)) return refuse(Refusal::kFull);

  const TimePoint until = now + std::min(keep, limits_.keep);
  boxes_[recipient].push_back({++last_, to_bytes(offer), sender, until});
  ends_.emplace(std::pair(until, last_), recipient);
  ++held_[sender];
  bytes_ += offer.size() + kOverhead;
  ++counters_.stored;
  return std::nullopt;
}

const Mailboxes::Message* Mailboxes::oldest(const PeerId& recipient) const {
  const auto box = boxes_.find(recipient);
  return box == boxes_.end() ? nullptr : &box->second.front();
}

void Mailboxes::acknowledge(const PeerId& recipient, MessageId id) {
  const auto box = boxes_.find(recipient);
  if (box == boxes_.end()) return;
  const auto message = std::ranges::find(box->second, id, &Message::id);
  if (message == box->second.end()) return;
  ++counters_.acknowledged;
  erase(box, message);
}

std::optional<TimePoint> Mailboxes::deadline() const {
  if (ends_.empty()) return std::nullopt;
  return ends_.begin()->first.first;
}

void Mailboxes::expire(TimePoint now) {
  while (!ends_.empty() && ends_.begin()->first.first <= now) {
    const auto box = boxes_.find(ends_.begin()->second);
    ++counters_.expired;
    erase(box, std::ranges::find(box->second, ends_.begin()->first.second, &Message::id));
  }
}

bool Mailboxes::make_room(const PeerId& recipient, const Address& sender) {
  const auto box = boxes_.find(recipient);
  if (box == boxes_.end() || box->second.size() < limits_.per_recipient) return true;
  const auto share = [&](const Address& one) { return std::ranges::count(box->second, one, &Message::sender); };
  const auto greediest = std::ranges::max_element(
      box->second, {}, [&](const Message& message) { return share(message.sender); });  // the oldest of theirs
  if (share(greediest->sender) <= share(sender)) return false;
  ++counters_.displaced;
  erase(box, greediest);
  return true;
}

void Mailboxes::erase(Boxes::iterator box, Box::iterator message) {
  ends_.erase({message->until, message->id});
  bytes_ -= message->offer.size() + kOverhead;
  const auto held = held_.find(message->sender);
  if (--held->second == 0) held_.erase(held);
  box->second.erase(message);
  if (box->second.empty()) boxes_.erase(box);
}

}  // namespace quicket::relay
