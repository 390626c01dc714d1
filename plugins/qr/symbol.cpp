#include "plugins/qr/symbol.hpp"

#include <qrcodegen.hpp>

#include <stdexcept>
#include <utility>

namespace quicket::plugin {

std::optional<Symbol> Symbol::encode(const std::string& text) {
  constexpr std::size_t kPrefix = 9;  // "QUICKET:/"
  if (text.size() < kPrefix) return std::nullopt;
  const std::string prefix = text.substr(0, kPrefix), digits = text.substr(kPrefix);
  using qrcodegen::QrCode;
  using qrcodegen::QrSegment;
  if (!QrSegment::isAlphanumeric(prefix.c_str()) || !QrSegment::isNumeric(digits.c_str())) return std::nullopt;
  try {
    const std::vector<QrSegment> segments{QrSegment::makeAlphanumeric(prefix.c_str()),
                                          QrSegment::makeNumeric(digits.c_str())};
    const QrCode code = QrCode::encodeSegments(segments, QrCode::Ecc::LOW, 1, 40, -1, false);
    std::vector<bool> modules;
    const auto size = static_cast<std::size_t>(code.getSize());
    modules.reserve(size * size);
    for (int y = 0; y < code.getSize(); ++y) {
      for (int x = 0; x < code.getSize(); ++x) modules.push_back(code.getModule(x, y));
    }
    return Symbol(code.getSize(), std::move(modules));
  } catch (const std::length_error&) {  // more than version 40 holds
    return std::nullopt;
  }
}

bool Symbol::is_dark(int x, int y) const noexcept {
  return x >= 0 && y >= 0 && x < size_ && y < size_ &&
         modules_[static_cast<std::size_t>(y) * static_cast<std::size_t>(size_) + static_cast<std::size_t>(x)];
}

}  // namespace quicket::plugin
