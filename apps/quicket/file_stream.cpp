#include "apps/quicket/file_stream.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>

namespace quicket::cli {

namespace {

namespace asio = boost::asio;

error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

bool is_regular(int fd) noexcept {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

FileThread::FileThread(int fd, Descriptor cancelled) : fd_(fd), cancelled_(std::move(cancelled)) {}

Result<Descriptor> FileThread::event() {
  Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) return last_error();
  return event;
}

FileThread::~FileThread() {
  cancel();
  thread_.join();
}

void FileThread::cancel() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written =
      ::write(cancelled_.fd(), &one, sizeof(one));  // a full counter is readable too
}

void FileThread::start(Handler handler, asio::any_completion_handler<void(Done&)> work) {
  auto executor =
      asio::prefer(asio::any_completion_executor(asio::get_associated_executor(handler, thread_.get_executor())),
                   asio::execution::outstanding_work.tracked);
  if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
    slot.assign([this](asio::cancellation_type type) {
      if (type != asio::cancellation_type::none) cancel();
    });
  }
  auto job = [executor = std::move(executor), handler = std::move(handler), work = std::move(work)]() mutable {
    Done done;
    std::move(work)(done);
    auto finish = [handler = std::move(handler), done]() mutable {
      if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
      std::move(handler)(done.error, done.size);
    };
    executor.execute(std::move(finish));  // from another thread: never within this call
  };
  asio::post(thread_, std::move(job));
}

error_code FileThread::wait(short events) const noexcept {
  for (;;) {
    std::array<pollfd, 2> waits{pollfd{fd_, events, 0}, pollfd{cancelled_.fd(), POLLIN, 0}};
    const int ready = ::poll(waits.data(), waits.size(), -1);
    if (ready < 0 && errno != EINTR) return last_error();
    if (ready > 0 && waits[1].revents != 0) return asio::error::operation_aborted;
    if (ready > 0) return {};
  }
}

Result<std::unique_ptr<FileReader>> FileReader::create(int fd) {
  auto cancelled = event();
  if (!cancelled) return cancelled.error();
  try {
    return std::unique_ptr<FileReader>(new FileReader(fd, std::move(*cancelled)));
  } catch (const boost::system::system_error& error) {
    return error.code();
  }
}

void FileReader::start_read(Handler handler, asio::mutable_buffer buffer) {
  start(std::move(handler), [this, buffer](Done& done) { done = read(buffer); });
}

FileThread::Done FileReader::read(asio::mutable_buffer buffer) const noexcept {
  for (;;) {
    if (const error_code error = wait(POLLIN)) return {error, 0};
    const ssize_t size = ::read(fd(), buffer.data(), buffer.size());
    if (size > 0) return {{}, static_cast<std::size_t>(size)};
    if (size == 0) return {asio::error::eof, 0};
    if (errno != EINTR && errno != EAGAIN) return {last_error(), 0};
  }
}

Result<std::unique_ptr<FileWriter>> FileWriter::create(int fd) {
  auto cancelled = event();
  if (!cancelled) return cancelled.error();
  try {
    return std::unique_ptr<FileWriter>(new FileWriter(fd, std::move(*cancelled)));
  } catch (const boost::system::system_error& error) {
    return error.code();
  }
}

FileWriter::FileWriter(int fd, Descriptor cancelled)
    : FileThread(fd, std::move(cancelled)),
      piece_(is_regular(fd) ? std::numeric_limits<std::size_t>::max() : static_cast<std::size_t>(PIPE_BUF)) {}

void FileWriter::start_write(Handler handler, asio::const_buffer buffer) {
  start(std::move(handler), [this, buffer](Done& done) { done = write(buffer); });
}

FileThread::Done FileWriter::write(asio::const_buffer buffer) const noexcept {
  Done done;
  while (buffer.size() > 0) {
    done.error = wait(POLLOUT);
    if (done.error) return done;
    const ssize_t size = ::write(fd(), buffer.data(), std::min(buffer.size(), piece_));
    if (size >= 0) {
      buffer += static_cast<std::size_t>(size);
      done.size += static_cast<std::size_t>(size);
    } else if (errno != EINTR && errno != EAGAIN) {
      done.error = last_error();
      return done;
    }
  }
  return done;
}

// Closed, the number would soon be that of another file.
void FileWriter::end() noexcept {
  const Descriptor nothing(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (nothing.fd() >= 0) ::dup2(nothing.fd(), fd());
}

}  // namespace quicket::cli
