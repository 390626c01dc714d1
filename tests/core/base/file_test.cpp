#include "core/base/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <thread>

#include "core/base/file_lock.hpp"
#include "tests/core/base/temporary_folder.hpp"

namespace quicket {
namespace {

namespace errc = boost::system::errc;
namespace fs = std::filesystem;

mode_t mode_of(const fs::path& file) {
  struct stat facts {};
  return ::stat(file.c_str(), &facts) == 0 ? facts.st_mode & 07777 : 0;
}

std::string text_of(const fs::path& file) { return std::string(as_text(read_file(file, 1 << 20).value())); }

TEST(ReadFile, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  for (const std::size_t size : {0u, 1u, 16'384u, 16'385u, 100'000u}) {
    const Bytes content(size, std::byte{42});
    ASSERT_TRUE(write_file_atomically(folder / "file", content, 0600).has_value());
    EXPECT_EQ(read_file(folder / "file", size).value(), content);
  }
}

TEST(ReadFile, RefusesAFileOverTheLimit) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomically(folder / "file", Bytes(101), 0600).has_value());
  EXPECT_EQ(read_file(folder / "file", 100).error(), Errc::kTooLarge);
  EXPECT_EQ(read_file(folder / "file", 0).error(), Errc::kTooLarge);
  EXPECT_EQ(read_file("/dev/zero", 100'000).error(), Errc::kTooLarge);
}

TEST(ReadFile, ReportsTheSystemsError) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_file(folder / "none", 1).error(), errc::no_such_file_or_directory);
  EXPECT_EQ(read_file(folder.path(), 1).error(), errc::is_a_directory);
}

TEST(ReadPrivateFile, RefusesAFileThatOthersMayTouch) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomically(folder / "key", as_bytes("k"), 0600).has_value());
  EXPECT_TRUE(read_private_file(folder / "key", 10).has_value());
  for (const mode_t mode : {0640u, 0620u, 0610u, 0604u, 0602u, 0601u, 0644u}) {
    ASSERT_EQ(::chmod((folder / "key").c_str(), mode), 0);
    EXPECT_EQ(read_private_file(folder / "key", 10).error(), Errc::kKeyFileExposed) << std::oct << mode;
  }
}

TEST(ReadPrivateFile, AdvisesNobodyToCloseAFolderOrADevice) {
  const TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  EXPECT_EQ(read_private_file(folder.path(), 10).error(), errc::is_a_directory);
  EXPECT_TRUE(read_private_file("/dev/null", 10).value().empty());
}

TEST(WriteFileAtomically, ReplacesTheContentAndTakesTheMode) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomically(folder / "file", as_bytes("old and long"), 0600).has_value());
  ASSERT_TRUE(write_file_atomically(folder / "file", as_bytes("new"), 0400).has_value());
  EXPECT_EQ(text_of(folder / "file"), "new");
  EXPECT_EQ(mode_of(folder / "file"), 0400u);
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(WriteFileAtomically, ReplacesALinkInsteadOfWritingThroughIt) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomically(folder / "target", as_bytes("untouched"), 0600).has_value());
  fs::create_symlink(folder / "target", folder / "link");
  ASSERT_TRUE(write_file_atomically(folder / "link", as_bytes("new"), 0600).has_value());
  EXPECT_EQ(text_of(folder / "target"), "untouched");
  EXPECT_EQ(text_of(folder / "link"), "new");
}

TEST(WriteFileAtomically, WritesIntoTheCurrentFolderByABareName) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const auto written = write_file_atomically("bare", as_bytes("x"), 0600);
  fs::current_path(before);
  EXPECT_TRUE(written.has_value());
  EXPECT_EQ(text_of(folder / "bare"), "x");
}

TEST(WriteFileAtomically, ReportsAMissingFolderAndAFolderInTheWay) {
  const TemporaryFolder folder;
  EXPECT_EQ(write_file_atomically(folder / "none" / "file", {}, 0600).error(), errc::no_such_file_or_directory);
  EXPECT_TRUE(write_file_atomically(folder.path(), {}, 0600).has_error());
  EXPECT_EQ(folder.entries(), 0u);
}

// FileSizeLimit makes writes fail behind `bytes`, as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  sighandler_t handler_;
  rlimit before_{};
};

