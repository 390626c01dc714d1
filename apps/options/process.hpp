#pragma once

namespace quicket::apps {

// begin_process is what both programs do first, before any thread: it opens standard descriptors that are missing, for
// else a socket or a file would take their numbers and get what is written to them; lets writes to a closed pipe fail
// instead of ending the program; and keeps libprotobuf, which has a global log, from writing about what others send.
void begin_process() noexcept;

}  // namespace quicket::apps
