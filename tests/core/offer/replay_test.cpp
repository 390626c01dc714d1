#include "core/offer/replay.hpp"

#include "core/base/file.hpp"
#include "core/offer/offer.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace quicket {
namespace {

using namespace std::chrono_literals;

constexpr UnixTime kNow{std::chrono::seconds(1'780'000'000)};
constexpr UnixTime kExpires = kNow + 1min;

OfferId id(std::uint32_t number) {
  OfferId id{};
  for (std::size_t i = 0; i < 4; ++i) id[i] = std::byte(static_cast<std::uint8_t>(number >> (24 - 8 * i)));
  return id;
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / "quicket-replay-XXXXXX") {
    std::string name = path_.string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path file() const { return path_ / "used-offers"; }

 private:
  std::filesystem::path path_;
};

// Every memory keeps the same rules.
template <class Memory>
struct Place;
template <>
struct Place<TransientReplayMemory> {
  TransientReplayMemory memory;
};
template <>
struct Place<FileReplayMemory> {
  Folder folder;
  FileReplayMemory memory{folder.file()};
};

template <class Memory>
class ReplayMemoryRules : public testing::Test {
 protected:
  Place<Memory> place_;
  ReplayMemory& memory() { return place_.memory; }
};
using Memories = testing::Types<TransientReplayMemory, FileReplayMemory>;
TYPED_TEST_SUITE(ReplayMemoryRules, Memories);

TYPED_TEST(ReplayMemoryRules, LetAnOfferBeUsedOnce) {
  EXPECT_TRUE(this->memory().claim(id(1), kExpires, kNow));
  EXPECT_EQ(this->memory().claim(id(1), kExpires, kNow).error().code, Errc::kOfferReplayed);
  EXPECT_TRUE(this->memory().claim(id(2), kExpires, kNow));
}

TYPED_TEST(ReplayMemoryRules, RememberUntilExpiryAndTolerance) {
  EXPECT_TRUE(this->memory().claim(id(1), kExpires, kNow));
  EXPECT_EQ(this->memory().claim(id(1), kExpires, kExpires + kClockTolerance).error().code, Errc::kOfferReplayed);
}

TYPED_TEST(ReplayMemoryRules, RefuseAnOfferThatIsTooOldToBeRemembered) {
  const UnixTime late = kExpires + kClockTolerance + 1s;
  EXPECT_EQ(this->memory().claim(id(1), kExpires, late).error().code, Errc::kOfferExpired);
}

TYPED_TEST(ReplayMemoryRules, RefuseAnOfferThatWouldHaveToBeRememberedForVeryLong) {
  const UnixTime latest = kNow + kLongestValidity + kClockTolerance;
  EXPECT_EQ(this->memory().claim(id(1), latest + 1s, kNow).error().code, Errc::kOfferMalformed);
  EXPECT_TRUE(this->memory().claim(id(1), latest, kNow));
}

TYPED_TEST(ReplayMemoryRules, RememberThoughTheClockGoesBack) {
  const UnixTime latest = kNow + kLongestValidity + kClockTolerance;
  EXPECT_TRUE(this->memory().claim(id(1), latest, kNow));
  EXPECT_TRUE(this->memory().claim(id(2), kNow, kNow - 24h));
  EXPECT_EQ(this->memory().claim(id(1), latest, kNow).error().code, Errc::kOfferReplayed);
}

TEST(ReplayMemory, ForgetsWhatHasExpired) {
  TransientReplayMemory memory;
  EXPECT_TRUE(memory.claim(id(1), kExpires, kNow));
  EXPECT_TRUE(memory.claim(id(2), kExpires + 1h, kExpires + kClockTolerance + 1s));
  EXPECT_EQ(memory.size(), 1u);
}

TEST(ReplayMemory, RefusesWhenItIsFullAndForgetsNothing) {
  TransientReplayMemory memory;
  ReplayEntries entries;
  for (std::uint32_t number = 0; number < ReplayMemory::kMaxEntries; ++number) entries.emplace(id(number), kExpires);
  const std::uint32_t next = ReplayMemory::kMaxEntries;
  EXPECT_EQ(claim_entry(entries, id(next), kExpires, kNow).error(), Errc::kReplayMemoryFull);
  EXPECT_EQ(claim_entry(entries, id(0), kExpires, kNow).error(), Errc::kOfferReplayed);
  EXPECT_EQ(entries.size(), ReplayMemory::kMaxEntries);
  EXPECT_TRUE(claim_entry(entries, id(next), kExpires + 1h, kExpires + kClockTolerance + 1s));
}

TEST(FileReplayMemory, IsSeenByAnotherObject) {
  const Folder folder;
  EXPECT_TRUE(FileReplayMemory(folder.file()).claim(id(1), kExpires, kNow));
  EXPECT_EQ(FileReplayMemory(folder.file()).claim(id(1), kExpires, kNow).error().code, Errc::kOfferReplayed);
}

TEST(FileReplayMemory, IsSeenByAnotherProcess) {
  const Folder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(FileReplayMemory(folder.file()).claim(id(1), kExpires, kNow) ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(FileReplayMemory(folder.file()).claim(id(1), kExpires, kNow).error().code, Errc::kOfferReplayed);
}

TEST(FileReplayMemory, GivesAnOfferToOneOfManyAtOnce) {
  const Folder folder;
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      FileReplayMemory memory(folder.file());
      for (std::uint32_t number = 0; number < 10; ++number) won += memory.claim(id(number), kExpires, kNow).has_value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 10);
}

TEST(FileReplayMemory, DropsWhatHasExpiredFromTheFile) {
  const Folder folder;
  FileReplayMemory memory(folder.file());
  for (std::uint32_t number = 0; number < 20; ++number) EXPECT_TRUE(memory.claim(id(number), kExpires, kNow));
  const auto before = std::filesystem::file_size(folder.file());
  EXPECT_TRUE(memory.claim(id(99), kExpires + 1h, kExpires + kClockTolerance + 1s));
  EXPECT_EQ(before - std::filesystem::file_size(folder.file()), 19u * 24);
}

TEST(FileReplayMemory, RefusesADamagedFileAndLeavesItAsItIs) {
  const Folder folder;
  FileReplayMemory memory(folder.file());
  EXPECT_TRUE(memory.claim(id(1), kExpires, kNow));
  const Bytes good = read_file(folder.file(), 1'000).value();
  const auto refused = [&](const Bytes& content) {
    EXPECT_TRUE(write_file_atomically(folder.file(), content, 0600));
    EXPECT_EQ(memory.claim(id(2), kExpires, kNow).error().code, Errc::kReplayMemoryDamaged);
    EXPECT_EQ(read_file(folder.file(), 10'000'000).value(), content);
  };
  for (std::size_t i = 0; i < good.size(); i += 7) {
    Bytes changed = good;
    changed[i] ^= std::byte{1};
    refused(changed);
  }
  refused({});
  refused(Bytes(good.begin(), good.end() - 1));
  refused(Bytes(good.begin(), good.end() - 24));
  refused(Bytes(3'000'000));
}

TEST(FileReplayMemory, ReportsAFolderThatIsMissing) {
  const Folder folder;
  FileReplayMemory memory(folder.file() / "none" / "file");
  EXPECT_EQ(memory.claim(id(1), kExpires, kNow).error().code, boost::system::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace quicket
