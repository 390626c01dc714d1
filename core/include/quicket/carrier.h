/* The carrier ABI: what a loadable carrier plugin and its host agree on. Pure C, append-only: fields are only ever
 * added at the end, and struct_size says how much of a struct is there.
 *
 * A carrier brings an offer, a message of at most 64 KiB, one way from a dialer to an accepter.
 * A plugin exports one symbol, quicket_carrier_v1, and returns a table that stays valid for ever.
 *
 * Calls may block: the host gives each deliver and each receive a thread of its own. cancel may come from any thread,
 * any number of times, also before and after the call it ends. Nothing here throws or longjmps across the boundary.
 * Memory: who allocated it frees it. Pointers passed to a call are borrowed until that call returns, unless it says
 * otherwise.
 */
#ifndef QUICKET_CARRIER_H
#define QUICKET_CARRIER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QUICKET_CARRIER_ABI_VERSION 1u
#define QUICKET_CARRIER_SYMBOL "quicket_carrier_v1"

/* What a call of the plugin returns. */
enum quicket_carrier_status {
  QUICKET_CARRIER_OK = 0,
  QUICKET_CARRIER_CANCELLED = 1,  /* by cancel */
  QUICKET_CARRIER_DEADLINE = 2,   /* the deadline passed first */
  QUICKET_CARRIER_END = 3,        /* receive: nothing more will ever come (end of file) */
  QUICKET_CARRIER_TOO_LARGE = 4,  /* deliver: the offer does not fit; nothing was sent */
  QUICKET_CARRIER_BAD_OPTION = 5, /* open: an option is unknown or wrong; the error text says which */
  QUICKET_CARRIER_FAILED = 6      /* anything else; the error text says what */
};

/* What the channel can do. */
enum quicket_carrier_capability {
  QUICKET_CARRIER_CAN_DELIVER = 1u << 0,
  QUICKET_CARRIER_CAN_RECEIVE = 1u << 1,
  QUICKET_CARRIER_AUTHENTICATES = 1u << 2, /* the receiver knows who sent it */
  QUICKET_CARRIER_HIDES = 1u << 3,         /* nobody else can read it */
  QUICKET_CARRIER_BY_HAND = 1u << 4        /* its user passes on what it writes, and brings what it reads: a terminal, a
                                              file, a picture */
};

/* What the host answers to a received offer: the acknowledgement for channels that keep messages until acknowledged. */
enum quicket_carrier_verdict {
  QUICKET_OFFER_ACCEPTED = 0,
  QUICKET_OFFER_DUPLICATE = 1, /* seen before: acknowledge it */
  QUICKET_OFFER_REFUSED = 2    /* not an offer, or not for us: acknowledge it, or report it as undeliverable */
};

enum quicket_log_level { QUICKET_LOG_DEBUG = 0, QUICKET_LOG_INFO = 1, QUICKET_LOG_WARNING = 2, QUICKET_LOG_ERROR = 3 };

/* quicket_option is one "key=value" of the user's. Zero-terminated UTF-8. */
struct quicket_option {
  const char* key;
  const char* value;
};

/* quicket_buffer is memory of the host's to be filled: at most `capacity` bytes, `size` says how many were written.
 * When more is needed, the call that fills it returns nonzero and sets `size` to what it needs. */
struct quicket_buffer {
  uint8_t* data;
  size_t capacity;
  size_t size;
};

enum quicket_text_form {
  QUICKET_TEXT_JSON = 0,  /* {"offer":"BASE64"} */
  QUICKET_TEXT_URI = 1,   /* quicket:BASE64URL */
  QUICKET_TEXT_DIGITS = 2 /* QUICKET:/DIGITS, for QR codes in numeric mode */
};

/* quicket_relay_exchange is one HTTP request on the endpoint's session with a relay, signed as the peer when asked.
 * It ends with QUICKET_CARRIER_CANCELLED as soon as the host cancels or closes the instance. */
