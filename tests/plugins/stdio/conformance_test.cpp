#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include <quicket/conformance/suite.hpp>
#include <quicket/plugin/descriptor.hpp>

#include "tests/core/base/temporary_folder.hpp"

namespace quicket::conformance {
namespace {

// FileChannel is a file that each offer replaces.
class FileChannel : public Channel {
 public:
  explicit FileChannel(std::string form) : form_(std::move(form)) { inject({}); }

  Options deliver_options() override { return {{"out", file_}, {"form", form_}}; }
  Options receive_options() override { return {{"in", file_}}; }
  void inject(std::span<const std::uint8_t> bytes) override {
    std::ofstream(file_, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  }

 private:
  TemporaryFolder folder_;
  std::string file_ = folder_ / "offer";
  std::string form_;
};

// FifoChannel is a named pipe that is kept open, so that one reader sees many writers.
class FifoChannel : public Channel {
 public:
  explicit FifoChannel(std::string form) : form_(std::move(form)) {}

  Options deliver_options() override { return {{"out", fifo_}, {"form", form_}}; }
  Options receive_options() override { return {{"in", fifo_}}; }
  void inject(std::span<const std::uint8_t> bytes) override {
    std::ofstream(fifo_, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  }
  void block() override {
    const std::array<char, 4'096> filling{};
    while (::write(kept_.fd(), filling.data(), filling.size()) > 0) {
    }
  }

 private:
  int open_fifo() const {
    EXPECT_EQ(::mkfifo(fifo_.c_str(), 0600), 0);
    return ::open(fifo_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  }

  TemporaryFolder folder_;
  std::string fifo_ = folder_ / "fifo";
  std::string form_;
  plugin::Descriptor kept_ = plugin::Descriptor::owned(open_fifo());
};

constexpr const char* kPlugin = QUICKET_TEST_CARRIERS "/quicket-carrier-stdio.so";

Subject file(const std::string& form) {
  return {.name = "File_" + form,
          .plugin = kPlugin,
          .make_channel = [form] { return std::make_unique<FileChannel>(form); },
          .receive_ends = true,
          .holds_one = true};
}

Subject fifo(const std::string& form) {
  return {.name = "Fifo_" + form,
          .plugin = kPlugin,
          .make_channel = [form] { return std::make_unique<FifoChannel>(form); },
          .blocks = true};
}

}  // namespace

QUICKET_CARRIER_CONFORMANCE(std::vector({file("json"), file("binary"), fifo("json"), fifo("uri"), fifo("digits")}));

}  // namespace quicket::conformance
