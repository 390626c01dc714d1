#include "apps/quicket/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 forgets to say so itself
}

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/base/descriptor.hpp"

namespace quicket::cli {

namespace {

error_code last_error() { return {errno, boost::system::system_category()}; }

// FileActions owns what posix_spawn takes.
struct FileActions {
  FileActions() { ::posix_spawn_file_actions_init(&actions); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions); }
  posix_spawn_file_actions_t actions;
};

// Pipe is a pipe that no other child inherits.
struct Pipe {
  Descriptor read, write;
};

Result<Pipe> open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return last_error();
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<pid_t> spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments, int output) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  FileActions actions;
  ::posix_spawn_file_actions_addopen(&actions.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions.actions, output, STDOUT_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, program.c_str(), &actions.actions, nullptr, pointers.data(), environ);
  if (failed != 0) return error_code(failed, boost::system::system_category());
  return child;
}

// read_available takes what is in the pipe; false at its end.
bool read_available(int fd, std::string& output, std::size_t max_output) {
  std::array<char, 4'096> piece{};
  for (;;) {
    const ssize_t size = ::read(fd, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size < 0 && errno == EAGAIN;
    output.append(piece.data(), std::min(static_cast<std::size_t>(size), max_output - output.size()));
  }
}

}  // namespace

Result<ChildEnd> run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           std::chrono::milliseconds patience, std::size_t max_output) {
  using Clock = std::chrono::steady_clock;
  auto pipe = open_pipe();
  if (!pipe) return pipe.error();
  const auto child = spawn(program, arguments, pipe->write.fd());
  if (!child) return child.error();
  pipe->write.reset();
  const Descriptor process(::pidfd_open(*child, 0));

  ChildEnd end;
  const auto give_up = Clock::now() + patience;
  for (bool running = true, open = true; running;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(give_up - Clock::now());
    end.late = left.count() <= 0 || !process;
    if (end.late) ::kill(*child, SIGKILL);
    std::array<pollfd, 2> waits{pollfd{process.fd(), POLLIN, 0}, pollfd{open ? pipe->read.fd() : -1, POLLIN, 0}};
    if (!end.late) ::poll(waits.data(), waits.size(), static_cast<int>(left.count()));
    running = !end.late && waits[0].revents == 0;
    if (open) open = read_available(pipe->read.fd(), end.output, max_output);
  }
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) end.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}

}  // namespace quicket::cli
