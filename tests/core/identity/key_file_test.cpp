#include "core/identity/key_file.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicket {
namespace {

constexpr std::string_view kText = "quicket-key-1 nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n";

TEST(KeyFile, IsOneLineWithTheSeed) {
  const auto identity = parse_key_file(kText);
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->id().to_string(), "qk1q8t44xqps2cs4d74f0ld8jtyquaqactj70d2vge94upp568hqag35rzunhm");
  EXPECT_EQ(key_file_text(identity->seed()), kText);
}

TEST(KeyFile, MayLackItsNewlineOrHaveOneOfWindows) {
  const std::string line(kText.substr(0, kText.size() - 1));
  EXPECT_TRUE(parse_key_file(line).has_value());
  EXPECT_TRUE(parse_key_file(line + "\r\n").has_value());
}

TEST(KeyFile, RefusesEverythingElse) {
  const std::string line(kText.substr(0, kText.size() - 1));
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("quicket-key-1"), std::string("quicket-key-1 "), line + "\n\n",
        line + " ", " " + line, line + "=", line + "\n" + line, "quicket-key-2" + line.substr(13),
        "quicket-key-1 " + line.substr(13), line.substr(0, line.size() - 1),
        std::string("quicket-key-1 nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyufw=="),
        std::string("quicket-key-1 nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2AA"),
        std::string("-----BEGIN OPENSSH PRIVATE KEY-----\n")}) {
    const auto parsed = parse_key_file(text);
    ASSERT_TRUE(parsed.has_error()) << text;
    EXPECT_EQ(parsed.error(), Errc::kKeyFileMalformed);
  }
}

TEST(KeyFile, BearsAnyBytesAndWritesWhatItReads) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 10'000; ++round) {
    std::string text(kText);
    for (auto damage = random() % 3; damage > 0; --damage) text[random() % text.size()] = static_cast<char>(random());
    if (random() % 4 == 0) text.resize(random() % 80);
    const auto parsed = parse_key_file(text);
    if (parsed.has_error()) continue;
    const std::string written = key_file_text(parsed->seed());
    EXPECT_EQ(written.substr(0, 58), text.substr(0, 58));
  }
}

}  // namespace
}  // namespace quicket
