#include <fstream>

#include <quicket/conformance/suite.hpp>

#include "tests/core/base/temporary_folder.hpp"

namespace quicket::conformance {
namespace {

class SpoolChannel : public Channel {
 public:
  Options deliver_options() override { return {{"out", spool_}}; }
  Options receive_options() override {
    Options options{{"in", spool_}};
    for (const char* part : {"", "tmp", "new", "cur"}) {
      const auto path = std::filesystem::path(spool_) / part;
      std::filesystem::create_directory(path);
      std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    return options;
  }
  void inject(std::span<const std::uint8_t> bytes) override {
    const std::filesystem::path file = folder_ / "message.txt";
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
    std::filesystem::rename(file, std::filesystem::path(spool_) / "new" / "message.txt");
  }

 private:
  TemporaryFolder folder_;
  std::string spool_ = folder_ / "spool";
};

Subject spool() {
  return {.name = "Spool",
          .plugin = QUICKET_TEST_CARRIERS "/quicket-carrier-bluetooth.so",
          .make_channel = [] { return std::make_unique<SpoolChannel>(); },
          .acknowledges = true};
}

}  // namespace

QUICKET_CARRIER_CONFORMANCE(std::vector{spool()});

}  // namespace quicket::conformance
