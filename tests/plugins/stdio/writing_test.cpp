#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>

#include "tests/plugins/stdio/stdio.hpp"

namespace quicket {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const Bytes kOffer = sealed_offer(300);

Outcome<> deliver(const CarrierOptions& options, const Bytes& offer = kOffer) {
  return stdio(options).deliver({.offer = offer}, in_a_minute());
}

TEST(StdioOut, WritesOneLine) {
  const TemporaryFolder folder;
  ASSERT_TRUE(deliver({{"out", folder / "offer"}}));
  EXPECT_EQ(read_file(folder / "offer"), offer_to_json(kOffer) + "\n");
  ASSERT_TRUE(deliver({{"out", folder / "offer"}, {"form", "uri"}}));
  EXPECT_EQ(read_file(folder / "offer"), offer_to_uri(kOffer) + "\n");
  ASSERT_TRUE(deliver({{"out", folder / "offer"}, {"form", "binary"}}));
  EXPECT_EQ(read_file(folder / "offer"), as_text(kOffer));
}

TEST(StdioOut, KeepsAFileToItsOwnerAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  write_file(folder / "offer", "old");
  std::filesystem::permissions(folder / "offer", std::filesystem::perms(0666));
  ASSERT_TRUE(deliver({{"out", folder / "offer"}}));
  EXPECT_EQ(std::filesystem::status(folder / "offer").permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(StdioOut, ReplacesTheFileBehindASymbolicLink) {
  const TemporaryFolder folder;
  write_file(folder / "real", "old");
  std::filesystem::create_symlink("real", folder / "link");
  ASSERT_TRUE(deliver({{"out", folder / "link"}}));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "real"), offer_to_json(kOffer) + "\n");
}

TEST(StdioOut, AppendsToAFileThatTheShellOpened) {
  const TemporaryFolder folder;
  write_file(folder / "log", "before\n");
  const Descriptor file(::open((folder / "log").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  ASSERT_TRUE(deliver({{"out", fd_option(file)}}));
  EXPECT_EQ(read_file(folder / "log"), "before\n" + offer_to_json(kOffer) + "\n");
}

TEST(StdioOut, SaysThatADiskIsFull) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full on this host";
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  for (const std::string& out : {std::string("/dev/full"), fd_option(full)}) {
    const auto delivered = deliver({{"out", out}});
    ASSERT_FALSE(delivered);
    EXPECT_EQ(delivered.error().code, Errc::kCarrierFailed);
    EXPECT_THAT(delivered.error().detail, HasSubstr("No space left on device"));
  }
}

// FileLimit stands for a disk that fills up in the middle: no file may grow beyond `bytes` while it lives.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;
  ~FileLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

TEST(StdioOut, LeavesTheOldFileAndNoPartOfTheNewOneWhenTheDiskFillsUp) {
  const TemporaryFolder folder;
  write_file(folder / "offer", "old");
  Outcome<> delivered;
  {
    const FileLimit limit(100);
    delivered = deliver({{"out", folder / "offer"}});
  }
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error().code, Errc::kCarrierFailed);
  EXPECT_EQ(read_file(folder / "offer"), "old");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(StdioOut, TakesBackHalfALineFromAFileThatTheShellOpened) {
  const TemporaryFolder folder;
  write_file(folder / "log", "before\n");
  const Descriptor file(::open((folder / "log").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  Outcome<> delivered;
  {
    const FileLimit limit(100);
    delivered = deliver({{"out", fd_option(file)}});
  }
  EXPECT_FALSE(delivered);
  EXPECT_EQ(read_file(folder / "log"), "before\n");
}

TEST(StdioOut, NamesAPlaceThatItCannotWriteTo) {
  const TemporaryFolder folder;
  for (const std::filesystem::path& path : {folder / "none" / "offer", folder.path()}) {
    const auto delivered = deliver({{"out", path}});
    ASSERT_FALSE(delivered);
    EXPECT_EQ(delivered.error().code, Errc::kCarrierFailed);
    EXPECT_THAT(delivered.error().detail, HasSubstr(path.string()));
  }
}

TEST(StdioOut, SurvivesAReaderThatLeft) {
  UnixPipe pipe;
  pipe.out.reset();
  const auto delivered = deliver({{"out", fd_option(pipe.in)}});
  ASSERT_FALSE(delivered);
  EXPECT_THAT(delivered.error().detail, HasSubstr("Broken pipe"));
}

TEST(StdioOut, LeavesNoSignalBehind) {
  UnixPipe pipe;
  pipe.out.reset();
  ASSERT_FALSE(deliver({{"out", fd_option(pipe.in)}}));
  sigset_t pending, blocked;
  ::sigpending(&pending);
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
  EXPECT_EQ(::sigismember(&blocked, SIGPIPE), 0);
}

TEST(StdioOut, RefusesAnOfferThatIsTooLarge) {
  const TemporaryFolder folder;
  const auto delivered = deliver({{"out", folder / "offer"}}, sealed_offer(kMaxOffer + 1));
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error().code, Errc::kOfferTooLarge);
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(StdioOut, RefusesAnEmptyOffer) {
  const TemporaryFolder folder;
  EXPECT_FALSE(deliver({{"out", folder / "offer"}}, {}));
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(StdioOut, WritesNothingAfterItsDeadline) {
  const TemporaryFolder folder;
  const auto delivered = stdio({{"out", folder / "offer"}}).deliver({.offer = kOffer}, boot_time() - 1s);
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error().code, Errc::kDialDeadline);
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(StdioOut, WaitsForTheReaderOfAFifo) {
  const TemporaryFolder folder;
  make_fifo(folder / "fifo");
  auto delivered = deliver_in_background(stdio({{"out", folder / "fifo"}}), kOffer);
  EXPECT_THAT(receive_all(stdio({{"in", folder / "fifo"}})).offers, ElementsAre(kOffer));
  EXPECT_TRUE(delivered.get());
}

TEST(StdioOut, GivesUpAtItsDeadlineWhenAFifoHasNoReader) {
  const TemporaryFolder folder;
  make_fifo(folder / "fifo");
  const auto delivered = stdio({{"out", folder / "fifo"}}).deliver({.offer = kOffer}, boot_time() + 30ms);
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error().code, Errc::kDialDeadline);
}

TEST(StdioOut, IsCancelledWhileAFifoHasNoReader) {
  const TemporaryFolder folder;
  make_fifo(folder / "fifo");
  const Carrier carrier = stdio({{"out", folder / "fifo"}});
  auto delivered = deliver_in_background(carrier, kOffer);
  carrier.cancel();
  EXPECT_EQ(delivered.get().error().code, Errc::kCancelled);
}

TEST(StdioOut, IsCancelledWhileAPipeIsFull) {
  UnixPipe pipe;
  ASSERT_GT(::fcntl(pipe.in.fd(), F_SETPIPE_SZ, 4'096), 0);
  const Carrier carrier = stdio({{"out", fd_option(pipe.in)}});
  auto delivered = deliver_in_background(carrier, sealed_offer(60'000));
  std::array<char, 1> first;
  ASSERT_EQ(::read(pipe.out.fd(), first.data(), 1), 1);  // it has begun to write
  carrier.cancel();
  EXPECT_EQ(delivered.get().error().code, Errc::kCancelled);
}

TEST(StdioOut, EndsASecondDeliveryThatWaitsForTheFirst) {
  UnixPipe pipe;
  ASSERT_GT(::fcntl(pipe.in.fd(), F_SETPIPE_SZ, 4'096), 0);
  const Carrier carrier = stdio({{"out", fd_option(pipe.in)}});
  auto first = deliver_in_background(carrier, sealed_offer(60'000));
  std::array<char, 1> byte;
  ASSERT_EQ(::read(pipe.out.fd(), byte.data(), 1), 1);
  EXPECT_EQ(carrier.deliver({.offer = kOffer}, boot_time() + 20ms).error().code, Errc::kDialDeadline);
  carrier.cancel();
  first.get();
}

}  // namespace
}  // namespace quicket
