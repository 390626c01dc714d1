// A writer, and a reader, that are killed before and after each of their system calls: the only places where what other
// processes see can change.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>

#include "core/base/descriptor.hpp"
#include "tests/plugins/bluetooth/spools.hpp"

namespace quicket::plugin {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;

// kill_at runs `work` in a child process, and kills it at its stop number `stop`; each system call has one before it
// and one after it. True when the child came to its end before that.
bool kill_at(std::size_t stop, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(3);
    ::raise(SIGSTOP);
    work();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSTOPPED(status)) << "no child, or it may not be traced";
  if (!WIFSTOPPED(status)) return true;
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_EXITKILL);
  for (std::size_t i = 0; i < stop; ++i) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 0);
      return true;
    }
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  return false;
}

using Crash = InASpool;

TEST_F(Crash, OfAWriterLeavesAWholeOfferOrNone) {
  std::array<std::size_t, 2> seen{};  // how often none was there, and one
  bool ended = false;
  for (std::size_t stop = 0; !ended; ++stop) {
    const Octets offer = small_offer(static_cast<unsigned>(stop) + 1);
    ended = kill_at(stop, [&] { write(offer); });
    const auto first = take_all();
    ASSERT_THAT(first, AnyOf(IsEmpty(), ElementsAre(offer))) << "stop " << stop;
    ++seen[first.size()];
    write(offer);  // the user tries again
    ASSERT_EQ(take_all().size() + first.size(), 1u) << "stop " << stop;
  }
  RecordProperty("stops_without", static_cast<int>(seen[0]));
  RecordProperty("stops_with", static_cast<int>(seen[1]));
  std::printf("killed at %zu stops: %zu left no offer, %zu a whole one\n", seen[0] + seen[1], seen[0], seen[1]);
  EXPECT_GT(seen[0], 10u);
  EXPECT_GT(seen[1], 2u);
  spool_.sweep(wall_time() + 2 * Spool::kUnfinished);
  EXPECT_EQ(count("tmp"), 0u);
}

TEST_F(Crash, OfAReaderLosesNoOffer) {
  std::size_t unread = 0, handed_on = 0, twice = 0;
  bool ended = false;
  for (std::size_t stop = 0; !ended; ++stop) {
    const Octets offer = small_offer(static_cast<unsigned>(stop) + 1);
    write(offer);
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    const Descriptor out = Descriptor::owned(ends[0]), in = Descriptor::owned(ends[1]);
    ended = kill_at(stop, [&] {
      const Spool spool(path_.string());  // locks are of who opened it
      SpoolReader reader(spool, host_);
      const auto to_host = [](void* host, const std::uint8_t* bytes, std::size_t size) {
        if (::write(*static_cast<const int*>(host), bytes, size) < 0) ::_exit(2);
        return int{QUICKET_OFFER_ACCEPTED};
      };
      int host = in.fd();
      while (reader.hand_on({to_host, &host}) == SpoolReader::Outcome::kHandedOn) {
      }
    });
    Octets handed(2 * offer.size());
    const ssize_t size = ::read(out.fd(), handed.data(), handed.size());
    handed.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    const auto next = take_all();
    ASSERT_THAT(handed, AnyOf(IsEmpty(), offer)) << "stop " << stop;
    ASSERT_THAT(next, AnyOf(IsEmpty(), ElementsAre(offer))) << "stop " << stop;
    ASSERT_FALSE(handed.empty() && next.empty()) << "lost, at stop " << stop;
    ++(handed.empty() ? unread : next.empty() ? handed_on : twice);
    ASSERT_EQ(count("new"), 0u);
  }
  std::printf("killed at %zu stops: %zu left the offer for the next reader, %zu had handed it on, %zu came twice\n",
              unread + handed_on + twice, unread, handed_on, twice);
  EXPECT_GT(unread, 10u);
  EXPECT_GT(handed_on, 2u);
  EXPECT_LE(twice, 6u);  // between the host's verdict and the note
}

}  // namespace
}  // namespace quicket::plugin
