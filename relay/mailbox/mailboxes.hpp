#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/peer_id.hpp>
#include <quicket/time.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace quicket::relay {

struct MailboxLimits {
  std::size_t offer_bytes = 32 * 1024;       // one message; as JSON it fits a request
  std::size_t per_recipient = 16;            // messages
  std::size_t per_sender = 64;               // messages of one client, in all mailboxes
  std::size_t bytes = 64 * 1024 * 1024;      // of all messages, with kOverhead for each
  Duration keep = std::chrono::minutes(15);  // as long as offers are valid by default
};

// Mailboxes keep offers for peers that are not there yet: each until it is acknowledged or too old. A mailbox exists
// while something is in it. No I/O, no clock; thread safety: none.
//
// A full mailbox makes room at the cost of the client that has most in it, so that nobody shuts another out alone.
class Mailboxes {
 public:
  static constexpr std::size_t kOverhead = 256;  // bytes of memory that a message takes besides its offer

  using MessageId = std::uint64_t;
  struct Message {
    MessageId id;
    Bytes offer;
    Address sender;  // a quota_address()
    TimePoint until;
  };
  enum class Refusal { kSenderHoldsTooMany, kFull };
  struct Counters {
    std::uint64_t stored = 0, acknowledged = 0, expired = 0;
    std::uint64_t displaced = 0;  // made room for another sender's
    std::uint64_t refused = 0;
  };

  explicit Mailboxes(MailboxLimits limits) : limits_(limits) {}

  // store keeps an offer, of at most limits().offer_bytes, until `now` + `keep`, or as long as the limits allow.
  std::optional<Refusal> store(const PeerId& recipient, const Address& sender, ByteView offer, Duration keep,
                               TimePoint now);
  // oldest is valid until the mailbox changes; nullptr: it is empty.
  const Message* oldest(const PeerId& recipient) const;
  // acknowledge forgets a message; one that is not there is no error.
  void acknowledge(const PeerId& recipient, MessageId id);

  std::optional<TimePoint> deadline() const;
  // expire forgets what is too old.
  void expire(TimePoint now);

  // set_limits holds for all that is left from now on; what is here stays.
  void set_limits(MailboxLimits limits) { limits_ = limits; }
  const MailboxLimits& limits() const noexcept { return limits_; }
  std::size_t messages() const noexcept { return ends_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }
  const Counters& counters() const noexcept { return counters_; }

 private:
  using Box = std::vector<Message>;
  using Boxes = std::map<PeerId, Box>;

  bool make_room(const PeerId& recipient, const Address& sender);
  void erase(Boxes::iterator box, Box::iterator message);

  MailboxLimits limits_;
  Boxes boxes_;
  std::map<Address, std::size_t> held_;                     // messages by sender
  std::map<std::pair<TimePoint, MessageId>, PeerId> ends_;  // when each message is too old
  std::size_t bytes_ = 0;
  MessageId last_ = 0;
  Counters counters_;
};

}  // namespace quicket::relay
