#include "core/base/fifo.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <utility>

namespace quicket {
namespace {

TEST(Fifo, GivesBackInOrderWhatItWasGiven) {
  std::mt19937 random(1);
  Fifo<int> fifo;
  std::deque<int> model;
  for (int i = 0; i < 10'000; ++i) {
    const bool grows = random() % 100 < (i / 1'000 % 2 == 0 ? 60 : 40);
    if (grows) {
      fifo.push_back(i);
      model.push_back(i);
    } else if (!model.empty()) {
      ASSERT_EQ(fifo.take_front(), model.front());
      model.pop_front();
    }
    ASSERT_EQ(fifo.size(), model.size());
    ASSERT_EQ(fifo.empty(), model.empty());
    if (model.empty()) continue;
    const std::size_t some = random() % model.size();
    ASSERT_EQ(fifo[some], model[some]);
    ASSERT_EQ(fifo.back(), model.back());
  }
}

TEST(Fifo, LetsGoOfAnElementThatWasPopped) {
  const auto shared = std::make_shared<int>();
  Fifo<std::shared_ptr<int>> fifo;
  for (int i = 0; i < 3; ++i) fifo.push_back(shared);
  fifo.pop_front();
  EXPECT_EQ(shared.use_count(), 3);
}

TEST(Fifo, IsEmptyAndUsableAfterItWasMovedFrom) {
  Fifo<int> fifo;
  for (int i = 0; i < 3; ++i) fifo.push_back(i);
  fifo.pop_front();
  const Fifo<int> other = std::exchange(fifo, {});
  EXPECT_EQ(other.size(), 2u);
  EXPECT_TRUE(fifo.empty());
  fifo.push_back(7);
  EXPECT_EQ(fifo.front(), 7);
}

TEST(Fifo, ErasesWhatIsUnwantedAmongWhatIsLeft) {
  Fifo<int> fifo;
  for (int i = 0; i < 6; ++i) fifo.push_back(i);
  fifo.pop_front();
  fifo.erase_if([](int i) { return i % 2 != 0; });
  EXPECT_EQ(fifo.size(), 2u);
  EXPECT_EQ(fifo.take_front(), 2);
  EXPECT_EQ(fifo.take_front(), 4);
}

}  // namespace
}  // namespace quicket
