#pragma once

#include <quicket/bytes.hpp>
#include <quicket/error.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <memory>
#include <utility>

#include "core/base/descriptor.hpp"

namespace quicket::cli {

// FileThread runs the blocking calls of one file descriptor, of any kind (epoll knows no regular files, and switching a
// shared descriptor to non-blocking would change it for others), one after another on a thread of its own. Thread
// safety: cancel() from any thread, all else from one.
class FileThread {
 public:
  using Handler = boost::asio::any_completion_handler<void(error_code, std::size_t)>;

  // ~FileThread cancels, and waits for the thread.
  ~FileThread();
  FileThread(const FileThread&) = delete;
  FileThread& operator=(const FileThread&) = delete;

  // cancel ends what runs with asio::error::operation_aborted, and whatever is started later.
  void cancel() noexcept;

 protected:
  // A blocking call: what it gives goes to the handler.
  struct Done {
    error_code error;
    std::size_t size = 0;
  };
  // start has `work` run on the thread; the handler comes on its own executor, and may be cancelled by its slot.
  void start(Handler handler, boost::asio::any_completion_handler<void(Done&)> work);
  // wait returns when the descriptor is ready for `events` of poll(), or is at its end. Errors:
  // asio::error::operation_aborted.
  error_code wait(short events) const noexcept;
  int fd() const noexcept { return fd_; }

  // The descriptor is borrowed. Throws boost::system::system_error where there is no thread left: see create().
  FileThread(int fd, Descriptor cancelled);
  // event gives what `cancelled` has to be. Errors: the operating system's.
  static Result<Descriptor> event();

 private:
  int fd_;
  Descriptor cancelled_;  // an eventfd, readable for ever once cancelled
  boost::asio::thread_pool thread_{1};
};

// FileReader reads a descriptor.
class FileReader : public FileThread {
 public:
  // create starts the thread. The descriptor is borrowed. Errors: the operating system's, which has no descriptor or no
  // thread left.
  static Result<std::unique_ptr<FileReader>> create(int fd);

  // async_read gives what is there, waiting for at least one byte: void(error_code, std::size_t).
  // Errors: asio::error::eof, asio::error::operation_aborted, the operating system's. The buffer is borrowed.
  template <class Token>
  auto async_read(boost::asio::mutable_buffer buffer, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, boost::asio::mutable_buffer into) { start_read(std::move(handler), into); }, token,
        buffer);
  }

 private:
  using FileThread::FileThread;
  void start_read(Handler handler, boost::asio::mutable_buffer buffer);
  Done read(boost::asio::mutable_buffer buffer) const noexcept;
};

// FileWriter writes a descriptor.
class FileWriter : public FileThread {
 public:
  // create is FileReader's.
  static Result<std::unique_ptr<FileWriter>> create(int fd);

  // async_write writes all of the buffer: void(error_code, std::size_t). Errors: as FileReader's, but for eof; EPIPE
  // when nobody reads any more. The buffer is borrowed.
  template <class Token>
  auto async_write(boost::asio::const_buffer buffer, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, boost::asio::const_buffer from) { start_write(std::move(handler), from); }, token, buffer);
  }

  // end gives the descriptor up: whoever reads a pipe finds its end. What is written from now on is lost. No write may
  // run.
  void end() noexcept;

 private:
  FileWriter(int fd, Descriptor cancelled);
  void start_write(Handler handler, boost::asio::const_buffer buffer);
  Done write(boost::asio::const_buffer buffer) const noexcept;

  std::size_t piece_;  // bytes that one write() takes without blocking, when the descriptor is ready
};

}  // namespace quicket::cli
