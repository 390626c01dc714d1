#pragma once

#include <map>
#include <string>
#include <vector>

#include "plugins/qr/picture.hpp"

namespace quicket::plugin {

// CodeSearch looks for QR codes in one picture, in one manner after the other, from what usually helps to what rarely
// does: as it is, inverted, sharpened; in its own size, smaller, and larger. The picture is borrowed.
class CodeSearch {
 public:
  explicit CodeSearch(const Picture& picture) : picture_(picture) {}

  // How many manners there are.
  static std::size_t manners();
  // search tries one manner, from 0 to manners() - 1, and gives what the codes that it finds hold: each at most a few
  // kilobytes, of any bytes. Takes milliseconds for a small picture, some tenths of a second for one of 8 million
  // pixels; of larger ones only smaller copies are searched.
  std::vector<std::string> search(std::size_t number);

 private:
  const Picture& in_size(double factor);

  const Picture& picture_;
  std::map<double, Picture> sizes_;  // that were needed so far, by factor
};

}  // namespace quicket::plugin
