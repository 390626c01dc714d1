#include "relay/mailbox/mailboxes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace quicket::relay {
namespace {

using namespace std::chrono_literals;
using enum Mailboxes::Refusal;

constexpr TimePoint kStart{1h};
constexpr MailboxLimits kSmall{.offer_bytes = 100, .per_recipient = 4, .per_sender = 6, .bytes = 10'000, .keep = 60s};

PeerId peer(int number) { return PeerId(PeerId::Key{std::byte(number)}); }
Address sender(int number) { return Address::parse("192.0.2." + std::to_string(number) + ":0").value(); }
ByteView offer(std::string_view text) { return as_bytes(text); }

std::string oldest(const Mailboxes& boxes, const PeerId& of) {
  const auto* message = boxes.oldest(of);
  return message == nullptr ? "(none)" : std::string(as_text(message->offer));
}

TEST(Mailboxes, KeepOffersInOrderUntilTheyAreAcknowledged) {
  Mailboxes boxes(kSmall);
  EXPECT_FALSE(boxes.store(peer(1), sender(1), offer("one"), 1h, kStart));
  EXPECT_FALSE(boxes.store(peer(1), sender(1), offer("two"), 1h, kStart));
  EXPECT_FALSE(boxes.store(peer(2), sender(1), offer("another's"), 1h, kStart));
  EXPECT_EQ(oldest(boxes, peer(1)), "one");
  EXPECT_EQ(oldest(boxes, peer(1)), "one");
  boxes.acknowledge(peer(1), boxes.oldest(peer(1))->id);
  EXPECT_EQ(oldest(boxes, peer(1)), "two");
  boxes.acknowledge(peer(1), boxes.oldest(peer(1))->id);
  EXPECT_EQ(oldest(boxes, peer(1)), "(none)");
  EXPECT_EQ(oldest(boxes, peer(2)), "another's");
}

TEST(Mailboxes, ForgetNothingByAnIdOfAnotherMailbox) {
  Mailboxes boxes(kSmall);
  EXPECT_FALSE(boxes.store(peer(1), sender(1), offer("one"), 1h, kStart));
  const auto id = boxes.oldest(peer(1))->id;
  boxes.acknowledge(peer(2), id);
  boxes.acknowledge(peer(1), id + 1);
  EXPECT_EQ(oldest(boxes, peer(1)), "one");
}

TEST(Mailboxes, ForgetWhatIsTooOld) {
  Mailboxes boxes(kSmall);
  EXPECT_FALSE(boxes.store(peer(1), sender(1), offer("long"), 1h, kStart));
  EXPECT_FALSE(boxes.store(peer(1), sender(1), offer("short"), 5s, kStart));
  EXPECT_EQ(boxes.deadline(), kStart + 5s);
  boxes.expire(kStart + 5s);
  EXPECT_EQ(boxes.messages(), 1u);
  EXPECT_EQ(boxes.deadline(), kStart + kSmall.keep);
  boxes.expire(kStart + kSmall.keep);
  EXPECT_EQ(boxes.messages(), 0u);
  EXPECT_EQ(boxes.bytes(), 0u);
  EXPECT_EQ(boxes.deadline(), std::nullopt);
}

TEST(Mailboxes, BoundWhatOneSenderHasInAll) {
  Mailboxes boxes(kSmall);
  for (int box = 0; box < 6; ++box) EXPECT_FALSE(boxes.store(peer(box), sender(1), offer("x"), 1h, kStart));
  EXPECT_EQ(boxes.store(peer(7), sender(1), offer("x"), 1h, kStart), kSenderHoldsTooMany);
  EXPECT_FALSE(boxes.store(peer(7), sender(2), offer("x"), 1h, kStart));
  boxes.acknowledge(peer(0), boxes.oldest(peer(0))->id);
  EXPECT_FALSE(boxes.store(peer(7), sender(1), offer("x"), 1h, kStart));
}

TEST(Mailboxes, MakeRoomAtTheCostOfWhoeverHasMostInIt) {
  Mailboxes boxes(kSmall);
  EXPECT_FALSE(boxes.store(peer(1), sender(2), offer("honest"), 1h, kStart));
  for (const auto* text : {"junk 1", "junk 2", "junk 3"})
    EXPECT_FALSE(boxes.store(peer(1), sender(1), offer(text), 1h, kStart));
  EXPECT_EQ(boxes.store(peer(1), sender(1), offer("junk 4"), 1h, kStart), kFull);
  EXPECT_FALSE(boxes.store(peer(1), sender(3), offer("late"), 1h, kStart));
  EXPECT_EQ(boxes.counters().displaced, 1u);
  std::string kept;
  while (const auto* message = boxes.oldest(peer(1))) {
    kept += std::string(as_text(message->offer)) + ", ";
    boxes.acknowledge(peer(1), message->id);
  }
  EXPECT_EQ(kept, "honest, junk 2, junk 3, late, ");
}

TEST(Mailboxes, BoundTheirMemory) {
  Mailboxes boxes(kSmall);
  const std::string large(100, 'x');
  std::size_t stored = 0;
  while (!boxes.store(peer(static_cast<int>(stored)), sender(static_cast<int>(stored) % 200), offer(large), 1h, kStart))
    ++stored;
  EXPECT_EQ(stored, kSmall.bytes / (large.size() + Mailboxes::kOverhead));
  EXPECT_LE(boxes.bytes(), kSmall.bytes);
}

TEST(Mailboxes, StayConsistentThroughRandomOperations) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  Mailboxes boxes(kSmall);
  TimePoint now = kStart;
  for (int step = 0; step < 20'000; ++step) {
    const PeerId owner = peer(static_cast<int>(random() % 5));
    switch (random() % 4) {
      case 0:
        now += std::chrono::milliseconds(random() % 2'000);
        boxes.expire(now);
        break;
      case 1:
        if (const auto* message = boxes.oldest(owner)) boxes.acknowledge(owner, message->id);
        break;
      default:
        boxes.store(owner, sender(static_cast<int>(random() % 9)), offer(std::string(random() % 100, 'x')),
                    std::chrono::seconds(1 + random() % 100), now);
    }
    const auto& c = boxes.counters();
    ASSERT_EQ(boxes.messages(), c.stored - c.acknowledged - c.expired - c.displaced);
    ASSERT_LE(boxes.messages(), 5 * kSmall.per_recipient);
    ASSERT_LE(boxes.bytes(), kSmall.bytes);
    if (const auto* message = boxes.oldest(owner)) {
      ASSERT_GT(message->until, now);
    }
  }
  boxes.expire(now + kSmall.keep);
  EXPECT_EQ(boxes.messages(), 0u);
  EXPECT_EQ(boxes.bytes(), 0u);
}

}  // namespace
}  // namespace quicket::relay
