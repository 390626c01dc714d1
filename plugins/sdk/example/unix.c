/* An example carrier in C: offers go through a Unix socket, from one program to another on the same machine.
 *
 * The receiver listens at a path. For each offer the sender connects and sends its size, 4 bytes in network order, and
 * its bytes; the receiver answers with one byte, the host's verdict. Without that answer the sender tries again. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <quicket/carrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
  MAX_OFFER = 65536,    /* bytes */
  RETRY_MS = 20,        /* between two tries to connect */
  CONNECTION_MS = 1000, /* for one offer, once somebody has connected */
  TIMED_OUT = -1        /* of wait_for, besides quicket_carrier_status */
};

struct unix_carrier {
  const struct quicket_host* host;
  struct sockaddr_un address;
  int cancelled; /* eventfd, readable for ever once cancelled */
  pthread_mutex_t mutex;
  int listener;  /* -1: nobody receives */
  int receivers; /* calls that use it */
};

static int fail(struct quicket_error* error, const char* what) {
  snprintf(error->text, sizeof error->text, "%s: %s", what, strerror(errno));
  return QUICKET_CARRIER_FAILED;
}

static int64_t now(const struct unix_carrier* carrier) { return carrier->host->now(carrier->host->context); }

static int64_t sooner(int64_t deadline, int64_t other) { return deadline != 0 && deadline < other ? deadline : other; }

/* wait_for waits for a descriptor (-1: for time to pass) until `limit` (0: none): QUICKET_CARRIER_OK when it is ready.
 * Every wait of a carrier looks like this: the descriptor, cancel and the deadline at once. */
static int wait_for(const struct unix_carrier* carrier, int fd, short events, int64_t deadline, int64_t limit) {
  for (;;) {
    struct pollfd fds[2] = {{.fd = carrier->cancelled, .events = POLLIN}, {.fd = fd, .events = events}};
    const int64_t end = limit != 0 ? sooner(deadline, limit) : deadline;
    int64_t left = end == 0 ? 1000 : end - now(carrier);
    if (left > 1000) left = 1000; /* the host's clock goes on while the machine sleeps: look again */
    if (poll(fds, 2, left > 0 ? (int)left : 0) < 0 && errno != EINTR) return QUICKET_CARRIER_FAILED;
    if (fds[0].revents != 0) return QUICKET_CARRIER_CANCELLED;
    if (deadline != 0 && now(carrier) >= deadline) return QUICKET_CARRIER_DEADLINE;
    if (fds[1].revents != 0) return QUICKET_CARRIER_OK;
    if (limit != 0 && now(carrier) >= limit) return TIMED_OUT;
  }
}

/* transfer sends or receives exactly `size` bytes. TIMED_OUT: too slow, or the other side has gone. */
static int transfer(const struct unix_carrier* carrier, int fd, int sends, uint8_t* data, size_t size, int64_t deadline,
                    int64_t limit) {
  while (size > 0) {
    const int status = wait_for(carrier, fd, sends ? POLLOUT : POLLIN, deadline, limit);
    if (status != QUICKET_CARRIER_OK) return status;
    const ssize_t done = sends ? send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) : recv(fd, data, size, MSG_DONTWAIT);
    if (done < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (done <= 0) return TIMED_OUT;
    data += done;
    size -= (size_t)done;
  }
  return QUICKET_CARRIER_OK;
}

