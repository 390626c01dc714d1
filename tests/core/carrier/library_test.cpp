#include <quicket/carrier.hpp>

#include <gmock/gmock.h>

#include <fstream>

#include "tests/core/base/temporary_folder.hpp"
#include "tests/core/carrier/host.hpp"

namespace quicket {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kPlugins = QUICKET_TEST_CARRIERS;

fs::path plugin(const std::string& name) { return kPlugins / ("quicket-carrier-" + name + ".so"); }

CarrierLibrary library(CarrierSearch search = {.install_dir = kPlugins}) {
  return {std::move(search), real_services()};
}

// refused opens a carrier that must fail, and gives why.
Failure refused(const CarrierSpec& spec, CarrierSearch search = {.install_dir = kPlugins}) {
  const auto carrier = library(std::move(search)).open(spec);
  if (carrier) return {{}, "it was opened"};
  return carrier.error();
}

TEST(CarrierLibrary, OpensByName) {
  const auto carrier = library().open({.name = "memory"});
  ASSERT_TRUE(carrier) << carrier.error().message();
  EXPECT_EQ(carrier->info().name, "memory");
  EXPECT_EQ(carrier->info().file, plugin("memory"));
}

TEST(CarrierLibrary, OpensByPathWhateverTheFileIsCalled) {
  const TemporaryFolder folder;
  fs::copy_file(plugin("memory"), folder / "other.so");
  const auto carrier = library({}).open({.name = (folder / "other.so").string()});
  ASSERT_TRUE(carrier) << carrier.error().message();
  EXPECT_EQ(carrier->info().name, "memory");
}

TEST(CarrierLibrary, TakesTheFirstOfANameInSearchOrder) {
  const TemporaryFolder first, second;
  fs::copy_file(plugin("memory"), second / "quicket-carrier-memory.so");
  fs::copy_file(plugin("memory"), first / "quicket-carrier-memory.so");
  const CarrierSearch search{
      .plugin_path = ":/does/not/exist:" + first.path().string() + ":" + second.path().string() + ":",
      .install_dir = kPlugins};
  EXPECT_EQ(library(search).open({.name = "memory"})->info().file, first / "quicket-carrier-memory.so");
  std::size_t found = 0;
  for (const auto& one : library(search).installed()) {
    if (one.name != "memory") continue;
    ++found;
    EXPECT_EQ(one.file, first / "quicket-carrier-memory.so");
  }
  EXPECT_EQ(found, 1u);
}

TEST(CarrierLibrary, ListsWhatIsInstalledWithoutLoadingIt) {
  const TemporaryFolder folder;
  for (const char* name :
       {"quicket-carrier-b.so", "quicket-carrier-a.so", "quicket-carrier-.so", "libother.so", "notes.txt"}) {
    std::ofstream(folder / name) << "no library at all";
  }
  const auto installed = library({.install_dir = folder.path()}).installed();
  ASSERT_EQ(installed.size(), 2u);
  EXPECT_EQ(installed[0].name, "a");
  EXPECT_EQ(installed[1].name, "b");
}

TEST(CarrierLibrary, BoundsItsList) {
  const TemporaryFolder folder;
  for (std::size_t i = 0; i < CarrierLibrary::kMaxFound + 5; ++i) {
    std::ofstream(folder / ("quicket-carrier-" + std::to_string(i) + ".so"));
  }
  EXPECT_EQ(library({.install_dir = folder.path()}).installed().size(), CarrierLibrary::kMaxFound);
}

TEST(CarrierLibrary, SaysWhereItLookedForACarrier) {
  const Failure failure = refused({.name = "nowhere"}, {.plugin_path = "/one", .install_dir = "/two"});
  EXPECT_EQ(failure.code, Errc::kCarrierNotFound);
  EXPECT_THAT(failure.detail, HasSubstr("quicket-carrier-nowhere.so in /one, /two"));
}

TEST(CarrierLibrary, NamesTheFileOfABrokenPlugin) {
  const std::pair<std::string, std::string> cases[] = {
      {"no-symbol", "symbol quicket_carrier_v1 is missing"},
      {"wrong-abi", "version 99"},
      {"null-function", "no receive"},
      {"wrong-name", "its name is \"someone-else\""},
  };
  for (const auto& [name, why] : cases) {
    const Failure failure = refused({.name = name});
    EXPECT_EQ(failure.code, Errc::kCarrierBroken) << name;
    EXPECT_THAT(failure.detail, HasSubstr(plugin(name).string()));
    EXPECT_THAT(failure.detail, HasSubstr(why));
  }
}

TEST(CarrierLibrary, NamesAFileThatIsNoLibrary) {
  const TemporaryFolder folder;
  std::ofstream(folder / "quicket-carrier-text.so") << "no library at all";
  const Failure failure = refused({.name = "text"}, {.install_dir = folder.path()});
  EXPECT_EQ(failure.code, Errc::kCarrierBroken);
  EXPECT_THAT(failure.detail, HasSubstr("quicket-carrier-text.so: it cannot be loaded"));
}

TEST(CarrierLibrary, NamesAPathThatIsNotThereOrAFolder) {
  EXPECT_EQ(refused({.name = "/does/not/exist.so"}).code, Errc::kCarrierNotFound);
  const TemporaryFolder folder;
  EXPECT_EQ(refused({.name = folder.path().string()}).code, Errc::kCarrierBroken);
}

TEST(CarrierLibrary, PassesOnWhyOpenFailed) {
  const Failure option = refused({.name = "memory", .options = {{"colour", "red"}}});
  EXPECT_EQ(option.code, Errc::kCarrierOption);
  EXPECT_EQ(option.detail, "carrier memory: there is no option \"colour\"");
  const Failure silent = refused({.name = plugin("wrong-name").string()});
  EXPECT_EQ(silent.code, Errc::kCarrierFailed);
  EXPECT_THAT(silent.detail, HasSubstr("open failed with status 6"));
}

TEST(CarrierLibrary, OutlivesAnOpenThatReturnsGarbage) {
  for (const char* how : {"open-status", "open-text", "open-null"}) {
    const auto carrier = library().open({.name = "garbage", .options = {{"how", how}}});
    ASSERT_FALSE(carrier) << how;
    EXPECT_THAT(carrier.error().detail, HasSubstr("garbage")) << how;
    EXPECT_LE(carrier.error().detail.size(), 600u) << how;
  }
}

TEST(CarrierLibrary, OutlivesAnOpenThatThrows) {
  const Failure failure = refused({.name = "throwing", .options = {{"where", "open"}}});
  EXPECT_EQ(failure.code, Errc::kCarrierBroken);
  EXPECT_THAT(failure.detail, HasSubstr("thrown by open"));
}

TEST(ProbeCarrier, TellsWhatAPluginIsWithoutOpeningIt) {
  const auto info = probe_carrier(plugin("memory"));
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->name, "memory");
  EXPECT_EQ(info->max_offer, 1'000u);
  EXPECT_EQ(info->options.at(0).key, "status");
  EXPECT_EQ(info->file, plugin("memory"));
}

TEST(ProbeCarrier, ReadsAPluginWrittenInC) {
  const auto info = probe_carrier(plugin("plain"));
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_FALSE(info->can_deliver);
  EXPECT_TRUE(info->can_receive);
}

TEST(ProbeCarrier, SaysWhatIsWrong) {
  const auto info = probe_carrier(plugin("wrong-abi"));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, Errc::kCarrierBroken);
}

}  // namespace
}  // namespace quicket
