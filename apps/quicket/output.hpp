#pragma once

#include <boost/json/object.hpp>

#include <mutex>
#include <ostream>
#include <string>
#include <string_view>

#include "apps/quicket/errors.hpp"

namespace quicket::cli {

// Manner is how to speak.
struct Manner {
  bool quiet = false;   // nothing but errors
  bool json = false;    // one JSON object per line
  bool colour = false;  // the messages go to a terminal that shows colours, and nobody objects
  bool moving = false;  // they go to a terminal on which a line may be rewritten
};

// Output is where this program speaks: results on one stream (standard output), everything else on another (standard
// error). Nothing it writes can fail the program, but for results: see finish(). Thread safety: all members.
class Output {
 public:
  // The streams are borrowed.
  Output(std::ostream& results, std::ostream& messages, Manner manner);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // result writes what was asked for: as `text`, or its `facts` where JSON is wanted.
  void result(std::string_view text, const boost::json::object& facts);

  // tell says what happened: "LABEL   TEXT", or {"event":EVENT, facts...}.
  void tell(std::string_view event, std::string_view label, std::string_view text,
            const boost::json::object& facts = {});
  // warn and fail are said in any manner; warnings are left out when quiet.
  void warn(std::string_view text);
  void fail(const Problem& problem);

  // show_status writes the line that moves, with `right` at its end; the next one, or any message, takes its place.
  void show_status(std::string_view text, std::string_view right);
  void clear_status();

  // finish flushes the results. Errors: kInputOutput when they could not be written.
  Checked<> finish();

 private:
  void write_line(std::string_view label, std::string_view style, std::string_view text);
  void write_json(std::string_view event, const boost::json::object& facts);
  void put(const std::string& line);
  void erase_status();

  std::ostream& results_;
  std::ostream& messages_;
  const Manner manner_;
  std::mutex mutex_;
  bool status_shown_ = false;
};

}  // namespace quicket::cli
