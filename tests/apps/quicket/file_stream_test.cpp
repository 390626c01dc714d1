#include "apps/quicket/file_stream.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/core/base/temporary_folder.hpp"

namespace quicket::cli {
namespace {

namespace asio = boost::asio;

struct Ended {
  error_code error;
  std::size_t size = 0;
};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
  }
  Descriptor read, write;
};

class FileStream : public testing::Test {
 protected:
  FileStream() { std::signal(SIGPIPE, SIG_IGN); }

  Ended write(FileWriter& writer, const std::string& text) {
    std::optional<Ended> ended;
    writer.async_write(asio::buffer(text), asio::bind_executor(loop_, [&](error_code error, std::size_t size) {
                         ended = Ended{error, size};
                       }));
    run();
    return ended.value();
  }
  void run() {
    loop_.restart();
    loop_.run();
  }
  asio::io_context loop_;
};

template <class Handler>
auto on(asio::io_context& loop, Handler handler) {
  return asio::bind_executor(loop, std::move(handler));
}

TEST_F(FileStream, ReadsWhatAPipeHoldsAndThenItsEnd) {
  Pipe pipe;
  ASSERT_EQ(::write(pipe.write.fd(), "hello", 5), 5);
  pipe.write.reset();
  const auto made = FileReader::create(pipe.read.fd());
  ASSERT_TRUE(made);
  FileReader& reader = **made;
  std::string text(100, '\0');
  std::vector<Ended> ends;
  for (int i = 0; i < 2; ++i) {
    reader.async_read(asio::buffer(text), on(loop_, [&](error_code error, std::size_t size) {
                        ends.push_back({error, size});
                      }));
    run();
  }
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_EQ(text.substr(0, ends[0].size), "hello");
  EXPECT_EQ(ends[1].error, asio::error::eof);
}

TEST_F(FileStream, ReadsRegularFiles) {
  const TemporaryFolder folder;
  const Descriptor file(::open((folder / "x").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::pwrite(file.fd(), "content", 7, 0), 7);
  const auto made = FileReader::create(file.fd());
  ASSERT_TRUE(made);
  FileReader& reader = **made;
  std::string text(100, '\0');
  Ended ended;
  reader.async_read(asio::buffer(text), on(loop_, [&](error_code error, std::size_t size) {
                      ended = Ended{error, size};
                    }));
  run();
  EXPECT_EQ(text.substr(0, ended.size), "content");
}

TEST_F(FileStream, StopsReadingWhenItIsCancelled) {
  Pipe pipe;
  const auto made = FileReader::create(pipe.read.fd());
  ASSERT_TRUE(made);
  FileReader& reader = **made;
  std::string text(100, '\0');
  asio::cancellation_signal cancel;
  Ended ended;
  auto handler = [&](error_code error, std::size_t size) { ended = Ended{error, size}; };
  reader.async_read(asio::buffer(text), asio::bind_cancellation_slot(cancel.slot(), on(loop_, handler)));
  cancel.emit(asio::cancellation_type::terminal);
  run();
  EXPECT_EQ(ended.error, asio::error::operation_aborted);
}

TEST_F(FileStream, WritesMoreThanAPipeHolds) {
  Pipe pipe;
  const auto made = FileWriter::create(pipe.write.fd());
  ASSERT_TRUE(made);
  FileWriter& writer = **made;
  const std::string text(1'000'000, 'x');
  Ended ended;
  writer.async_write(asio::buffer(text), on(loop_, [&](error_code error, std::size_t size) {
                       ended = {error, size};
                       pipe.write.reset();
                     }));
  std::string got(text.size() + 1, '\0');
  std::size_t total = 0;
  while (total < text.size()) {
    const ssize_t size = ::read(pipe.read.fd(), got.data() + total, got.size() - total);
    ASSERT_GT(size, 0);
    total += static_cast<std::size_t>(size);
  }
  run();
  EXPECT_FALSE(ended.error);
  EXPECT_EQ(ended.size, text.size());
  EXPECT_EQ(got.substr(0, total), text);
}

TEST_F(FileStream, StopsWritingToAReaderThatDoesNotReadWhenItIsCancelled) {
  Pipe pipe;
  const auto made = FileWriter::create(pipe.write.fd());
  ASSERT_TRUE(made);
  FileWriter& writer = **made;
  const std::string text(1'000'000, 'x');
  Ended ended;
  writer.async_write(asio::buffer(text), on(loop_, [&](error_code error, std::size_t size) {
                       ended = Ended{error, size};
                     }));
  writer.cancel();
  run();
  EXPECT_EQ(ended.error, asio::error::operation_aborted);
  EXPECT_LT(ended.size, text.size());
}

TEST_F(FileStream, TellsThatNobodyReads) {
  Pipe pipe;
  pipe.read.reset();
  const auto made = FileWriter::create(pipe.write.fd());
  ASSERT_TRUE(made);
  FileWriter& writer = **made;
  const std::string text = "lost";
  EXPECT_EQ(write(writer, text).error, boost::system::errc::broken_pipe);
}

TEST_F(FileStream, LetsTheReaderFindTheEnd) {
  Pipe pipe;
  const auto made = FileWriter::create(pipe.write.fd());
  ASSERT_TRUE(made);
  FileWriter& writer = **made;
  const std::string text = "all";
  EXPECT_EQ(write(writer, text).size, text.size());
  writer.end();
  std::string got(16, '\0');
  EXPECT_EQ(::read(pipe.read.fd(), got.data(), got.size()), 3);
  EXPECT_EQ(::read(pipe.read.fd(), got.data(), got.size()), 0);
  EXPECT_FALSE(write(writer, text).error);  // to nobody, instead of into whatever file got the number
}

TEST_F(FileStream, TellsThatTheDiskIsFull) {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  const auto made = FileWriter::create(full.fd());
  ASSERT_TRUE(made);
  FileWriter& writer = **made;
  const std::string text = "lost";
  EXPECT_EQ(write(writer, text).error, boost::system::errc::no_space_on_device);
}

TEST_F(FileStream, WaitsForADescriptorThatSomebodyMadeNonBlocking) {
  Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.write.fd(), F_SETFL, O_NONBLOCK), 0);
  const auto made = FileWriter::create(pipe.write.fd());
  ASSERT_TRUE(made);
  FileWriter& writer = **made;
  const std::string text(200'000, 'x');
  Ended ended;
  writer.async_write(asio::buffer(text), on(loop_, [&](error_code error, std::size_t size) {
                       ended = Ended{error, size};
                     }));
  std::string got(text.size(), '\0');
  for (std::size_t total = 0; total < text.size();) {
    const ssize_t size = ::read(pipe.read.fd(), got.data() + total, got.size() - total);
    ASSERT_GT(size, 0);
    total += static_cast<std::size_t>(size);
  }
  run();
  EXPECT_EQ(ended.size, text.size());
}

}  // namespace
}  // namespace quicket::cli
