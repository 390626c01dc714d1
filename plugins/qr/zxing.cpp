#include "plugins/qr/zxing.hpp"

#define ZX_USE_UTF8  // 1.4: text() as it is from 2.0 on
#if __has_include(<ReaderOptions.h>)
#include <ReaderOptions.h>
#endif
#include <ReadBarcode.h>

#include <exception>

namespace quicket::plugin {

namespace {

#if __has_include(<ReaderOptions.h>)  // from 2.2 on: Debian 13
using ReaderOptions = ZXing::ReaderOptions;
ReaderOptions version_options() { return ReaderOptions().setTryInvert(false); }
#else  // Debian 12
using ReaderOptions = ZXing::DecodeHints;
ReaderOptions version_options() { return {}; }
#endif

constexpr int kMostCodes = 16;  // in one picture

}  // namespace

std::vector<std::string> read_codes(const Picture& picture, Threshold threshold) {
  ReaderOptions options = version_options();
  options.setFormats(ZXing::BarcodeFormat::QRCode);
  options.setBinarizer(threshold == Threshold::kLocal ? ZXing::Binarizer::LocalAverage
                                                      : ZXing::Binarizer::GlobalHistogram);
  // QR codes are found in any orientation. Sizes are the caller's to choose.
  options.setTryHarder(true).setTryRotate(false).setTryDownscale(false).setMaxNumberOfSymbols(kMostCodes);
  std::vector<std::string> codes;
  try {
    const ZXing::ImageView view(picture.pixels.data(), picture.width, picture.height, ZXing::ImageFormat::Lum);
    for (const auto& result : ZXing::ReadBarcodes(view, options)) {
      if (result.isValid()) codes.emplace_back(result.bytes().begin(), result.bytes().end());
    }
  } catch (const std::exception&) {
    codes.clear();  // the library met with what it did not expect: such a picture shows no code
  }
  return codes;
}

}  // namespace quicket::plugin
