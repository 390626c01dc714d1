#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <quicket/plugin/waiter.hpp>

#include "core/carrier/host_table.hpp"
#include "plugins/bluetooth/spool.hpp"
#include "plugins/bluetooth/spool_reader.hpp"
#include "plugins/bluetooth/spool_writer.hpp"
#include "tests/core/base/temporary_folder.hpp"
#include "tests/core/carrier/host.hpp"

namespace quicket {

// What the tests of the bluetooth carrier's parts share.

inline plugin::Octets octets_of(ByteView bytes) { return {octets(bytes), octets(bytes) + bytes.size()}; }
inline plugin::Octets octets_of(std::string_view text) { return {text.begin(), text.end()}; }

// small_offer is 300 bytes that look like a sealed offer.
inline plugin::Octets small_offer(unsigned seed = 1) { return octets_of(sealed_offer(300, seed)); }

inline void put_file(const std::filesystem::path& file, std::string_view content) {
  std::ofstream(file, std::ios::binary) << content;
}

inline std::chrono::sys_seconds wall_time() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// OfferList is a host that keeps the offers it gets.
struct OfferList {
  plugin::OnOffer on_offer() {
    const auto keep = [](void* self, const std::uint8_t* offer, std::size_t size) {
      auto& list = *static_cast<OfferList*>(self);
      list.offers.emplace_back(offer, offer + size);
      return list.verdict;
    };
    return {keep, this};
  }

  int verdict = QUICKET_OFFER_ACCEPTED;
  std::vector<plugin::Octets> offers;
};

// InASpool has a spool in a folder of its own, and a host.
class InASpool : public testing::Test {
 protected:
  void write(const plugin::Octets& offer) { plugin::write_offer(spool_, offer, waiter_, 0); }
  // take_all gives all offers that wait, as another reader hands them on each time, and its host's verdict.
  std::vector<plugin::Octets> take_all(int verdict = QUICKET_OFFER_ACCEPTED) {
    plugin::SpoolReader reader(spool_, host_);
    OfferList offers{.verdict = verdict};
    while (reader.hand_on(offers.on_offer()) == plugin::SpoolReader::Outcome::kHandedOn) {
    }
    return offers.offers;
  }
  std::size_t count(const char* part) const {
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path_ / part)) ++files;
    return files;
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "spool";
  TestLog log_;
  HostTable table_{"bluetooth", real_services(&log_)};
  plugin::Host host_{table_.table()};
  plugin::Waiter waiter_{host_};
  plugin::Spool spool_{path_.string()};
};

}  // namespace quicket
