#include "relay/table/quota.hpp"

#include <boost/assert.hpp>

namespace quicket::relay {

bool Quota::fits(const Address& client, Share more, Share most) const {
  const Share now = held(client);
  const auto fit = [](std::uint64_t held, std::uint64_t added, std::uint64_t bound) {
    return added == 0 || held + added <= bound;
  };
  return fit(now.registrations, more.registrations, most.registrations) && fit(now.ids, more.ids, most.ids);
}

void Quota::add(const Address& client, Share more) {
  Share& share = clients_[client];
  share.registrations += more.registrations;
  share.ids += more.ids;
}

void Quota::remove(const Address& client, Share less) {
  const auto found = clients_.find(client);
  BOOST_ASSERT(found != clients_.end());
  Share& share = found->second;
  BOOST_ASSERT(share.registrations >= less.registrations && share.ids >= less.ids);
  share.registrations -= less.registrations;
  share.ids -= less.ids;
  if (share.registrations == 0) clients_.erase(found);
}

Share Quota::held(const Address& client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? Share{} : found->second;
}

}  // namespace quicket::relay
