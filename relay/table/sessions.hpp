#pragma once

#include "relay/table/key.hpp"
#include "relay/table/keyed_hash.hpp"
#include "relay/table/route.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <optional>

namespace quicket::relay {

// Sessions pairs registrations. A session has two places. A key that takes one keeps it, even while its registration
// has ended, until the session ends: that is when neither key has a registration any more. So nobody can take an absent
// party's place.
class Sessions {
 public:
  // Standing is what a key would be in a session.
  enum class Standing {
    kFirst,   // there is no such session: the key would open it
    kSecond,  // one place is free
    kMember,  // the key has a place
    kThird,   // both places belong to others
  };

  explicit Sessions(std::size_t most) : most_(most) { sessions_.reserve(most); }

  Standing standing(const SessionId& id, const RegistrationKey& key) const;
  bool is_full() const noexcept { return sessions_.size() >= most_; }  // for another session

  // enter notes the registration of a key that is not kThird.
  void enter(const SessionId& id, const RegistrationKey& key, Slot slot);
  // leave notes its end; the session's with the last.
  void leave(const SessionId& id, const RegistrationKey& key);
  // partner is the registration of the session's other key; nullopt when there is none.
  std::optional<Slot> partner(const SessionId& id, const RegistrationKey& key) const;

  std::size_t size() const noexcept { return sessions_.size(); }

 private:
  struct Place {
    std::optional<RegistrationKey> key;
    std::optional<Slot> registration;
  };
  using Places = std::array<Place, 2>;

  std::size_t most_;
  boost::unordered_flat_map<SessionId, Places, KeyedHash> sessions_;
};

}  // namespace quicket::relay
