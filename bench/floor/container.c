// A container on netprim's bridge network, by the messages that netprim sends, in the order in which it sends them.
#define _GNU_SOURCE
#include "container.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "link.h"
#include "nft.h"
#include "proc.h"

static const char bridge_name[] = "br-bench";
static const uint32_t gateway = 0x0a580001;
static const uint32_t first_address = 0x0a580101;
static const int prefix_length = 16;
static const int first_port = 20000;
static const int mtu = 1500;
static const char table[] = "netprim";
// At how many addresses a host answers, at the most.
enum { MOST_OWN = 16 };
// Of a container's only link, beside its loopback.
static const int container_link = 2;

void create_network(struct network* network, int most) {
  const char* program = getenv("BENCH_NETWORK");
  if (!program) errx(1, "BENCH_NETWORK is not set");
  network->host = enter_fresh_namespace();
  if (system(program) != 0) errx(1, "%s failed", program);
  network->route = open_channel(NETLINK_ROUTE, 1);
  network->netfilter = open_channel(NETLINK_NETFILTER, 1);
  network->inside = make_channel(3);
  network->containers = calloc((size_t)most, sizeof(int));
  if (!network->containers) err(1, "calloc");
  network->bridge = (int)if_nametoindex(bridge_name);
  if (network->bridge == 0) errx(1, "no bridge");
}

void end_network(struct network* network, int attached) {
  delete_all_links(network->route);
  for (int i = 0; i < attached; i++) close(network->containers[i]);
  free(network->containers);
  close_channel(network->route);
  close_channel(network->netfilter);
  free(network->inside);
  close(network->host);
}

struct element {
  const char* set;
  const void* key;
  size_t key_length;
  const void* data;
  size_t data_length;
  const char* comment;
};

// A comment is user data of type 0: type, length, text with its NUL.
static void put_comment(struct nlmsghdr* message, const char* comment) {
  uint8_t data[130] = {0, (uint8_t)(strlen(comment) + 1)};
  strcpy((char*)data + 2, comment);
  mnl_attr_put(message, NFTA_SET_ELEM_USERDATA, 2u + data[1], data);
}

static void add_element(struct channel* channel, struct element element) {
  struct nlmsghdr* message = begin_elements(channel, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL, table, element.set);
  struct nlattr* list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
  struct nlattr* one = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
  put_value(message, NFTA_SET_ELEM_KEY, element.key, element.key_length);
  if (element.data) put_value(message, NFTA_SET_ELEM_DATA, element.data, element.data_length);
  if (element.comment) put_comment(message, element.comment);
  mnl_attr_nest_end(message, one);
  mnl_attr_nest_end(message, list);
  append(channel, message);
}

// The fields of keys and values, each in registers of 32 bits.
struct address_key {
  char bridge[16];
  uint32_t address;
};
struct port_key {
  uint8_t protocol;
  uint8_t padding[3];
  uint16_t port;
  uint16_t more_padding;
};
struct target {
  uint32_t address;
  uint16_t port;
  uint16_t padding;
};

static void claim(struct channel* channel, uint32_t address, int port, const char* owner) {
  struct address_key own = {.address = address};
  strcpy(own.bridge, bridge_name);
  const struct port_key host_port = {.protocol = IPPROTO_TCP, .port = htons((uint16_t)port)};
  const struct target target = {.address = address, .port = htons(80)};
  const uint32_t everywhere = 1;
  begin_batch(channel);
  add_element(channel, (struct element){"addresses", &own, sizeof own, NULL, 0, owner});
  add_element(channel, (struct element){"ports", &host_port, sizeof host_port, &everywhere, sizeof everywhere, NULL});
  add_element(channel, (struct element){"published", &host_port, sizeof host_port, &target, sizeof target, owner});
  end_batch(channel);
}

// Has the kernel forget connections to a port at one of the host's addresses.
static void drop_connections(struct channel* channel, uint32_t address, int port) {
  enum { COMPARE_DESTINATION = 1 << 1, COMPARE_PROTOCOL = 1 << 3, COMPARE_DESTINATION_PORT = 1 << 5 };
  struct nlmsghdr* message =
      begin_nfnetlink(channel, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_ACK, AF_INET, 0);
  struct nlattr* tuple = mnl_attr_nest_start(message, CTA_TUPLE_ORIG);
  struct nlattr* ip = mnl_attr_nest_start(message, CTA_TUPLE_IP);
  mnl_attr_put_u32(message, CTA_IP_V4_DST, address);
  mnl_attr_nest_end(message, ip);
  struct nlattr* protocol = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
  mnl_attr_put_u8(message, CTA_PROTO_NUM, IPPROTO_TCP);
  mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons((uint16_t)port));
  mnl_attr_nest_end(message, protocol);
  mnl_attr_nest_end(message, tuple);
  struct nlattr* filter = mnl_attr_nest_start(message, CTA_FILTER);
  mnl_attr_put_u32(message, CTA_FILTER_ORIG_FLAGS, COMPARE_DESTINATION | COMPARE_PROTOCOL | COMPARE_DESTINATION_PORT);
  mnl_attr_put_u32(message, CTA_FILTER_REPLY_FLAGS, 0);
  mnl_attr_nest_end(message, filter);
  end_message(channel, message, NULL);
}

struct own_addresses {
  int count;
  uint32_t addresses[MOST_OWN];
};

