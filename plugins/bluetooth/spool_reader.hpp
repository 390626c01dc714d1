#pragma once

#include <optional>
#include <string>

#include <quicket/carrier_plugin.hpp>

#include "plugins/bluetooth/spool.hpp"

namespace quicket::plugin {

// SpoolReader hands the offers of a spool to a host. Any number of readers in any number of processes may share a
// spool: one at a time reads, under a lock of cur that ends with its process, and notes in cur what it has handed on,
// by an empty file with the offer's name. So each offer is handed on once, and one whose reader died comes to the next
// one: a second time only when it died between the host's verdict and the note. Both arguments are borrowed.
class SpoolReader {
 public:
  enum class Outcome {
    kHandedOn,
    kNothingWaits,
    kOthersTurn,  // another reader is just handing one on
  };

  SpoolReader(const Spool& spool, const Host& host) : spool_(spool), host_(host) {}

  // hand_on gives the next offer to the host, oldest first. One that the host refuses may come in again. Files that
  // hold no offer are put aside into cur, and the log names them. Throws Failed.
  Outcome hand_on(const OnOffer& on_offer);

 private:
  struct File;

  std::optional<File> open(const std::string& name);
  std::optional<Octets> read(const File& file);
  bool is_noted(const std::string& note) const noexcept;
  void note(const std::string& note) const;
  void remove(const File& file) const noexcept;
  void put_aside(const std::string& name, const std::string& why);
  void complain(const std::string& name, const std::string& why);

  const Spool& spool_;
  const Host& host_;
  std::size_t complaints_ = 0;
};

}  // namespace quicket::plugin
