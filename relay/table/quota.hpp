#pragma once

#include <quicket/address.hpp>

#include "relay/table/keyed_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>

namespace quicket::relay {

// Share is what one client holds, or what a request adds to that.
struct Share {
  std::size_t registrations = 0;
  std::uint64_t ids = 0;
};

// Quota counts what each client holds; see quota_address(). It remembers only clients that hold something.
class Quota {
 public:
  // fits says whether `client` holds at most `most` with so much more. Who wants nothing more of a kind may keep all.
  bool fits(const Address& client, Share more, Share most) const;
  void add(const Address& client, Share more);
  // remove takes back what add() gave.
  void remove(const Address& client, Share less);

  Share held(const Address& client) const;
  std::size_t clients() const noexcept { return clients_.size(); }

 private:
  boost::unordered_flat_map<Address, Share, KeyedHash> clients_;
};

}  // namespace quicket::relay
