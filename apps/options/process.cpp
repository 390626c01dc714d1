#include "apps/options/process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <google/protobuf/stubs/logging.h>

#include <csignal>

namespace quicket::apps {

void begin_process() noexcept {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
  }
  std::signal(SIGPIPE, SIG_IGN);
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace quicket::apps
