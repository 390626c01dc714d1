#include <gmock/gmock.h>

#include <functional>

#include <quicket/plugin/options.hpp>

namespace quicket::plugin {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr quicket_option kKnown[] = {{"in", "where from"}, {"port", "which port"}};

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const BadOption& bad) {
    return bad.what();
  }
  return "accepted";
}

TEST(Options, RefuseWhatTheCarriersTableDoesNotList) {
  quicket_carrier_info info{.struct_size = sizeof(quicket_carrier_info)};
  EXPECT_THAT(refusal([&] { refuse_unknown_options({{"x", ""}}, info); }), HasSubstr("\"x\": there are none"));
  info.options = kKnown;
  info.option_count = std::size(kKnown);
  EXPECT_EQ(refusal([&] { refuse_unknown_options({{"in", ""}, {"port", ""}}, info); }), "accepted");
  EXPECT_THAT(refusal([&] {
                refuse_unknown_options({{"prt", "1"}}, info);
              }),
              AllOf(HasSubstr("\"prt\""), HasSubstr("in, port")));
}

TEST(Options, AreTextsThatAreNotEmpty) {
  const Options options{{"in", "a"}, {"out", ""}};
  EXPECT_EQ(text_option(options, "in"), "a");
  EXPECT_EQ(text_option(options, "none"), std::nullopt);
  EXPECT_EQ(needed_option(options, "in"), "a");
  EXPECT_THAT(refusal([&] { text_option(options, "out"); }), HasSubstr("\"out\" is empty"));
  EXPECT_THAT(refusal([&] { needed_option(options, "none"); }), HasSubstr("\"none\" is missing"));
}

TEST(Options, AreNumbersWithinBounds) {
  const auto number = [](const char* text) { return number_option({{"n", text}}, "n", 7, -5, 100); };
  EXPECT_EQ(number_option({}, "n", 7, -5, 100), 7);
  EXPECT_EQ(number("-5"), -5);
  EXPECT_EQ(number("100"), 100);
  for (const char* text : {"", "-6", "101", "1x", "x", " 1", "1 ", "+1", "0x1", "99999999999999999999"}) {
    EXPECT_THAT(refusal([&] { number(text); }), HasSubstr("\"n\"")) << text;
  }
}

TEST(Options, AreDurationsWithinBounds) {
  const auto duration = [](const char* text) { return duration_option({{"t", text}}, "t", 7, 10, 7'200'000); };
  EXPECT_EQ(duration_option({}, "t", 7, 10, 20), 7);
  EXPECT_EQ(duration("10ms"), 10);
  EXPECT_EQ(duration("30s"), 30'000);
  EXPECT_EQ(duration("5min"), 300'000);
  EXPECT_EQ(duration("2h"), 7'200'000);
  for (const char* text : {"", "10", "9ms", "3h", "-1s", "1 s", "1s2", "s", "1d", "99999999999h", "4294967295h"}) {
    EXPECT_THAT(refusal([&] { duration(text); }), HasSubstr("\"t\"")) << text;
  }
}

TEST(Options, AreOneOfSeveralWords) {
  constexpr std::array<std::string_view, 2> kChoices{"png", "svg"};
  EXPECT_EQ(choice_option({}, "f", 1, kChoices), 1u);
  EXPECT_EQ(choice_option({{"f", "png"}}, "f", 1, kChoices), 0u);
  EXPECT_THAT(refusal([&] {
                choice_option({{"f", "gif"}}, "f", 0, kChoices);
              }),
              AllOf(HasSubstr("\"f\""), HasSubstr("png, svg")));
}

TEST(Options, AreSwitches) {
  EXPECT_TRUE(switch_option({{"s", "yes"}}, "s", false));
  EXPECT_FALSE(switch_option({{"s", "no"}}, "s", true));
  EXPECT_TRUE(switch_option({}, "s", true));
  EXPECT_THAT(refusal([&] { switch_option({{"s", "1"}}, "s", false); }), HasSubstr("no, yes"));
}

}  // namespace
}  // namespace quicket::plugin
