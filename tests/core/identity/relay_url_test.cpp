#include <quicket/relay_url.hpp>

#include <gtest/gtest.h>

#include <random>

namespace quicket {
namespace {

constexpr const char* kPinText = "AAECAwQFBgcICQoLDA0ODw";

RelayPin counting_pin() {
  RelayPin pin;
  for (std::size_t i = 0; i < pin.size(); ++i) pin[i] = std::byte(i);
  return pin;
}

TEST(RelayUrl, ReadsHostPortAndPin) {
  const auto url = RelayUrl::parse(std::string("https://relay.example.org:8443#pin=") + kPinText).value();
  EXPECT_EQ(url.host, "relay.example.org");
  EXPECT_EQ(url.port, 8443);
  ASSERT_EQ(url.pins.size(), 1u);
  EXPECT_EQ(url.pins[0], counting_pin());
  EXPECT_EQ(url.authority(), "relay.example.org:8443");
}

TEST(RelayUrl, WritesWhatItReads) {
  const std::string pin = kPinText;
  for (const std::string& text :
       {std::string("https://a"), std::string("https://relay.example.org"), std::string("https://a:1"),
        std::string("https://a:65535"), std::string("https://192.0.2.1:444"), std::string("https://[2001:db8::1]"),
        std::string("https://[::1]:4433"), std::string("https://xn--bcher-kva.example"), std::string("https://a-b.c-d"),
        std::string("https://1a"), std::string("https://0xyz"), "https://a#pin=" + pin,
        "https://[::1]:5#pin=" + pin + "," + pin + "," + pin + "," + pin}) {
    const auto url = RelayUrl::parse(text);
    ASSERT_TRUE(url.has_value()) << text;
    EXPECT_EQ(url->to_string(), text);
    EXPECT_EQ(RelayUrl::parse(url->to_string()).value(), *url);
  }
}

TEST(RelayUrl, GivesOneRelayOneSpelling) {
  EXPECT_EQ(RelayUrl::parse("HTTPS://Relay.EXAMPLE:443")->to_string(), "https://relay.example");
  EXPECT_EQ(RelayUrl::parse("https://[2001:DB8:0:0::0:1]:443")->to_string(), "https://[2001:db8::1]");
  EXPECT_EQ(RelayUrl::parse("https://[::ffff:192.0.2.1]")->host, "192.0.2.1");
}

TEST(RelayUrl, WritesTheAuthorityWithPortAndBrackets) {
  EXPECT_EQ(RelayUrl::parse("https://[::1]")->authority(), "[::1]:443");
  EXPECT_EQ(RelayUrl::parse("https://[::1]")->host, "::1");
  EXPECT_EQ(RelayUrl::parse("https://192.0.2.1:7")->authority(), "192.0.2.1:7");
}

TEST(RelayUrl, RefusesWhatIsNotOne) {
  const std::string pin = kPinText;
  const std::string pins = pin + "," + pin + "," + pin + "," + pin;
  for (const std::string& text : {std::string(),
                                  std::string("https:"),
                                  std::string("https://"),
                                  std::string("http://a"),
                                  std::string("a"),
                                  std::string("//a"),
                                  std::string("wss://a"),
                                  std::string("https:/a"),
                                  std::string(" https://a"),
                                  std::string("https://a "),
                                  std::string("https://a\n"),
                                  std::string("https://a/"),
                                  std::string("https://a/path"),
                                  std::string("https://a?q"),
                                  std::string("https://u@a"),
                                  std::string("https://u:p@a"),
                                  std::string("https://a:"),
                                  std::string("https://a:0"),
                                  std::string("https://a:00443"),
                                  std::string("https://a:65536"),
                                  std::string("https://a:99999999999"),
                                  std::string("https://a:-1"),
                                  std::string("https://a:+1"),
                                  std::string("https://a:1:2"),
                                  std::string("https://a:1x"),
                                  std::string("https://:443"),
                                  std::string("https://-a"),
                                  std::string("https://a-"),
                                  std::string("https://a..b"),
                                  std::string("https://.a"),
                                  std::string("https://a."),
                                  std::string("https://a_b"),
                                  std::string("https://b\xc3\xbc"),
                                  std::string("https://%61"),
                                  std::string("https://*.a"),
                                  std::string("https://1.2.3"),
                                  std::string("https://256.1.1.1"),
                                  std::string("https://1.2.3.4.5"),
                                  std::string("https://123"),
                                  std::string("https://0x7f000001"),
                                  std::string("https://0x"),
                                  std::string("https://a.0x1f"),
                                  std::string("https://01.2.3.4"),
                                  std::string("https://::1"),
                                  std::string("https://[::1"),
                                  std::string("https://::1]"),
                                  std::string("https://[]"),
                                  std::string("https://[1.2.3.4]"),
                                  std::string("https://[::1]x"),
                                  std::string("https://[::1]]"),
                                  std::string("https://[[::1]]"),
                                  std::string("https://[fe80::1%lo]"),
                                  std::string("https://[a]"),
                                  std::string("https://[::1]443"),
                                  std::string("https://a\0b", 11),
                                  std::string("https://1.2.3.4\0x", 17),
                                  std::string("https://a#"),
                                  std::string("https://a#pin"),
                                  std::string("https://a#pin="),
                                  std::string("https://a#pin=,"),
                                  "https://a#" + pin,
                                  "https://a#pin=" + pin + ",",
                                  "https://a#pin=," + pin,
                                  "https://a#PIN=" + pin,
                                  "https://a#pin=" + pin + "&x=1",
                                  "https://a#pin=" + pin + "#",
                                  "https://a#pin=" + pin + "==",
                                  "https://a#pin=" + pin + "A",
                                  "https://a#pin=" + pin.substr(1),
                                  "https://a#pin=" + pin.substr(0, 21) + "x",
                                  "https://a#pin=" + pins + "," + pin,
                                  "https://a/#pin=" + pin,
                                  "https://" + std::string(64, 'a'),
                                  "https://a" + std::string(10'000, 'a')}) {
    const auto url = RelayUrl::parse(text);
    ASSERT_TRUE(url.has_error()) << text;
    EXPECT_EQ(url.error(), Errc::kRelayUrlMalformed) << text;
  }
}

TEST(RelayUrl, TakesTheLongestHostWithAllItsPins) {
  std::string host;
  for (int i = 0; i < 4; ++i) host += std::string(i == 3 ? 61 : 63, 'a') + (i == 3 ? "" : ".");
  ASSERT_EQ(host.size(), 253u);
  const std::string tail = std::string(":65535#pin=") + kPinText + "," + kPinText + "," + kPinText + "," + kPinText;
  EXPECT_TRUE(RelayUrl::parse("https://" + host + tail).has_value());
  EXPECT_TRUE(RelayUrl::parse("https://" + host + "a" + tail).has_error());
}

TEST(RelayUrl, BearsAnyBytesAndReadsBackWhatItWrites) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string samples[] = {std::string("https://relay.example:8443#pin=") + kPinText,
                                 "https://[2001:db8::1]:4433",
                                 std::string("https://192.0.2.1#pin=") + kPinText + "," + kPinText, "https://a"};
  constexpr std::string_view kLetters = "https://[]:#pin=,.-019afAF%@?x";
  int accepted = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string text = random() % 8 == 0 ? std::string(random() % 60, 'a') : samples[random() % 4];
    for (auto damage = random() % 4; damage > 0 && !text.empty(); --damage) {
      const std::size_t at = random() % text.size();
      const char letter = random() % 4 == 0 ? static_cast<char>(random()) : kLetters[random() % kLetters.size()];
      if (random() % 3 == 0) {
        text.erase(at, 1);
      } else if (random() % 2 == 0) {
        text.insert(at, 1, letter);
      } else {
        text[at] = letter;
      }
    }
    const auto url = RelayUrl::parse(text);
    if (url.has_error()) continue;
    ++accepted;
    const auto again = RelayUrl::parse(url->to_string());
    ASSERT_TRUE(again.has_value()) << text;
    EXPECT_EQ(*again, *url) << text;
    EXPECT_EQ(again->to_string(), url->to_string());
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace quicket
