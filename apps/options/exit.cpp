#include "apps/options/exit.hpp"

#include <cerrno>

namespace quicket::apps {

Exit exit_for_system(const boost::system::error_code& error) noexcept {
  const auto condition = error.default_error_condition();
  if (condition.category() != boost::system::generic_category()) {
    return Exit::kUnavailable;  // Asio's own: names that do not resolve, streams that ended
  }
  switch (condition.value()) {
    case EACCES:
    case EPERM:
    case EROFS:
    case EEXIST:
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return Exit::kCannotCreate;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ECONNREFUSED:
    case EADDRINUSE:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return Exit::kUnavailable;
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ETIMEDOUT:
      return Exit::kTemporary;
    default:
      return Exit::kInputOutput;
  }
}

Exit exit_for_own_file(const boost::system::error_code& error) noexcept {
  const bool system = error.default_error_condition().category() == boost::system::generic_category();
  const Exit exit = exit_for_system(error);
  return system && (exit == Exit::kTemporary || exit == Exit::kInputOutput) ? exit : Exit::kConfig;
}

}  // namespace quicket::apps