TEST(WriteFileAtomically, KeepsTheOldFileAndLeavesNothingBehindWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file_atomically(folder / "file", as_bytes("old"), 0600).has_value());
  Result<void> replaced, created;
  {
    const FileSizeLimit limit(1000);
    replaced = write_file_atomically(folder / "file", Bytes(1001), 0600);
    created = write_new_file(folder / "new", Bytes(1001), 0600);
  }
  EXPECT_EQ(replaced.error(), errc::file_too_large);
  EXPECT_EQ(created.error(), errc::file_too_large);
  EXPECT_EQ(text_of(folder / "file"), "old");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(WriteNewFile, NeverOverwrites) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_new_file(folder / "file", as_bytes("first"), 0600).has_value());
  EXPECT_EQ(write_new_file(folder / "file", as_bytes("second"), 0600).error(), errc::file_exists);
  fs::create_symlink(folder / "nowhere", folder / "dangling");
  EXPECT_EQ(write_new_file(folder / "dangling", as_bytes("second"), 0600).error(), errc::file_exists);
  EXPECT_EQ(text_of(folder / "file"), "first");
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(WriteNewFile, LetsOneOfManyWritersSucceed) {
  const TemporaryFolder folder;
  std::array<bool, 8> succeeded{};
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < succeeded.size(); ++i) {
    writers.emplace_back(
        [&, i] { succeeded[i] = write_new_file(folder / "file", Bytes(100, std::byte(i)), 0600).has_value(); });
  }
  for (std::thread& writer : writers) writer.join();
  ASSERT_EQ(std::ranges::count(succeeded, true), 1);
  const auto winner = static_cast<std::uint8_t>(std::ranges::find(succeeded, true) - succeeded.begin());
  EXPECT_EQ(read_file(folder / "file", 100).value(), Bytes(100, std::byte{winner}));
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(MakePrivateFolders, MakesEachMissingFolderForTheOwnerOnly) {
  const TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  ASSERT_TRUE(make_private_folders(folder / "a/b/../b/c/").has_value());
  for (const char* made : {"a", "a/b", "a/b/c"}) EXPECT_EQ(mode_of(folder / made), 0700u) << made;
  EXPECT_EQ(mode_of(folder.path()), 0755u);
  EXPECT_TRUE(make_private_folders(folder / "a/b/c").has_value());
  EXPECT_TRUE(make_private_folders("").has_value());
}

TEST(MakePrivateFolders, ReportsAFileInTheWay) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_new_file(folder / "file", {}, 0600).has_value());
  EXPECT_EQ(make_private_folders(folder / "file").error(), errc::not_a_directory);
  EXPECT_EQ(make_private_folders(folder / "file" / "below").error(), errc::not_a_directory);
}

bool is_locked(std::filesystem::path file) {
  file += ".lock";
  const Descriptor open(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  return ::flock(open.fd(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

TEST(FileLock, IsHeldByOneAtATime) {
  const TemporaryFolder folder;
  {
    const auto lock = FileLock::acquire(folder / "file");
    ASSERT_TRUE(lock.has_value());
    EXPECT_TRUE(is_locked(folder / "file"));
    EXPECT_FALSE(is_locked(folder / "other"));
  }
  EXPECT_FALSE(is_locked(folder / "file"));
}

TEST(FileLock, MovesWithItsOwner) {
  const TemporaryFolder folder;
  auto lock = FileLock::acquire(folder / "file");
  ASSERT_TRUE(lock.has_value());
  {
    const FileLock moved = std::move(*lock);
    EXPECT_TRUE(is_locked(folder / "file"));
  }
  EXPECT_FALSE(is_locked(folder / "file"));
}

TEST(FileLock, SerializesThoseWhoWait) {
  const TemporaryFolder folder;
  std::atomic<int> counter = 0;  // read and written apart: only the lock makes that one step
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        const auto lock = FileLock::acquire(folder / "file");
        if (lock.has_value()) counter.store(counter.load() + 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 400);
}

TEST(FileLock, ReportsAMissingFolderAndALinkInItsPlace) {
  const TemporaryFolder folder;
  EXPECT_EQ(FileLock::acquire(folder / "none/file").error(), errc::no_such_file_or_directory);
  fs::create_symlink(folder / "elsewhere", folder / "file.lock");
  EXPECT_EQ(FileLock::acquire(folder / "file").error(), errc::too_many_symbolic_link_levels);
}

}  // namespace
}  // namespace quicket
