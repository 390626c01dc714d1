#pragma once

#include <optional>
#include <string>

#include <quicket/carrier_plugin.hpp>

#include "plugins/bluetooth/spool.hpp"

namespace quicket::plugin {

// SpoolReader takes offers out of a spool. Of any number of readers, in any number of processes, one gets each offer,
// once: whoever renames its file from new to cur. A reader that dies before that leaves the file for the next one.
// Both arguments are borrowed.
class SpoolReader {
 public:
  SpoolReader(const Spool& spool, const Host& host) : spool_(spool), host_(host) {}

  // take claims the next offer, oldest first. Nothing when none waits. Files that hold no offer are put aside into cur,
  // and the log names them. Throws Failed.
  std::optional<Octets> take();
  // forget lets the same offer come in again: for one that the host refused.
  void forget(OctetView offer) const noexcept;

 private:
  std::optional<Octets> take(const std::string& name);
  std::optional<Octets> read(const std::string& name);
  void put_aside(const std::string& name, const std::string& why);
  void complain(const std::string& name, const std::string& why);

  const Spool& spool_;
  const Host& host_;
  std::size_t complaints_ = 0;
};

}  // namespace quicket::plugin
