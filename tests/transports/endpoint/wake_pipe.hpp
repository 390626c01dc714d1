#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>

namespace quicket {

constexpr std::chrono::seconds kPatience{20};  // no test waits that long unless it fails

// Pipe tells the hanging plugin when to return, or a test when its instance was closed.
class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_) != 0) throw std::system_error(errno, std::generic_category());
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  std::string out() const { return std::to_string(ends_[0]); }
  std::string in() const { return std::to_string(ends_[1]); }
  void write() const { ASSERT_EQ(::write(ends_[1], "x", 1), 1); }
  void read() const {
    char byte = 0;
    ASSERT_EQ(::read(ends_[0], &byte, 1), 1);
  }
  bool readable(std::chrono::milliseconds wait) const {
    pollfd fd{.fd = ends_[0], .events = POLLIN};
    return ::poll(&fd, 1, static_cast<int>(wait.count())) == 1;
  }

 private:
  int ends_[2];
};

}  // namespace quicket
