// A file of the bluetooth carrier's spool. Whatever it holds, an offer that is found in it has a size that a carrier
// may hand on, and is found again in its own text form among other words.
#include "plugins/bluetooth/spool_file.hpp"
#include "core/carrier/host_table.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <string>

namespace quicket::plugin {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const HostTable table("bluetooth", {.now = [] { return TimePoint(); }});
  const Host host(table.table());
  const Octets content(data, data + size);  // in memory of its own size
  const auto offer = offer_of_file(content, host);
  FUZZ_CHECK(offer == offer_of_file(content, host));
  if (!offer) return 0;
  FUZZ_CHECK(!offer->empty() && offer->size() <= 65'536 && offer->size() <= size);
  if (const auto uri = host.to_text(QUICKET_TEXT_URI, *offer); uri && host.from_text(*uri)) {
    const std::string text = "quicket: here\n" + *uri + "\tit is";
    FUZZ_CHECK(offer_of_file(Octets(text.begin(), text.end()), host) == offer);
  }
  return 0;
}

}  // namespace quicket::plugin