static int open_instance(const struct quicket_host* host, const struct quicket_option* options, size_t option_count,
                         void** instance, struct quicket_error* error) {
  const char* path = NULL;
  for (size_t i = 0; i < option_count; ++i) {
    if (strcmp(options[i].key, "path") == 0) {
      path = options[i].value;
    } else {
      snprintf(error->text, sizeof error->text, "there is no option \"%s\"; path is known", options[i].key);
      return QUICKET_CARRIER_BAD_OPTION;
    }
  }
  struct unix_carrier* carrier = calloc(1, sizeof *carrier);
  if (carrier == NULL) return fail(error, "memory");
  if (path == NULL || *path == '\0' || strlen(path) >= sizeof carrier->address.sun_path) {
    snprintf(error->text, sizeof error->text, "option \"path\" is needed: a path of at most %zu bytes",
             sizeof carrier->address.sun_path - 1);
    free(carrier);
    return QUICKET_CARRIER_BAD_OPTION;
  }
  carrier->host = host;
  carrier->address.sun_family = AF_UNIX;
  strcpy(carrier->address.sun_path, path);
  carrier->listener = -1;
  carrier->cancelled = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (carrier->cancelled < 0) {
    free(carrier);
    return fail(error, "eventfd");
  }
  pthread_mutex_init(&carrier->mutex, NULL);
  *instance = carrier;
  return QUICKET_CARRIER_OK;
}

/* offer_once connects and sends. TIMED_OUT: nobody has taken it, try again. */
static int offer_once(struct unix_carrier* carrier, const struct quicket_delivery* delivery) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return QUICKET_CARRIER_FAILED;
  int status = TIMED_OUT;
  if (connect(fd, (const struct sockaddr*)&carrier->address, sizeof carrier->address) == 0) {
    uint32_t size = htonl((uint32_t)delivery->offer_size);
    uint8_t verdict = 0;
    status = transfer(carrier, fd, 1, (uint8_t*)&size, sizeof size, delivery->deadline_ms, 0);
    if (status == QUICKET_CARRIER_OK) {
      status = transfer(carrier, fd, 1, (uint8_t*)delivery->offer, delivery->offer_size, delivery->deadline_ms, 0);
    }
    if (status == QUICKET_CARRIER_OK) status = transfer(carrier, fd, 0, &verdict, 1, delivery->deadline_ms, 0);
  }
  close(fd);
  return status;
}

static int deliver(void* instance, const struct quicket_delivery* delivery, struct quicket_error* error) {
  struct unix_carrier* carrier = instance;
  if (delivery->offer_size == 0 || delivery->offer_size > MAX_OFFER) {
    snprintf(error->text, sizeof error->text, "the offer has %zu bytes, 1 to %d fit", delivery->offer_size, MAX_OFFER);
    return delivery->offer_size == 0 ? QUICKET_CARRIER_FAILED : QUICKET_CARRIER_TOO_LARGE;
  }
  for (;;) {
    int status = wait_for(carrier, -1, 0, delivery->deadline_ms, 1); /* cancelled or late already? */
    if (status == TIMED_OUT) status = offer_once(carrier, delivery);
    if (status == QUICKET_CARRIER_FAILED) return fail(error, carrier->address.sun_path);
    if (status != TIMED_OUT) return status;
    status = wait_for(carrier, -1, 0, delivery->deadline_ms, now(carrier) + RETRY_MS);
    if (status != TIMED_OUT) return status;
  }
}

/* start_listening shares one socket among the calls of this instance. What a receiver that died has left is replaced.
 */
static int start_listening(struct unix_carrier* carrier) {
  const struct sockaddr* address = (const struct sockaddr*)&carrier->address;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int bound = bind(fd, address, sizeof carrier->address);
  if (bound != 0 && errno == EADDRINUSE) {
    const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int dead = probe >= 0 && connect(probe, address, sizeof carrier->address) != 0 && errno == ECONNREFUSED;
    if (probe >= 0) close(probe);
    errno = EADDRINUSE;
    if (dead && unlink(carrier->address.sun_path) == 0) bound = bind(fd, address, sizeof carrier->address);
  }
  if (bound == 0 && listen(fd, 16) == 0) return fd;
  const int why = errno;
  close(fd);
  errno = why;
  return -1;
}

static int join_listening(struct unix_carrier* carrier) {
  pthread_mutex_lock(&carrier->mutex);
  if (carrier->receivers == 0) carrier->listener = start_listening(carrier);
  const int fd = carrier->listener;
  if (fd >= 0) ++carrier->receivers;
  pthread_mutex_unlock(&carrier->mutex);
  return fd;
}

