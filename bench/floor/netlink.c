// Namespaces, sockets and the exchange of one message for its answer.
#define _GNU_SOURCE
#include "netlink.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

// Of the sizes that netprim has.
static char message_buffer[512];
static char receive_buffer[256 * 1024];
static const int receive_room = 4 * 1024 * 1024;

int enter_fresh_namespace(void) {
  if (unshare(CLONE_NEWNET) != 0) err(1, "unshare");
  const int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (fd < 0) err(1, "/proc/self/ns/net");
  return fd;
}

int open_socket(void) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) err(1, "socket");
  struct sockaddr_nl kernel_chooses = {.nl_family = AF_NETLINK};
  if (bind(fd, (struct sockaddr*)&kernel_chooses, sizeof kernel_chooses) != 0) err(1, "bind");
  const int options[] = {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK};
  const int on = 1;
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    if (setsockopt(fd, SOL_NETLINK, options[i], &on, sizeof on) != 0) err(1, "setsockopt");
  }
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_room, sizeof receive_room) != 0) err(1, "SO_RCVBUFFORCE");
  return fd;
}

struct nlmsghdr* begin_link_message(uint16_t type, uint16_t flags, int index) {
  // What stood here shall not be sent as the padding of attributes.
  memset(message_buffer, 0, sizeof message_buffer);
  struct nlmsghdr* message = mnl_nlmsg_put_header(message_buffer);
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  struct ifinfomsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ifi_index = index;
  return message;
}

int ask(int socket, struct nlmsghdr* message) {
  static uint32_t next_sequence = 1;
  message->nlmsg_seq = next_sequence++;
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  struct iovec part = {message, message->nlmsg_len};
  const struct msghdr header = {.msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &part, .msg_iovlen = 1};
  if (sendmsg(socket, &header, 0) < 0) err(1, "sendmsg");

  int echoed = 0;
  while (1) {
    int left = (int)recv(socket, receive_buffer, sizeof receive_buffer, MSG_DONTWAIT);
    if (left < 0) err(1, "recv");
    for (const struct nlmsghdr* answer = (void*)receive_buffer; mnl_nlmsg_ok(answer, left);
         answer = mnl_nlmsg_next(answer, &left)) {
      if (answer->nlmsg_seq != message->nlmsg_seq) continue;
      if (answer->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr* error = mnl_nlmsg_get_payload(answer);
        if (error->error != 0) errx(1, "refused: %s", strerror(-error->error));
        return echoed;
      }
      echoed = ((const struct ifinfomsg*)mnl_nlmsg_get_payload(answer))->ifi_index;
    }
  }
}
