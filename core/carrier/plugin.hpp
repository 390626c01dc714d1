#pragma once

#include <quicket/carrier.h>
#include <quicket/carrier.hpp>

#include <filesystem>
#include <memory>

namespace quicket {

// Plugin is a loaded carrier library whose table and info were checked. It is unloaded with its last owner.
class Plugin {
 public:
  // load takes a file's path. Every Failure names the file. Errors: kCarrierNotFound, kCarrierBroken.
  static Outcome<std::shared_ptr<const Plugin>> load(const std::filesystem::path& file);

  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  ~Plugin();

  const CarrierInfo& info() const noexcept { return info_; }
  // table has every function that its capabilities call for.
  const quicket_carrier& table() const noexcept { return *table_; }

 private:
  explicit Plugin(void* library) noexcept : library_(library) {}

  void* library_;
  const quicket_carrier* table_ = nullptr;
  CarrierInfo info_;
};

// check_table copies what a table says of itself. The Failure has no file name: that is the caller's to add.
// Errors: kCarrierBroken.
Outcome<CarrierInfo> check_table(const quicket_carrier* table);

}  // namespace quicket
