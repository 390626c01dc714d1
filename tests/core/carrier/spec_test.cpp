#include <quicket/carrier_spec.hpp>

#include <gtest/gtest.h>

#include <random>

namespace quicket {
namespace {

TEST(CarrierSpec, IsANameAlone) {
  const auto spec = parse_carrier_spec("stdio");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->name, "stdio");
  EXPECT_TRUE(spec->options.empty());
}

TEST(CarrierSpec, HasOptions) {
  const auto spec = parse_carrier_spec("stdio:out=offer.json,form=uri,in=");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->options, (CarrierOptions{{"out", "offer.json"}, {"form", "uri"}, {"in", ""}}));
}

TEST(CarrierSpec, KeepsEqualSignsAndColonsOfAValue) {
  const auto spec = parse_carrier_spec("webhook:url=https://example.org:8443/?a=b");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->options.at("url"), "https://example.org:8443/?a=b");
}

TEST(CarrierSpec, TakesEscapedCommasAndBackslashes) {
  const auto spec = parse_carrier_spec(R"(stdio:out=a\,b\\,in=c\d\)");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->options, (CarrierOptions{{"out", R"(a,b\)"}, {"in", R"(c\d\)"}}));
}

TEST(CarrierSpec, TakesAPathForAName) {
  const auto spec = parse_carrier_spec("./My Plugin.so:a=1");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->name, "./My Plugin.so");
}

TEST(CarrierSpec, RefusesWhatIsNone) {
  for (const char* text : {"", ":", ":a=b", "Stdio", "std io", "stdio:", "stdio:a", "stdio:=b", "stdio:a=1,",
                           "stdio:,a=1", "stdio:a=1,,b=2", "stdio:A=1", "stdio:a b=1", "stdio:a=1,a=2", "stdio:a=1\n",
                           "abcdefghijklmnopqrstuvwxyz0123456"}) {
    const auto spec = parse_carrier_spec(text);
    ASSERT_FALSE(spec) << text;
    EXPECT_EQ(spec.error().code, Errc::kCarrierOption) << text;
    EXPECT_FALSE(spec.error().detail.empty()) << text;
  }
}

TEST(CarrierSpec, RefusesWhatWouldBeCutAtAZero) {
  EXPECT_FALSE(parse_carrier_spec(std::string_view("stdio:out=a\0b", 13)));
}

TEST(CarrierSpec, BoundsItsSizeAndItsOptions) {
  EXPECT_TRUE(parse_carrier_spec("stdio:a=" + std::string(CarrierSpec::kMaxText - 8, 'x')));
  EXPECT_FALSE(parse_carrier_spec("stdio:a=" + std::string(CarrierSpec::kMaxText - 7, 'x')));
  std::string text = "stdio:k0=";
  for (std::size_t i = 1; i < CarrierSpec::kMaxOptions; ++i) text += ",k" + std::to_string(i) + "=";
  EXPECT_TRUE(parse_carrier_spec(text));
  EXPECT_FALSE(parse_carrier_spec(text + ",more="));
}

TEST(CarrierSpec, ReadsBackWhatWasEscaped) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::string value, escaped;
    for (std::size_t size = random() % 20; value.size() < size;) {
      const char c = ",\\=:a/"[random() % 6];
      if (c == ',' || c == '\\') escaped += '\\';
      value += c;
      escaped += c;
    }
    const auto spec = parse_carrier_spec("x:v=" + escaped + ",w=1");
    ASSERT_TRUE(spec) << escaped;
    ASSERT_EQ(spec->options.at("v"), value) << escaped;
  }
}

}  // namespace
}  // namespace quicket
