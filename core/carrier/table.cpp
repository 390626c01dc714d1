#include <algorithm>
#include <cstddef>

#include "core/carrier/plugin.hpp"
#include "core/carrier/printable.hpp"

namespace quicket {

namespace {

// What version 1 of the ABI has, however much is appended to the structs later.
constexpr std::size_t kTableSize = offsetof(quicket_carrier, close) + sizeof(quicket_carrier::close);
constexpr std::size_t kInfoSize =
    offsetof(quicket_carrier_info, option_count) + sizeof(quicket_carrier_info::option_count);

constexpr std::size_t kMaxName = 32;
constexpr std::size_t kMaxText = 256;  // bytes of a summary or an option's meaning
constexpr std::size_t kMaxOptions = 64;

Failure broken(std::string detail) { return {make_error_code(Errc::kCarrierBroken), std::move(detail)}; }

bool is_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string small(const char* what, std::size_t size, std::size_t least) {
  return std::string(what) + " is too small: struct_size " + std::to_string(size) + ", at least " +
         std::to_string(least);
}

Outcome<std::vector<CarrierInfo::Option>> check_options(const quicket_carrier_info& info) {
  if (info.option_count > kMaxOptions) return broken("its info has more than 64 options");
  if (info.option_count > 0 && info.options == nullptr) return broken("its info has options, but null for them");
  std::vector<CarrierInfo::Option> options;
  for (std::size_t i = 0; i < info.option_count; ++i) {
    const auto key = bounded_text(info.options[i].key, kMaxName);
    const auto meaning = bounded_text(info.options[i].value, kMaxText);
    if (!key || !meaning)
      return broken("option " + std::to_string(i) + " of its info is null, too long or not terminated");
    options.push_back({*key, printable_text(meaning->c_str(), kMaxText)});
  }
  return options;
}

Outcome<CarrierInfo> check_info(const quicket_carrier_info* info) {
  if (info == nullptr) return broken("its table has no info");
  if (info->struct_size < kInfoSize) return broken(small("its info", info->struct_size, kInfoSize));
  const auto name = bounded_text(info->name, kMaxName);
  if (!name || !is_name(*name)) return broken("its name is null, too long or not made of a-z 0-9 -");
  const auto summary = bounded_text(info->summary, kMaxText);
  if (!summary) return broken("its summary is null, longer than 256 bytes or not terminated");
  auto options = check_options(*info);
  if (!options) return options.error();

  const auto has = [&](quicket_carrier_capability one) { return (info->capabilities & one) != 0; };
  CarrierInfo checked{.name = *name, .summary = printable_text(summary->c_str(), kMaxText)};
  checked.can_deliver = has(QUICKET_CARRIER_CAN_DELIVER);
  checked.can_receive = has(QUICKET_CARRIER_CAN_RECEIVE);
  checked.authenticates = has(QUICKET_CARRIER_AUTHENTICATES);
  checked.hides = has(QUICKET_CARRIER_HIDES);
  checked.by_hand = has(QUICKET_CARRIER_BY_HAND);
  checked.max_offer = info->max_offer == 0 ? kMaxOffer : std::min(info->max_offer, kMaxOffer);
  checked.typical_latency = std::chrono::milliseconds(info->typical_latency_ms);
  checked.options = std::move(*options);
  if (!checked.can_deliver && !checked.can_receive) return broken("it can neither deliver nor receive");
  return checked;
}

}  // namespace

Outcome<CarrierInfo> check_table(const quicket_carrier* table) {
  if (table == nullptr) return broken("it does not support version 1 of the carrier ABI");
  if (table->abi_version != QUICKET_CARRIER_ABI_VERSION) {
    return broken("it has version " + std::to_string(table->abi_version) +
                  " of the carrier ABI, this program version 1");
  }
  if (table->struct_size < kTableSize) return broken(small("its table", table->struct_size, kTableSize));
  auto info = check_info(table->info);
  if (!info) return info;
  if (table->open == nullptr) return broken("its table has no open");
  if (table->cancel == nullptr) return broken("its table has no cancel");
  if (table->close == nullptr) return broken("its table has no close");
  if (info->can_deliver && table->deliver == nullptr) return broken("it can deliver, but its table has no deliver");
  if (info->can_receive && table->receive == nullptr) return broken("it can receive, but its table has no receive");
  return info;
}

}  // namespace quicket
