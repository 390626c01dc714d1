#pragma once

#include <quicket/carrier.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <future>
#include <sstream>

#include "core/base/descriptor.hpp"
#include "tests/core/base/temporary_folder.hpp"
#include "tests/core/carrier/host.hpp"

namespace quicket {

// What the tests of the stdio carrier share. The carrier is the built plugin, loaded as the program does.

inline Outcome<Carrier> try_stdio(const CarrierOptions& options, TestLog* log = nullptr) {
  const CarrierLibrary library({.install_dir = QUICKET_TEST_CARRIERS}, real_services(log));
  return library.open({.name = "stdio", .options = options});
}

inline Carrier stdio(const CarrierOptions& options, TestLog* log = nullptr) { return try_stdio(options, log).value(); }

inline TimePoint in_a_minute() { return boot_time() + std::chrono::minutes(1); }

// Received is all that one receive gave.
struct Received {
  std::vector<Bytes> offers;
  Outcome<> ended;
};

inline Received receive_all(const Carrier& carrier, std::optional<TimePoint> deadline = in_a_minute()) {
  Received received;
  received.ended = carrier.receive(deadline, [&](ByteView offer) {
    received.offers.push_back(to_bytes(offer));
    return OfferVerdict::kAccepted;
  });
  return received;
}

inline std::future<Received> receive_in_background(const Carrier& carrier) {
  return std::async(std::launch::async, [carrier] { return receive_all(carrier); });
}

inline std::future<Outcome<>> deliver_in_background(const Carrier& carrier, Bytes offer) {
  return std::async(std::launch::async,
                    [carrier, offer = std::move(offer)] { return carrier.deliver({.offer = offer}, in_a_minute()); });
}

inline void write_file(const std::filesystem::path& file, std::string_view content) {
  std::ofstream(file, std::ios::binary) << content;
}

inline std::string read_file(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

inline void make_fifo(const std::filesystem::path& path) { ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0); }

// UnixPipe is a pipe as a shell makes it: blocking.
struct UnixPipe {
  UnixPipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category());
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }
  Descriptor out, in;
};

inline std::string fd_option(const Descriptor& descriptor) { return "fd:" + std::to_string(descriptor.fd()); }

}  // namespace quicket