static void note_own(const struct nlmsghdr* object, void* context) {
  struct own_addresses* own = context;
  const struct rtmsg* route = mnl_nlmsg_get_payload(object);
  if (route->rtm_type != RTN_LOCAL || route->rtm_dst_len != 32) return;
  const struct nlattr* attribute;
  mnl_attr_for_each(attribute, object, sizeof *route) {
    if (mnl_attr_get_type(attribute) != RTA_DST) continue;
    if (own->count == MOST_OWN) errx(1, "more than %d addresses of its own", MOST_OWN);
    own->addresses[own->count++] = mnl_attr_get_u32(attribute);
  }
}

static void drop_stale_connections(struct network* network, int port) {
  struct nlmsghdr* message = begin_message(network->route, RTM_GETROUTE, NLM_F_DUMP);
  struct rtmsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->rtm_family = AF_INET;
  mnl_attr_put_u32(message, RTA_TABLE, RT_TABLE_LOCAL);
  append(network->route, message);
  struct own_addresses own = {.count = 0};
  dump(network->route, note_own, &own);
  for (int i = 0; i < own.count; i++) drop_connections(network->netfilter, own.addresses[i], port);
}

static struct nlmsghdr* begin_link(struct channel* channel, int type, uint16_t flags, int index, int up) {
  struct nlmsghdr* message = begin_message(channel, (uint16_t)type, NLM_F_ACK | flags);
  struct ifinfomsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ifi_index = index;
  if (up) header->ifi_flags = header->ifi_change = IFF_UP;
  return message;
}

// Brings it up, with its alias, and sending frames back to where they came from.
static void set_up_port(struct channel* channel, int index, const char* alias) {
  struct nlmsghdr* message = begin_link(channel, RTM_NEWLINK, 0, index, 1);
  mnl_attr_put_strz(message, IFLA_IFALIAS, alias);
  struct nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_SLAVE_KIND, "bridge");
  struct nlattr* port = mnl_attr_nest_start(message, IFLA_INFO_SLAVE_DATA);
  mnl_attr_put_u8(message, IFLA_BRPORT_MODE, 1);
  mnl_attr_nest_end(message, port);
  mnl_attr_nest_end(message, info);
  end_message(channel, message, NULL);
}

// In the namespace where the process is.
static void disable_ipv6(const char* link) {
  char path[64];
  snprintf(path, sizeof path, "sys/net/ipv6/conf/%s/disable_ipv6", link);
  const int file = openat(own_proc(), path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, "1", 1) != 1) err(1, "%s", path);
  close(file);
}

static void enter(int namespace) {
  if (setns(namespace, CLONE_NEWNET) != 0) err(1, "setns");
}

static void configure(struct channel* channel, uint32_t address) {
  struct nlmsghdr* message = begin_message(channel, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  struct ifaddrmsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->ifa_family = AF_INET;
  header->ifa_prefixlen = prefix_length;
  header->ifa_index = container_link;
  mnl_attr_put_u32(message, IFA_ADDRESS, address);
  mnl_attr_put_u32(message, IFA_LOCAL, address);
  end_message(channel, message, NULL);

  end_message(channel, begin_link(channel, RTM_NEWLINK, 0, container_link, 1), NULL);

  message = begin_message(channel, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  struct rtmsg* route = mnl_nlmsg_put_extra_header(message, sizeof *route);
  route->rtm_family = AF_INET;
  route->rtm_protocol = RTPROT_BOOT;
  route->rtm_type = RTN_UNICAST;
  mnl_attr_put_u32(message, RTA_GATEWAY, htonl(gateway));
  mnl_attr_put_u32(message, RTA_TABLE, RT_TABLE_MAIN);
  end_message(channel, message, NULL);
}

void attach_container(struct network* network, int number) {
  const uint32_t address = htonl(first_address + (uint32_t)number);
  const int port = first_port + number;
  char owner[64];
  char alias[200];
  char outer[IFNAMSIZ];
  char inner[IFNAMSIZ];
  snprintf(outer, sizeof outer, "v%d", number);
  snprintf(inner, sizeof inner, "p%d", number);
  snprintf(owner, sizeof owner, "bench/0123456789ab#%08x", number);
  snprintf(alias,
           sizeof alias,
           "netprim {\"network\":\"bench\",\"endpoint\":\"0123456789ab\",\"id\":\"%08x\",\"ip\":\"%s\","
           "\"mac\":\"02:00:00:00:00:01\",\"ifname\":\"eth0\"}",
           number,
           inet_ntoa((struct in_addr){address}));

  const int container = network->containers[number] = enter_fresh_namespace();
  struct channel* inside = network->inside;
  open_socket(inside, NETLINK_ROUTE);
  int host_link = 0;
  const struct place place = {.master = network->bridge, .peer_namespace = container, .mtu = mtu};
  claim(network->netfilter, address, port, owner);
  drop_stale_connections(network, port);
  create_pair(network->route, number, place, &host_link);
  disable_ipv6(inner);
  configure(inside, address);
  enter(network->host);
  disable_ipv6(outer);
  set_up_port(network->route, host_link, alias);
  get_link(network->route, host_link, NULL);
  get_link(inside, container_link, NULL);
  end_message(inside, begin_link(inside, RTM_NEWLINK, 0, 1, 1), NULL);
  flush(inside);
  close(inside->socket);
}

int count_containers(struct network* network) {
  const int ports = count_ports(network->route, network->bridge);
  const int published = count_elements(network->netfilter, table, "published");
  return ports < published ? ports : published;
}
