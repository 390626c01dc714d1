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

void write(const std::string& path, std::span<const std::uint8_t> bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

// FolderChannel is a watched folder, in which each code replaces the one before.
class FolderChannel : public Channel {
 public:
  Options deliver_options() override { return {{"out", folder_ / "code.png"}, {"scale", "3"}}; }
  Options receive_options() override { return {{"in", folder_.path()}}; }
  void inject(std::span<const std::uint8_t> bytes) override { write(folder_ / "photo.jpg", bytes); }

 private:
  TemporaryFolder folder_;
};

// StreamChannel is a named pipe that is kept open, with one picture after the other.
class StreamChannel : public Channel {
 public:
  Options deliver_options() override { return {{"out", fifo_}, {"form", "png"}, {"scale", "3"}}; }
  Options receive_options() override { return {{"in", fifo_}}; }
  void inject(std::span<const std::uint8_t> bytes) override { write(fifo_, bytes); }
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
  plugin::Descriptor kept_ = plugin::Descriptor::owned(open_fifo());
};

constexpr const char* kPlugin = QUICKET_TEST_CARRIERS "/quicket-carrier-qr.so";

const Subject kFolder{.name = "Folder",
                      .plugin = kPlugin,
                      .make_channel = [] { return std::make_unique<FolderChannel>(); },
                      .holds_one = true};
const Subject kStream{.name = "Stream",
                      .plugin = kPlugin,
                      .make_channel = [] { return std::make_unique<StreamChannel>(); },
                      .blocks = true};

}  // namespace

QUICKET_CARRIER_CONFORMANCE(std::vector({kFolder, kStream}));

}  // namespace quicket::conformance
