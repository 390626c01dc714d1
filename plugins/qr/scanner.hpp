#pragma once

#include <deque>
#include <optional>
#include <string>

#include <quicket/plugin/waiter.hpp>

#include "plugins/qr/picture.hpp"

namespace quicket::plugin {

// Scanner takes pictures, and hands on each offer in them as soon as it is found: all codes of a picture are read, and
// each is handed on once, however many pictures show it.
class Scanner {
 public:
  // Effort is for one picture. From a camera the next one is there soon, and may be better.
  enum class Effort { kLittle, kAll };

  // What it was given, and what became of it. All are borrowed.
  Scanner(const Host& host, const Waiter& waiter, std::int64_t deadline, const OnOffer& on_offer)
      : host_(host), waiter_(waiter), deadline_(deadline), on_offer_(on_offer) {}

  // begin says that pictures of another place follow: what is counted is counted anew.
  void begin();
  // scan decodes and reads one picture. Throws Cancelled, DeadlinePassed.
  void scan(const Frame& frame, Effort effort);
  // finish says that no more pictures come: the last one, if there was little effort for it and no code in any, is
  // read again with all.
  void finish();

  std::size_t pictures() const { return pictures_; }  // that could be decoded
  std::size_t codes() const { return codes_; }        // as often as they were read
  std::size_t offers() const { return offers_; }      // among them
  const std::string& why() const { return why_; }     // the last picture that could not be decoded could not

 private:
  void search(const Picture& picture, Effort effort);
  bool take(const std::string& code);

  const Host& host_;
  const Waiter& waiter_;
  std::int64_t deadline_;
  const OnOffer& on_offer_;
  std::deque<std::string> seen_;  // the codes that came last
  std::size_t pictures_ = 0, codes_ = 0, offers_ = 0;
  std::size_t next_manner_ = 1;  // for a picture with little effort, after the first manner
  std::optional<Picture> last_;  // that got little effort
  std::string why_;
};

}  // namespace quicket::plugin
