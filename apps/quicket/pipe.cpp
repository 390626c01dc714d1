#include "apps/quicket/pipe.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "apps/options/text.hpp"

namespace quicket::cli {

namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kPiece = 256 * 1'024;  // bytes, of each of two buffers a direction
// The receipt is given, and all that is missing is the peer's acknowledgement of it: it is not waited for any longer
// than this.
constexpr std::chrono::seconds kFarewell{2};
constexpr std::size_t kMaxPeerText = 200;  // characters of the peer's that are shown

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

std::uint64_t value(PipeCode code) { return static_cast<std::uint64_t>(code); }

Problem file_problem(const char* file, const error_code& error) {
  const bool unread = error == boost::system::errc::broken_pipe;
  return {Exit::kInputOutput, std::string(file) + ": " + (unread ? "nobody reads it any more" : error.message())};
}

// is_of_stream tells errors of one stream from those that come with the connection's end.
bool is_of_stream(const error_code& error) {
  return error == Errc::kStreamReset || error == Errc::kStreamStopped || error == Errc::kProtocolViolation;
}

}  // namespace

Pipe::Pipe(Connection connection, std::string peer, FileReader* input, FileWriter* output, bool end_output)
    : connection_(std::move(connection)),
      peer_(std::move(peer)),
      input_(input),
      output_(output),
      end_output_(end_output) {}

asio::awaitable<Checked<>> Pipe::run() {
  bool cancelled = false;
  try {
    auto both = send() && receive();
    auto all = std::move(both) || watch();
    co_await std::move(all);
    const bool ended = !is_done() && !problem_ && !end_;  // the streams noticed before the watch did
    if (ended) co_await watch();
  } catch (const boost::system::system_error&) {
    cancelled = true;
  }
  if (cancelled) {
    connection_.close(value(PipeCode::kCancelled), "cancelled");
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (problem_) co_return *problem_;
  if (!is_done()) co_return why_ended(*end_);
  connection_.close(value(PipeCode::kDone), "done");
  co_return Checked<>();
}

asio::awaitable<void> Pipe::send() {
  try {
    outgoing_ = co_await connection_.open_stream();
    Stream& stream = *outgoing_;
    if (input_ != nullptr) co_await copy_input(stream);
    if (problem_) co_return;
    stream.shutdown_send();
    input_ended_ = true;
    std::array<char, 1> none{};
    auto reading = stream.async_read_some(asio::buffer(none), kAsTuple);
    const auto [error, size] = co_await std::move(reading);
    if (error == asio::error::eof) {
      receipt_got_ = true;
    } else {
      fail_on(error ? error : make_error_code(Errc::kProtocolViolation));
    }
  } catch (const boost::system::system_error& error) {
    fail_on(error.code());
  }
}

asio::awaitable<void> Pipe::copy_input(Stream& stream) {
  Bytes current(kPiece), next(kPiece);
  auto first = input_->async_read(asio::buffer(current), kAsTuple);
  auto [error, size] = co_await std::move(first);
  while (!error) {
    // The next piece is read while this one is written.
    auto writing = asio::async_write(stream, asio::buffer(current.data(), size), asio::use_awaitable);
    auto reading = input_->async_read(asio::buffer(next), kAsTuple);
    auto both = std::move(writing) && std::move(reading);
    const auto [written, read] = co_await std::move(both);
    traffic_.sent += written;
    std::tie(error, size) = read;
    std::swap(current, next);
  }
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error != asio::error::eof) fail(file_problem("standard input", error));
}

asio::awaitable<void> Pipe::receive() {
  try {
    incoming_ = co_await connection_.accept_stream();
    Stream& stream = *incoming_;
    co_await copy_output(stream);
    if (problem_) co_return;
    if (output_ != nullptr && end_output_) output_->end();
    stream.shutdown_send();
    receipt_given_ = true;
    asio::steady_timer farewell(co_await asio::this_coro::executor, kFarewell);
    auto acknowledged = stream.async_wait_closed(kAsTuple);
    auto patience = farewell.async_wait(kAsTuple);
    auto either = std::move(acknowledged) || std::move(patience);
    co_await std::move(either);
  } catch (const boost::system::system_error& error) {
    fail_on(error.code());
  }
}

asio::awaitable<void> Pipe::copy_output(Stream& stream) {
  Bytes current(kPiece), next(kPiece);
  auto first = stream.async_read_some(asio::buffer(current), kAsTuple);
  auto [error, size] = co_await std::move(first);
  while (!error && output_ == nullptr) {
    traffic_.dropped += size;
    auto reading = stream.async_read_some(asio::buffer(next), kAsTuple);
    std::tie(error, size) = co_await std::move(reading);
  }
  while (!error) {
    // The next piece is received while this one is written.
    auto writing = write_out(asio::buffer(current.data(), size));
    auto reading = stream.async_read_some(asio::buffer(next), kAsTuple);
    auto both = std::move(writing) && std::move(reading);
    std::tie(error, size) = co_await std::move(both);
    std::swap(current, next);
  }
  if (error != asio::error::eof) throw boost::system::system_error(error);
}

asio::awaitable<void> Pipe::write_out(asio::const_buffer bytes) {
  auto writing = output_->async_write(bytes, kAsTuple);
  const auto [error, size] = co_await std::move(writing);
  traffic_.received += size;
  if (error && error != asio::error::operation_aborted)
    fail(file_problem("standard output", error));  // which ends the reading too
}

asio::awaitable<void> Pipe::watch() { end_ = co_await connection_.wait_closed(); }

void Pipe::fail(Problem problem) {
  if (problem_) return;
  connection_.close(value(PipeCode::kFailed), problem.message);
  problem_ = std::move(problem);
}

void Pipe::fail_on(const error_code& error) {
  if (!is_of_stream(error)) return;  // the watch tells why the connection ended; or this is cancelled
  fail(
      {Exit::kUnavailable, peer_ + " speaks something else over this connection, or has given up: " + error.message()});
}

bool Pipe::is_done() const {
  const bool peer_is_done = end_ && !end_->by_us && end_->code == value(PipeCode::kDone);
  return input_ended_ && receipt_given_ && (receipt_got_ || peer_is_done);
}

Problem Pipe::why_ended(const ConnectionEnd& end) const {
  const std::string text = apps::printable(std::string_view(end.text).substr(0, kMaxPeerText));
  const bool closed = end.why.code == Errc::kClosedByPeer;
  if (closed && end.code == value(PipeCode::kCancelled)) return {Exit::kUnavailable, peer_ + " cancelled"};
  if (closed && !text.empty()) return {Exit::kUnavailable, peer_ + " ended the connection, saying: " + text};
  if (closed) return {Exit::kUnavailable, peer_ + " closed the connection before all was said"};
  Problem problem = problem_of(end.why, peer_);
  if (problem.exit == Exit::kOk || problem.exit == Exit::kInterrupted) problem.exit = Exit::kUnavailable;
  return problem;
}

}  // namespace quicket::cli
