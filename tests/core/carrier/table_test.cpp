#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

#include "core/carrier/plugin.hpp"
#include "tests/core/carrier/bad_plugins/good_table.hpp"

namespace quicket {
namespace {

using testing::HasSubstr;

struct Tables {
  std::vector<quicket_option> options{{"key", "meaning"}};
  quicket_carrier_info info = good_info("pigeon");
  quicket_carrier table = good_table(info);

  Tables() {
    info.options = options.data();
    info.option_count = options.size();
  }
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;
};

TEST(CheckTable, CopiesWhatAGoodPluginSays) {
  Tables good;
  good.info.capabilities = QUICKET_CARRIER_CAN_RECEIVE | QUICKET_CARRIER_HIDES | 1u << 31;
  good.info.typical_latency_ms = 1'500;
  const auto info = check_table(&good.table);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->name, "pigeon");
  EXPECT_EQ(info->summary, "bad");
  EXPECT_FALSE(info->can_deliver);
  EXPECT_TRUE(info->can_receive);
  EXPECT_TRUE(info->hides);
  EXPECT_FALSE(info->authenticates);
  EXPECT_EQ(info->max_offer, kMaxOffer);
  EXPECT_EQ(info->typical_latency, std::chrono::milliseconds(1'500));
  ASSERT_EQ(info->options.size(), 1u);
  EXPECT_EQ(info->options[0].key, "key");
}

TEST(CheckTable, CutsTheLimitToTheLargestOffer) {
  Tables good;
  good.info.max_offer = SIZE_MAX;
  EXPECT_EQ(check_table(&good.table)->max_offer, kMaxOffer);
}

TEST(CheckTable, AcceptsALargerTableThanItKnows) {
  Tables good;
  good.table.struct_size += 64;
  good.info.struct_size += 64;
  EXPECT_TRUE(check_table(&good.table));
}

TEST(CheckTable, TakesControlCharactersOutOfTexts) {
  Tables good;
  good.info.summary = "a\x1b[2Jb\nc";
  EXPECT_EQ(check_table(&good.table)->summary, "a?[2Jb?c");
}

struct Mistake {
  const char* says;
  std::function<void(Tables&)> make;
};

TEST(CheckTable, NamesEachMistake) {
  static const std::string long_text(300, 'x');
  const Mistake mistakes[] = {
      {"version 7", [](Tables& t) { t.table.abi_version = 7; }},
      {"its table is too small", [](Tables& t) { t.table.struct_size -= 1; }},
      {"its info is too small", [](Tables& t) { t.info.struct_size = 8; }},
      {"no info", [](Tables& t) { t.table.info = nullptr; }},
      {"no open", [](Tables& t) { t.table.open = nullptr; }},
      {"no receive", [](Tables& t) { t.table.receive = nullptr; }},
      {"no deliver",
       [](Tables& t) {
         t.info.capabilities |= QUICKET_CARRIER_CAN_DELIVER;
         t.table.deliver = nullptr;
       }},
      {"no cancel", [](Tables& t) { t.table.cancel = nullptr; }},
      {"no close", [](Tables& t) { t.table.close = nullptr; }},
      {"its name", [](Tables& t) { t.info.name = nullptr; }},
      {"its name", [](Tables& t) { t.info.name = ""; }},
      {"its name", [](Tables& t) { t.info.name = "Pigeon Post"; }},
      {"its name", [](Tables& t) { t.info.name = long_text.c_str(); }},
      {"its summary", [](Tables& t) { t.info.summary = nullptr; }},
      {"its summary", [](Tables& t) { t.info.summary = long_text.c_str(); }},
      {"neither deliver nor receive", [](Tables& t) { t.info.capabilities = QUICKET_CARRIER_HIDES; }},
      {"null for them", [](Tables& t) { t.info.options = nullptr; }},
      {"64 options", [](Tables& t) { t.info.option_count = SIZE_MAX; }},
      {"option 0", [](Tables& t) { t.options[0].key = nullptr; }},
      {"option 0", [](Tables& t) { t.options[0].value = long_text.c_str(); }},
  };
  for (const Mistake& mistake : mistakes) {
    Tables tables;
    mistake.make(tables);
    const auto info = check_table(&tables.table);
    ASSERT_FALSE(info) << mistake.says;
    EXPECT_EQ(info.error().code, Errc::kCarrierBroken);
    EXPECT_THAT(info.error().detail, HasSubstr(mistake.says));
  }
}

TEST(CheckTable, TakesNoTableForAnUnsupportedVersion) {
  const auto info = check_table(nullptr);
  ASSERT_FALSE(info);
  EXPECT_THAT(info.error().detail, HasSubstr("does not support version 1"));
}

TEST(CheckTable, ReadsNoFurtherThanItsBounds) {
  // Without a terminator, right before memory that is not the plugin's: a sanitizer sees a read behind it.
  const std::vector<char> unterminated(257, 'x');
  Tables tables;
  tables.info.summary = unterminated.data();
  EXPECT_FALSE(check_table(&tables.table));
}

}  // namespace
}  // namespace quicket
