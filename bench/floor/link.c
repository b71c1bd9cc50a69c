// The link messages that netprim sends, with the same attributes in the same order.
#include "link.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <stdlib.h>

static const uint16_t create_flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO;
static const unsigned group = 0x40000000;

static struct nlmsghdr* begin_link_message(struct channel* channel, uint16_t type, uint16_t flags, int index) {
  struct nlmsghdr* message = begin_message(channel, type, flags);
  struct ifinfomsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ifi_index = index;
  return message;
}

static void put_random_mac(struct nlmsghdr* message) {
  uint8_t mac[6];
  for (int i = 0; i < 6; i++) mac[i] = (uint8_t)rand();
  mac[0] = (mac[0] & 0xfc) | 0x02;
  mnl_attr_put(message, IFLA_ADDRESS, sizeof mac, mac);
}

static void set_up(struct nlmsghdr* message) {
  struct ifinfomsg* header = mnl_nlmsg_get_payload(message);
  header->ifi_flags = header->ifi_change = IFF_UP;
}

static void put_number(struct nlmsghdr* message, uint16_t type, int number) {
  if (number != 0) mnl_attr_put_u32(message, type, (uint32_t)number);
}

// What both ends have.
static void put_end(struct nlmsghdr* message, char prefix, int number, int mtu, int master, int namespace) {
  char name[IFNAMSIZ];
  snprintf(name, sizeof name, "%c%d", prefix, number);
  mnl_attr_put_strz(message, IFLA_IFNAME, name);
  put_random_mac(message);
  put_number(message, IFLA_MTU, mtu);
  put_number(message, IFLA_MASTER, master);
  mnl_attr_put_u32(message, IFLA_NUM_TX_QUEUES, 1);
  mnl_attr_put_u32(message, IFLA_NUM_RX_QUEUES, 1);
  put_number(message, IFLA_NET_NS_FD, namespace);
}

void create_bridge(struct channel* channel, const char* name, int up, int* index) {
  struct nlmsghdr* message = begin_link_message(channel, RTM_NEWLINK, create_flags, 0);
  if (up) set_up(message);
  mnl_attr_put_strz(message, IFLA_IFNAME, name);
  put_random_mac(message);
  struct nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
  mnl_attr_nest_end(message, info);
  end_message(channel, message, index);
}

void create_pair(struct channel* channel, int number, struct place place, int* index) {
  struct nlmsghdr* message = begin_link_message(channel, RTM_NEWLINK, create_flags, 0);
  if (place.up) set_up(message);
  put_end(message, 'v', number, place.mtu, place.master, 0);
  struct nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
  struct nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  struct nlattr* peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
  mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
  put_end(message, 'p', number, place.mtu, 0, place.peer_namespace);
  mnl_attr_nest_end(message, peer);
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, info);
  end_message(channel, message, index);
}

void delete_link(struct channel* channel, int index) {
  end_message(channel, begin_link_message(channel, RTM_DELLINK, NLM_F_ACK, index), NULL);
}

void delete_links(struct channel* channel, const int* indexes, int count) {
  for (int i = 0; i < count; i++) {
    struct nlmsghdr* message = begin_link_message(channel, RTM_NEWLINK, NLM_F_ACK, indexes[i]);
    mnl_attr_put_u32(message, IFLA_GROUP, group);
    end_message(channel, message, NULL);
  }
  struct nlmsghdr* message = begin_link_message(channel, RTM_DELLINK, NLM_F_ACK, 0);
  mnl_attr_put_u32(message, IFLA_GROUP, group);
  end_message(channel, message, NULL);
  flush(channel);
}

void get_link(struct channel* channel, int index, int* found) {
  struct nlmsghdr* message = begin_link_message(channel, RTM_GETLINK, NLM_F_ACK, index);
  mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  end_message(channel, message, found);
}

static int each_link(struct channel* channel, void (*each)(const struct nlmsghdr* link, void* context), void* context) {
  struct nlmsghdr* message = begin_link_message(channel, RTM_GETLINK, NLM_F_DUMP, 0);
  mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  channel->length = message->nlmsg_len;
  return dump(channel, each, context);
}

int list_links(struct channel* channel) { return each_link(channel, NULL, NULL); }

struct ports {
  int master;
  int count;
};

static void count_port(const struct nlmsghdr* link, void* context) {
  struct ports* ports = context;
  const struct ifinfomsg* header = mnl_nlmsg_get_payload(link);
  if (!(header->ifi_flags & IFF_UP)) return;
  const struct nlattr* attribute;
  mnl_attr_for_each(attribute, link, sizeof *header) {
    if (mnl_attr_get_type(attribute) == IFLA_MASTER) ports->count += (int)mnl_attr_get_u32(attribute) == ports->master;
  }
}

int count_ports(struct channel* channel, int master) {
  struct ports ports = {.master = master};
  each_link(channel, count_port, &ports);
  return ports.count;
}

struct indexes {
  int count;
  int indexes[];
};

static void note_index(const struct nlmsghdr* link, void* context) {
  struct indexes* noted = context;
  const struct ifinfomsg* header = mnl_nlmsg_get_payload(link);
  if (!(header->ifi_flags & IFF_LOOPBACK)) noted->indexes[noted->count++] = header->ifi_index;
}

void delete_all_links(struct channel* channel) {
  struct indexes* noted = malloc(sizeof *noted + (size_t)list_links(channel) * sizeof(int));
  if (!noted) abort();
  noted->count = 0;
  each_link(channel, note_index, noted);
  if (noted->count > 0) delete_links(channel, noted->indexes, noted->count);
  free(noted);
}
