#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>

namespace quicket {

constexpr std::chrono::seconds kPatience{20};  // no test waits that long unless it fails

// Pipe carries lines between carriers, tells the hanging plugin when to return, or a test when its instance was closed.
class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_) != 0) throw std::system_error(errno, std::generic_category());
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    end();
  }
  // out and in are the descriptors to read from and to write to.
  std::string out() const { return std::to_string(ends_[0]); }
  std::string in() const { return std::to_string(ends_[1]); }
  void write(std::string_view text = "x") const {
    ASSERT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void end() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  // read waits for a byte and takes it.
  void read() const {
    char byte = 0;
    ASSERT_TRUE(readable(kPatience));
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
