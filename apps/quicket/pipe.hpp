#pragma once

#include <quicket/connection.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>

#include "apps/quicket/errors.hpp"
#include "apps/quicket/file_stream.hpp"

namespace quicket::cli {

// The protocol "pipe": each side opens one bidirectional stream, sends on it, and ends it. The other side answers there
// with nothing but the end, once it has written out all that came: a receipt. So "sent" means: it is out of the other
// program. (One stream for both directions would not do: it shows to the accepter only with its first byte, and the
// dialer may have none.) Whoever has got its receipt and given its own closes the connection with kDone.
enum class PipeCode : std::uint64_t {
  kDone = 1,
  kFailed = 2,     // the text says why
  kCancelled = 3,  // by its user
};

// Traffic counts bytes.
struct Traffic {
  std::uint64_t sent = 0, received = 0, dropped = 0;
};

// Pipe joins a connection with two files.
class Pipe {
 public:
  // `peer` is the name for messages. `input` and `output` are borrowed; without an input nothing is sent, without an
  // output what comes is dropped, and counted. `end_output`: the output ends with what the peer sends, so that whoever
  // reads it can answer.
  Pipe(Connection connection, std::string peer, FileReader* input, FileWriter* output, bool end_output);

  // run works until both directions have ended, and closes the connection. When it is cancelled it tells the peer so,
  // and throws. Problems: kInputOutput (a file), kUnavailable (the peer ended it, or is gone).
  boost::asio::awaitable<Checked<>> run();

  const Traffic& traffic() const noexcept { return traffic_; }

 private:
  boost::asio::awaitable<void> send();
  boost::asio::awaitable<void> receive();
  boost::asio::awaitable<void> watch();
  boost::asio::awaitable<void> copy_input(Stream& stream);
  boost::asio::awaitable<void> copy_output(Stream& stream);
  boost::asio::awaitable<void> write_out(boost::asio::const_buffer bytes);
  void fail(Problem problem);
  void fail_on(const error_code& stream_error);
  bool is_done() const;
  Problem why_ended(const ConnectionEnd& end) const;

  Connection connection_;
  std::string peer_;
  std::optional<Stream> outgoing_, incoming_;  // here, so that none is given up before the connection is closed
  FileReader* input_;
  FileWriter* output_;
  bool end_output_;
  Traffic traffic_;
  bool input_ended_ = false, receipt_got_ = false, receipt_given_ = false;
  std::optional<Problem> problem_;  // the first one
  std::optional<ConnectionEnd> end_;
};

}  // namespace quicket::cli
