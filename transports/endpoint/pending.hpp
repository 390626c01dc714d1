#pragma once

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/strand.hpp>

#include <cstdint>
#include <utility>

namespace quicket::detail {

namespace asio = boost::asio;
using Strand = asio::strand<asio::any_io_executor>;

// OperationId tells the operations of one endpoint apart; none is used twice.
enum class OperationId : std::uint64_t {};

// Pending is the handler of an asynchronous operation that is under way. It keeps the handler's executor busy until
// then. Destroyed without complete(), the handler is destroyed without having been called: only for when its executor
// is going away.
template <class... Args>
class Pending {
 public:
  using Handler = asio::any_completion_handler<void(Args...)>;

  Pending(Handler handler, const Strand& strand)
      : strand_(strand),
        work_(asio::prefer(asio::any_completion_executor(asio::get_associated_executor(handler, strand)),
                           asio::execution::outstanding_work.tracked)),
        handler_(std::move(handler)) {}

  // complete calls the handler on its executor, never within this call, and after what was posted to the strand before.
  void complete(Args... args) {
    auto call = [handler = std::move(handler_), ... args = std::move(args)]() mutable {
      std::move(handler)(std::move(args)...);
    };
    asio::post(strand_,
               [work = std::move(work_), call = std::move(call)]() mutable { asio::dispatch(work, std::move(call)); });
  }

 private:
  Strand strand_;
  asio::any_completion_executor work_;
  Handler handler_;
};

// on_cancel lets `cancel` run when the operation's owner cancels it, in the thread that does so. To be called before
// the operation starts. The slot may keep `cancel` for long after the operation, even after the executor's context: it
// is to own nothing.
template <class Handler, class Cancel>
void on_cancel(const Handler& handler, Cancel cancel) {
  auto slot = asio::get_associated_cancellation_slot(handler);
  if (!slot.is_connected()) return;
  slot.assign([cancel = std::move(cancel)](asio::cancellation_type type) {
    if (type != asio::cancellation_type::none) cancel();
  });
}

}  // namespace quicket::detail
