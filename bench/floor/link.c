// The link messages that netprim sends, with the same attributes in the same order.
#include "link.h"

#include <linux/if.h>
#include <linux/veth.h>
#include <stdio.h>
#include <stdlib.h>

#include "netlink.h"

static const uint16_t create_flags = NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO;

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
static void put_end(struct nlmsghdr* message, char prefix, int number, int master, int namespace) {
  char name[IFNAMSIZ];
  snprintf(name, sizeof name, "%c%d", prefix, number);
  mnl_attr_put_strz(message, IFLA_IFNAME, name);
  put_random_mac(message);
  put_number(message, IFLA_MASTER, master);
  mnl_attr_put_u32(message, IFLA_NUM_TX_QUEUES, 1);
  mnl_attr_put_u32(message, IFLA_NUM_RX_QUEUES, 1);
  put_number(message, IFLA_NET_NS_FD, namespace);
}

int create_bridge(int socket, const char* name) {
  struct nlmsghdr* message = begin_link_message(RTM_NEWLINK, create_flags, 0);
  set_up(message);
  mnl_attr_put_strz(message, IFLA_IFNAME, name);
  put_random_mac(message);
  struct nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
  mnl_attr_nest_end(message, info);
  return ask(socket, message);
}

int create_pair(int socket, int number, struct place place) {
  struct nlmsghdr* message = begin_link_message(RTM_NEWLINK, create_flags, 0);
  if (place.up) set_up(message);
  put_end(message, 'v', number, place.master, 0);
  struct nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
  struct nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  struct nlattr* peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
  mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
  put_end(message, 'p', number, 0, place.peer_namespace);
  mnl_attr_nest_end(message, peer);
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, info);
  return ask(socket, message);
}

void delete_link(int socket, int index) { ask(socket, begin_link_message(RTM_DELLINK, 0, index)); }

void set_group(int socket, int index, unsigned group) {
  struct nlmsghdr* message = begin_link_message(RTM_NEWLINK, 0, index);
  mnl_attr_put_u32(message, IFLA_GROUP, group);
  ask(socket, message);
}

void delete_group(int socket, unsigned group) {
  struct nlmsghdr* message = begin_link_message(RTM_DELLINK, 0, 0);
  mnl_attr_put_u32(message, IFLA_GROUP, group);
  ask(socket, message);
}
