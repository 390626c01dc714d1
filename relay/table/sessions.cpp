#include "relay/table/sessions.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace quicket::relay {

Sessions::Standing Sessions::standing(const SessionId& id, const RegistrationKey& key) const {
  const auto session = sessions_.find(id);
  if (session == sessions_.end()) return Standing::kFirst;
  const auto& [first, second] = session->second;
  if (first.key == key || second.key == key) return Standing::kMember;
  return first.key && second.key ? Standing::kThird : Standing::kSecond;
}

void Sessions::enter(const SessionId& id, const RegistrationKey& key, Slot slot) {
  Places& places = sessions_[id];
  auto place = std::ranges::find(places, key, &Place::key);
  if (place == places.end()) place = std::ranges::find_if(places, [](const Place& one) { return !one.key; });
  BOOST_ASSERT(place != places.end());
  *place = {key, slot};
}

void Sessions::leave(const SessionId& id, const RegistrationKey& key) {
  const auto session = sessions_.find(id);
  BOOST_ASSERT(session != sessions_.end());
  Places& places = session->second;
  const auto place = std::ranges::find(places, key, &Place::key);
  BOOST_ASSERT(place != places.end());
  place->registration.reset();
  if (std::ranges::none_of(places, [](const Place& one) { return one.registration.has_value(); }))
    sessions_.erase(session);
}

std::optional<Slot> Sessions::partner(const SessionId& id, const RegistrationKey& key) const {
  const auto session = sessions_.find(id);
  if (session == sessions_.end()) return std::nullopt;
  const Places& places = session->second;
  if (places[0].key == key) return places[1].registration;
  if (places[1].key == key) return places[0].registration;
  return std::nullopt;
}

}  // namespace quicket::relay
