#pragma once

#include <optional>
#include <string_view>

#include <quicket/carrier_plugin.hpp>

namespace quicket::plugin {

constexpr std::size_t kMaxSpoolFile = 192 * 1'024;  // bytes: 64 KiB take about 160 KiB of digits

// is_spool_file_name: NAME.qkt, and NAME.txt for text from elsewhere, in any case. All other files are left alone.
bool is_spool_file_name(std::string_view name);

// offer_of_file finds the offer in a file: its bytes as they are; or a text that is an offer in any text form, or that
// holds the URI of one among other words. Whether the bytes are a good offer is for the host to say. Nothing when there
// is none.
std::optional<Octets> offer_of_file(OctetView content, const Host& host);

}  // namespace quicket::plugin
