// Namespaces, sockets and the exchange of datagrams for their answers.
#define _GNU_SOURCE
#include "netlink.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Of the sizes that netprim has.
enum { AT_ONCE = 16, RECEIVE_BUFFER = 256 * 1024, RECEIVE_ROOM = 4 * 1024 * 1024 };

enum { LONGEST_MESSAGE = 64 * 1024 };

static char receive_buffers[AT_ONCE][RECEIVE_BUFFER];
static uint32_t next_sequence = 1;

int enter_fresh_namespace(void) {
  if (unshare(CLONE_NEWNET) != 0) err(1, "unshare");
  const int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (fd < 0) err(1, "/proc/self/ns/net");
  return fd;
}

struct channel* make_channel(int most) {
  if (most > MOST_MESSAGES) errx(1, "%d messages in a datagram", most);
  struct channel* channel = calloc(1, sizeof *channel);
  if (!channel) err(1, "calloc");
  channel->most = most;
  return channel;
}

struct channel* open_channel(int protocol, int most) {
  struct channel* channel = make_channel(most);
  open_socket(channel, protocol);
  return channel;
}

void open_socket(struct channel* channel, int protocol) {
  channel->socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (channel->socket < 0) err(1, "socket");
  const struct sockaddr_nl kernel_chooses = {.nl_family = AF_NETLINK};
  if (bind(channel->socket, (const struct sockaddr*)&kernel_chooses, sizeof kernel_chooses) != 0) err(1, "bind");
  const int options[] = {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK};
  const int on = 1;
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    if (setsockopt(channel->socket, SOL_NETLINK, options[i], &on, sizeof on) != 0) err(1, "setsockopt");
  }
  const int rooms[] = {SO_RCVBUFFORCE, SO_SNDBUFFORCE};
  const int room = RECEIVE_ROOM;
  for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
    if (setsockopt(channel->socket, SOL_SOCKET, rooms[i], &room, sizeof room) != 0) err(1, "setsockopt");
  }
}

void close_channel(struct channel* channel) {
  close(channel->socket);
  free(channel);
}

struct nlmsghdr* begin_message(struct channel* channel, uint16_t type, uint16_t flags) {
  if (channel->length + LONGEST_MESSAGE > sizeof channel->bytes) errx(1, "the datagram gets too long");
  struct nlmsghdr* message = mnl_nlmsg_put_header(channel->bytes + channel->length);
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | flags;
  if (channel->quiet) message->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
  message->nlmsg_seq = next_sequence++;
  return message;
}

void end_message(struct channel* channel, const struct nlmsghdr* message, int* echoed) {
  channel->length += MNL_ALIGN(message->nlmsg_len);
  channel->echoed[channel->count++] = echoed;
  if (channel->count == channel->most) flush(channel);
}

static void send_datagram(struct channel* channel) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  struct iovec part = {channel->bytes, channel->length};
  const struct msghdr header = {.msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &part, .msg_iovlen = 1};
  if (sendmsg(channel->socket, &header, 0) < 0) err(1, "sendmsg");
  // What stood here shall not be sent as the padding of attributes.
  memset(channel->bytes, 0, channel->length);
  channel->length = 0;
}

typedef void (*take_message)(struct channel* channel, const struct nlmsghdr* message, void* context);

// Receives what there is, and gives each of its messages to `take`; false if there is nothing.
static bool receive(struct channel* channel, take_message take, void* context) {
  static struct iovec parts[AT_ONCE];
  static struct mmsghdr headers[AT_ONCE];
  for (int i = 0; i < AT_ONCE; i++) {
    parts[i] = (struct iovec){receive_buffers[i], RECEIVE_BUFFER};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  const int datagrams = recvmmsg(channel->socket, headers, AT_ONCE, MSG_DONTWAIT, NULL);
  if (datagrams < 0 && errno == EAGAIN) return false;
  if (datagrams < 0) err(1, "recvmmsg");
  for (int i = 0; i < datagrams; i++) {
    int left = (int)headers[i].msg_len;
    for (const struct nlmsghdr* message = (void*)receive_buffers[i]; mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left))
      take(channel, message, context);
  }
  return true;
}

static void refuse(int number) {
  if (number != 0) errx(1, "refused: %s", strerror(-number));
}

static bool take_end(const struct nlmsghdr* message) {
  if (message->nlmsg_type != NLMSG_ERROR) return false;
  refuse(((const struct nlmsgerr*)mnl_nlmsg_get_payload(message))->error);
  return true;
}

// \param context how many messages wait for their answers
static void take_answer(struct channel* channel, const struct nlmsghdr* message, void* context) {
  int* unanswered = context;
  if (take_end(message)) {
    (*unanswered)--;
    return;
  }
  int* echoed = channel->echoed[message->nlmsg_seq - (next_sequence - (uint32_t)channel->count)];
  if (echoed) *echoed = ((const struct ifinfomsg*)mnl_nlmsg_get_payload(message))->ifi_index;
}

void flush(struct channel* channel) {
  if (channel->count == 0) return;
  if (channel->quiet) {
    flush_batch(channel);
    return;
  }
  send_datagram(channel);
  int unanswered = channel->count;
  while (unanswered > 0) {
    if (!receive(channel, take_answer, &unanswered)) errx(1, "%d messages were not answered", unanswered);
  }
  channel->count = 0;
}

static void take_refusal(struct channel* channel, const struct nlmsghdr* message, void* context) {
  (void)channel;
  (void)context;
  take_end(message);
}

void flush_batch(struct channel* channel) {
  send_datagram(channel);
  channel->count = 0;
  while (receive(channel, take_refusal, NULL)) continue;
}

struct listing {
  int count;
  bool done;
  void (*each)(const struct nlmsghdr* object, void* context);
  void* context;
};

static void take_object(struct channel* channel, const struct nlmsghdr* message, void* context) {
  (void)channel;
  struct listing* listing = context;
  if (message->nlmsg_type == NLMSG_DONE) {
    refuse(*(const int*)mnl_nlmsg_get_payload(message));
    listing->done = true;
  } else if (!take_end(message)) {
    listing->count++;
    if (listing->each) listing->each(message, listing->context);
  }
}

int dump(struct channel* channel, void (*each)(const struct nlmsghdr* object, void* context), void* context) {
  struct listing listing = {.each = each, .context = context};
  send_datagram(channel);
  channel->count = 0;
  while (!listing.done) {
    if (!receive(channel, take_object, &listing)) errx(1, "the list has no end");
  }
  return listing.count;
}
