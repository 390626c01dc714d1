#pragma once

#include <quicket/bytes.hpp>

#include <string>

#include "core/base/hash.hpp"

namespace quicket {

// Wiped wipes a borrowed buffer that holds a secret when it goes out of scope. The buffer must not move until then.
class Wiped {
 public:
  explicit Wiped(MutableByteView secret) noexcept : secret_(secret) {}
  explicit Wiped(std::string& secret) noexcept : Wiped(std::as_writable_bytes(std::span(secret))) {}
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { wipe(secret_); }

 private:
  MutableByteView secret_;
};

}  // namespace quicket
