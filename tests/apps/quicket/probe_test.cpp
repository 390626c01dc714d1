#include "apps/quicket/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include <string>

namespace quicket::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::chrono::milliseconds kPatience = 30s;

std::filesystem::path plugin(const std::string& name) {
  return std::filesystem::path(QUICKET_TEST_CARRIERS) / ("quicket-carrier-" + name + ".so");
}

Checked<CarrierInfo> probe(const std::filesystem::path& file, std::chrono::milliseconds patience = kPatience) {
  return probe_in_child(QUICKET_PROGRAM, file, patience);
}

TEST(Probe, DescribesAGoodPlugin) {
  const auto info = probe(QUICKET_STDIO_PLUGIN);
  ASSERT_TRUE(info.has_value()) << info.error().message;
  EXPECT_EQ(info->name, "stdio");
  EXPECT_TRUE(info->can_deliver);
  EXPECT_TRUE(info->can_receive);
  EXPECT_FALSE(info->options.empty());
}

TEST(Probe, SurvivesAPluginThatCrashes) {
  const auto info = probe(plugin("crashing"));
  ASSERT_TRUE(info.has_error());
  EXPECT_THAT(info.error().message, HasSubstr("crashes"));
}

TEST(Probe, GivesUpAPluginThatHangs) {
  const auto info = probe(plugin("stuck"), 300ms);
  ASSERT_TRUE(info.has_error());
  EXPECT_THAT(info.error().message, HasSubstr("hangs"));
}

TEST(Probe, NoticesAPluginThatLeavesWithoutAWord) {
  const auto info = probe(plugin("leaving"));
  ASSERT_TRUE(info.has_error());
  EXPECT_THAT(info.error().message, HasSubstr("instead of describing itself"));
}

TEST(Probe, NamesTheFileThatIsNoPlugin) {
  const auto info = probe("/etc/passwd");
  ASSERT_TRUE(info.has_error());
  EXPECT_THAT(info.error().message, HasSubstr("/etc/passwd"));
}

TEST(Description, IsReadAsItWasWritten) {
  CarrierInfo info;
  info.file = "/x.so";
  info.name = "x";
  info.summary = "a \"carrier\"";
  info.can_receive = true;
  info.hides = info.by_hand = true;
  info.max_offer = 350;
  info.typical_latency = 250ms;
  info.options = {{"in", "where from"}};
  const auto read = read_description(boost::json::serialize(describe(info)));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(describe(*read), describe(info));
}

class BadDescription : public testing::TestWithParam<const char*> {};
TEST_P(BadDescription, IsRefused) { EXPECT_TRUE(read_description(GetParam()).has_error()); }
INSTANTIATE_TEST_SUITE_P(
    Description, BadDescription,
    testing::Values(
        "", "null", "{}", "[1]", R"({"name":"x"})",
        R"({"name":1,"file":"","summary":"","delivers":1,"receives":true,"authenticates":false,"hides":false})"));

}  // namespace
}  // namespace quicket::cli
