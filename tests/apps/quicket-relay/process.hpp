#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/descriptor.hpp"

namespace quicket::relayd::test {

using namespace std::chrono_literals;

// Process is a program that runs beside the test, which reads what it writes to standard output and error.
class Process {
 public:
  Process(const std::string& program, std::vector<std::string> arguments, std::vector<std::string> environment) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    output_ = Descriptor(ends[0]);
    const Descriptor input(ends[1]);

    arguments.insert(arguments.begin(), program);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input.fd(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, input.fd(), STDERR_FILENO);
    const int failed = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, pointers(arguments).data(),
                                     pointers(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot run " + program);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (status_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  void signal(int number) { ::kill(pid_, number); }

  // find reads on until the output holds a match, and gives its first group; nothing when there will be none.
  std::optional<std::string> find(const std::string& pattern) {
    const std::regex expression(pattern);
    std::smatch match;
    while (!std::regex_search(text_, match, expression)) {
      if (!read_more()) return std::nullopt;
    }
    return match[match.size() > 1 ? 1 : 0].str();
  }

  // status waits for the end of the program, and gives its exit status; -1 when a signal ended it.
  int status() {
    while (!status_ && read_more()) continue;
    if (!status_) {
      int raw = 0;
      ::waitpid(pid_, &raw, 0);
      status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
    }
    return *status_;
  }

  const std::string& text() const { return text_; }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

  // read_more waits for more output; false at its end, or when none comes for long.
  bool read_more() {
    pollfd wait{.fd = output_.fd(), .events = POLLIN, .revents = 0};
    constexpr auto kPatience = std::chrono::milliseconds(20s);
    if (::poll(&wait, 1, static_cast<int>(kPatience.count())) <= 0) return false;
    std::array<char, 4096> more;
    const ssize_t size = ::read(output_.fd(), more.data(), more.size());
    if (size <= 0) return false;
    text_.append(more.data(), static_cast<std::size_t>(size));
    return true;
  }

  pid_t pid_ = -1;
  Descriptor output_;
  std::string text_;
  std::optional<int> status_;
};

}  // namespace quicket::relayd::test