struct quicket_relay_exchange {
  uint32_t struct_size;
  const char* method;
  const char* path;
  const char* content_type; /* NULL: no body */
  const uint8_t* body;
  size_t body_size;
  int sign_as_peer;
  int64_t deadline_ms; /* as deliver's */
  int status;          /* out: HTTP status */
  struct quicket_buffer response;
  const char* relay; /* its URL; NULL: the first of the host's own */
};

/* quicket_host is the host's side, handed to open. It outlives the instance. */
struct quicket_host {
  uint32_t abi_version;
  uint32_t struct_size;
  void* context; /* first argument of each function below */
  void (*log)(void* context, int level, const char* message);
  /* now gives milliseconds on the clock of all deadlines (CLOCK_BOOTTIME). */
  int64_t (*now)(void* context);
  /* offer_to_text writes the text form of an offer's bytes, without a terminator. 0 when done. */
  int (*offer_to_text)(void* context, int form, const uint8_t* offer, size_t size, struct quicket_buffer* text);
  /* offer_from_text reads any text form, or JSON with other members. 0 when it is one. It does not open the offer. */
  int (*offer_from_text)(void* context, const char* text, size_t size, struct quicket_buffer* offer);
  /* relay_request performs the exchange and blocks until it is answered: 0, or a quicket_carrier_status. NULL: no relay
   * here. */
  int (*relay_request)(void* context, struct quicket_relay_exchange* exchange);
  /* peer is the host's own peer id, relays the URLs of its own relays, where its mailboxes are. NULL: none. */
  const char* peer;
  const char* const* relays;
  size_t relay_count;
};

/* quicket_delivery is one offer on its way out. */
struct quicket_delivery {
  uint32_t struct_size;
  const uint8_t* offer;
  size_t offer_size;
  const char* recipient;          /* peer id, NULL when unknown (first contact) */
  const char* const* home_relays; /* relay URLs of the recipient */
  size_t home_relay_count;
  int64_t deadline_ms; /* on the host's clock; give up then */
};

/* quicket_carrier_info says what a carrier is, before it is opened. */
struct quicket_carrier_info {
  uint32_t struct_size;
  const char* name;                     /* as in --carrier NAME: a-z 0-9 - */
  const char* summary;                  /* one line for people */
  uint32_t capabilities;                /* quicket_carrier_capability */
  size_t max_offer;                     /* bytes; 0: 65536 */
  uint32_t typical_latency_ms;          /* from deliver to receive */
  const struct quicket_option* options; /* key and meaning of each option */
  size_t option_count;
};

/* quicket_error is where a failing call explains itself: zero-terminated, for people, no secret in it. */
struct quicket_error {
  char text[256];
};

typedef int (*quicket_on_offer)(void* context, const uint8_t* offer, size_t size);

struct quicket_carrier {
  uint32_t abi_version;
  uint32_t struct_size;
  const struct quicket_carrier_info* info;
  /* open makes an instance. All strings are borrowed for the call. */
  int (*open)(const struct quicket_host* host, const struct quicket_option* options, size_t option_count,
              void** instance, struct quicket_error* error);
  /* deliver sends one offer and returns once the channel has taken it. */
  int (*deliver)(void* instance, const struct quicket_delivery* delivery, struct quicket_error* error);
  /* receive calls on_offer for each message until cancelled, ended or at deadline_ms (0: none). on_offer returns a
   * quicket_carrier_verdict and may be called from this call's thread only. */
  int (*receive)(void* instance, int64_t deadline_ms, quicket_on_offer on_offer, void* context,
                 struct quicket_error* error);
  /* cancel ends what runs in this instance, and whatever is called later, with QUICKET_CARRIER_CANCELLED. */
  void (*cancel)(void* instance);
  /* close frees the instance; no call runs in it any more. */
  void (*close)(void* instance);
};

#if defined(__GNUC__)
#define QUICKET_CARRIER_EXPORT __attribute__((visibility("default")))
#else
#define QUICKET_CARRIER_EXPORT
#endif

/* The one symbol of a plugin. NULL when the host's version is not supported. */
QUICKET_CARRIER_EXPORT const struct quicket_carrier* quicket_carrier_v1(uint32_t host_abi_version);

#ifdef __cplusplus
}
#endif

#endif
