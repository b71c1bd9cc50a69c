// The messages for addresses, routes and neighbours that netprim sends, with the same attributes in the same order.
#include "inet.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

static const uint16_t add_flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
static const uint32_t first_address = 0x0a000000;
static const uint32_t subnet = 0xc0a80000;

static void put_ip(struct nlmsghdr* message, uint16_t type, uint32_t ip) { mnl_attr_put_u32(message, type, htonl(ip)); }

static void put_address(struct channel* channel, int link, uint32_t ip, int prefix_length) {
  struct nlmsghdr* message = begin_message(channel, RTM_NEWADDR, add_flags);
  struct ifaddrmsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ifa_family = AF_INET;
  header->ifa_prefixlen = (uint8_t)prefix_length;
  header->ifa_index = (uint32_t)link;
  put_ip(message, IFA_ADDRESS, ip);
  put_ip(message, IFA_LOCAL, ip);
  end_message(channel, message, NULL);
}

void add_address(struct channel* channel, int link, int number) {
  put_address(channel, link, first_address + (uint32_t)number, 32);
}

void add_subnet(struct channel* channel, int link) {
  put_address(channel, link, subnet + 1, 16);
  flush(channel);
}

void add_route(struct channel* channel, int link, int number) {
  struct nlmsghdr* message = begin_message(channel, RTM_NEWROUTE, add_flags);
  struct rtmsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->rtm_family = AF_INET;
  header->rtm_dst_len = 32;
  header->rtm_protocol = RTPROT_BOOT;
  header->rtm_type = RTN_UNICAST;
  put_ip(message, RTA_DST, first_address + (uint32_t)number);
  mnl_attr_put_u32(message, RTA_OIF, (uint32_t)link);
  put_ip(message, RTA_GATEWAY, subnet + 2);
  mnl_attr_put_u32(message, RTA_TABLE, RT_TABLE_MAIN);
  end_message(channel, message, NULL);
}

void add_neighbour(struct channel* channel, int link, int number) {
  struct nlmsghdr* message = begin_message(channel, RTM_NEWNEIGH, add_flags);
  struct ndmsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ndm_family = AF_INET;
  header->ndm_ifindex = link;
  header->ndm_state = NUD_PERMANENT;
  put_ip(message, NDA_DST, subnet + 0x100 + (uint32_t)number);
  const uint8_t mac[] = {2, 0, 0, 0, (uint8_t)(number >> 8), (uint8_t)number};
  mnl_attr_put(message, NDA_LLADDR, sizeof mac, mac);
  end_message(channel, message, NULL);
}

int list_addresses(struct channel* channel, int link) {
  struct nlmsghdr* message = begin_message(channel, RTM_GETADDR, NLM_F_DUMP);
  struct ifaddrmsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ifa_family = AF_INET;
  header->ifa_index = (uint32_t)link;
  channel->length = message->nlmsg_len;
  return dump(channel, NULL, NULL);
}

int list_routes(struct channel* channel) {
  struct nlmsghdr* message = begin_message(channel, RTM_GETROUTE, NLM_F_DUMP);
  struct rtmsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->rtm_family = AF_INET;
  mnl_attr_put_u32(message, RTA_TABLE, RT_TABLE_MAIN);
  channel->length = message->nlmsg_len;
  return dump(channel, NULL, NULL);
}

static void count_permanent(const struct nlmsghdr* neighbour, void* count) {
  const struct ndmsg* header = mnl_nlmsg_get_payload(neighbour);
  if (header->ndm_state == NUD_PERMANENT) (*(int*)count)++;
}

int list_permanent_neighbours(struct channel* channel, int link) {
  struct nlmsghdr* message = begin_message(channel, RTM_GETNEIGH, NLM_F_DUMP);
  struct ndmsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ndm_family = AF_INET;
  mnl_attr_put_u32(message, NDA_IFINDEX, (uint32_t)link);
  channel->length = message->nlmsg_len;
  int count = 0;
  dump(channel, count_permanent, &count);
  return count;
}
