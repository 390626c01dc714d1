#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include <quicket/plugin/secret.hpp>

#include "tests/core/base/temporary_folder.hpp"

namespace quicket::plugin {
namespace {

using testing::HasSubstr;
using testing::Not;

// SecretFile is a file that an option names.
class SecretFile : public testing::Test {
 protected:
  void write(std::string_view content, int mode = 0600) {
    std::ofstream(path_, std::ios::binary) << content;
    ASSERT_EQ(::chmod(path_.c_str(), static_cast<mode_t>(mode)), 0);
  }
  std::string refusal() const {
    try {
      secret_option({{"key-file", path_}}, "key-file");
    } catch (const BadOption& bad) {
      return bad.what();
    }
    return "accepted";
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "secret";
};

TEST_F(SecretFile, IsReadWithoutItsLastLineEnd) {
  write("two\nlines\r\n");
  EXPECT_EQ(secret_option({{"key-file", path_}}, "key-file")->text(), "two\nlines");
}

TEST_F(SecretFile, NeedNotBeGiven) { EXPECT_FALSE(secret_option({}, "key-file")); }

TEST_F(SecretFile, KeepsItsBytesWhenMoved) {
  write("secret");
  Secret one = *secret_option({{"key-file", path_}}, "key-file");
  Secret other(std::move(one));
  EXPECT_EQ(other.text(), "secret");
  EXPECT_EQ(one.text(), "");
  one = std::move(other);
  EXPECT_EQ(one.text(), "secret");
}

TEST_F(SecretFile, IsRefusedWhenOthersHaveAccess) {
  for (const int mode : {0640, 0604, 0620, 0601}) {
    write("topsecret", mode);
    EXPECT_THAT(refusal(), HasSubstr("chmod 600")) << mode;
    EXPECT_THAT(refusal(), Not(HasSubstr("topsecret")));
  }
}

TEST_F(SecretFile, IsRefusedWhenThereIsNothingOfUse) {
  EXPECT_THAT(refusal(), HasSubstr("No such file"));
  write("\n");
  EXPECT_THAT(refusal(), HasSubstr("empty"));
  write(std::string(Secret::kMaxSize + 1, 'x'));
  EXPECT_THAT(refusal(), HasSubstr("too large"));
  path_ = folder_.path();
  EXPECT_THAT(refusal(), HasSubstr("not a regular file"));
}

TEST_F(SecretFile, MayBeAsLargeAsTheLimit) {
  write(std::string(Secret::kMaxSize, 'x'));
  EXPECT_EQ(secret_option({{"key-file", path_}}, "key-file")->text().size(), Secret::kMaxSize);
}

TEST_F(SecretFile, DoesNotBlockOnAFifo) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(refusal(), HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace quicket::plugin