static void leave_listening(struct unix_carrier* carrier) {
  pthread_mutex_lock(&carrier->mutex);
  if (--carrier->receivers == 0) {
    unlink(carrier->address.sun_path);
    close(carrier->listener); /* who waits there tries again */
    carrier->listener = -1;
  }
  pthread_mutex_unlock(&carrier->mutex);
}

/* take_offer reads what one sender sends. Whatever is no offer of a size that can be is dropped. */
static int take_offer(struct unix_carrier* carrier, int fd, uint8_t* room, int64_t deadline, quicket_on_offer on_offer,
                      void* context) {
  const int64_t limit = now(carrier) + CONNECTION_MS;
  uint32_t size = 0;
  int status = transfer(carrier, fd, 0, (uint8_t*)&size, sizeof size, deadline, limit);
  size = ntohl(size);
  if (status == QUICKET_CARRIER_OK && (size == 0 || size > MAX_OFFER)) status = TIMED_OUT;
  if (status == QUICKET_CARRIER_OK) status = transfer(carrier, fd, 0, room, size, deadline, limit);
  if (status == QUICKET_CARRIER_OK) {
    uint8_t verdict = (uint8_t)on_offer(context, room, size);
    status = transfer(carrier, fd, 1, &verdict, 1, deadline, limit);
  }
  return status == TIMED_OUT ? QUICKET_CARRIER_OK : status;
}

static int receive(void* instance, int64_t deadline_ms, quicket_on_offer on_offer, void* context,
                   struct quicket_error* error) {
  struct unix_carrier* carrier = instance;
  int status = wait_for(carrier, -1, 0, deadline_ms, 1);
  if (status != TIMED_OUT) return status;
  uint8_t* room = malloc(MAX_OFFER);
  if (room == NULL) return fail(error, "memory");
  const int listener = join_listening(carrier);
  status = listener >= 0 ? QUICKET_CARRIER_OK : fail(error, carrier->address.sun_path);
  while (status == QUICKET_CARRIER_OK) {
    status = wait_for(carrier, listener, POLLIN, deadline_ms, 0);
    const int fd = status == QUICKET_CARRIER_OK ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
    if (fd < 0) continue;
    status = take_offer(carrier, fd, room, deadline_ms, on_offer, context);
    close(fd);
  }
  if (listener >= 0) leave_listening(carrier);
  free(room);
  return status;
}

static void cancel(void* instance) { eventfd_write(((struct unix_carrier*)instance)->cancelled, 1); }

static void close_instance(void* instance) {
  struct unix_carrier* carrier = instance;
  close(carrier->cancelled);
  pthread_mutex_destroy(&carrier->mutex);
  free(carrier);
}

static const struct quicket_option known_options[] = {{"path", "the socket's path, the same for both sides"}};

static const struct quicket_carrier_info info = {
    .struct_size = sizeof(struct quicket_carrier_info),
    .name = "unix",
    .summary = "offers through a Unix socket on this machine",
    .capabilities = QUICKET_CARRIER_CAN_DELIVER | QUICKET_CARRIER_CAN_RECEIVE,
    .max_offer = MAX_OFFER,
    .options = known_options,
    .option_count = sizeof known_options / sizeof *known_options,
};

static const struct quicket_carrier carrier_table = {
    .abi_version = QUICKET_CARRIER_ABI_VERSION,
    .struct_size = sizeof(struct quicket_carrier),
    .info = &info,
    .open = open_instance,
    .deliver = deliver,
    .receive = receive,
    .cancel = cancel,
    .close = close_instance,
};

const struct quicket_carrier* quicket_carrier_v1(uint32_t host_abi_version) {
  return host_abi_version == QUICKET_CARRIER_ABI_VERSION ? &carrier_table : NULL;
}
