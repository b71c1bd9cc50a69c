// The cases: what is made ready before the clock starts, what is done while it runs, what is there afterwards.
#include "cases.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "inet.h"
#include "nft.h"

// How many elements are there when one more is published.
static const int published = 10000;

long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void no_preparation(struct setting* setting) { (void)setting; }

static void fresh_namespace(struct setting* setting) {
  enter_fresh_namespace();
  setting->route = open_channel(NETLINK_ROUTE, setting->most);
}

static void with_bridge(struct setting* setting) {
  fresh_namespace(setting);
  create_bridge(setting->route, "br0", 1, &setting->link);
  flush(setting->route);
}

static void with_subnet(struct setting* setting) {
  with_bridge(setting);
  add_subnet(setting->route, setting->link);
}

static void bridge_and_container(struct setting* setting) {
  const int container = enter_fresh_namespace();
  with_bridge(setting);
  setting->place = (struct place){.master = setting->link, .up = 1, .peer_namespace = container};
}

static void create_pairs(struct setting* setting) {
  for (int i = 0; i < setting->count; i++) create_pair(setting->route, i, setting->place, &setting->made[i]);
  flush(setting->route);
}

static void with_pairs(struct setting* setting) {
  fresh_namespace(setting);
  create_pairs(setting);
}

static void with_one_pair(struct setting* setting) {
  fresh_namespace(setting);
  create_pair(setting->route, 0, setting->place, &setting->link);
  flush(setting->route);
}

static void with_many_links(struct setting* setting) {
  fresh_namespace(setting);
  for (int i = 0; i < setting->count / 2; i++) create_pair(setting->route, i, setting->place, NULL);
  flush(setting->route);
}

// Both ends are in this namespace, beside the loopback.
static int count_pairs(struct setting* setting) { return (list_links(setting->route) - 1) / 2; }

// The other end is elsewhere.
static int count_attached(struct setting* setting) { return count_ports(setting->route, setting->link); }

static int count_deleted(struct setting* setting) { return setting->count - count_pairs(setting); }

static void delete_pairs(struct setting* setting) {
  for (int i = 0; i < setting->count; i++) delete_link(setting->route, setting->made[i]);
}

static void delete_pairs_together(struct setting* setting) {
  delete_links(setting->route, setting->made, setting->count);
}

static void create_bridges(struct setting* setting) {
  for (int i = 0; i < setting->count; i++) {
    char name[16];
    snprintf(name, sizeof name, "b%d", i);
    create_bridge(setting->route, name, 0, &setting->made[i]);
  }
  flush(setting->route);
}

static int count_links(struct setting* setting) { return list_links(setting->route) - 1; }

static void create_namespaces(struct setting* setting) {
  for (int i = 0; i < setting->count; i++) setting->made[i] = enter_fresh_namespace();
}

// Of descriptors that are namespaces, each another one than the one before.
static int count_namespaces(struct setting* setting) {
  int count = 0;
  ino_t before = 0;
  for (int i = 0; i < setting->count; i++) {
    struct stat status;
    if (fstat(setting->made[i], &status) != 0 || status.st_ino == before) continue;
    before = status.st_ino;
    count++;
  }
  return count;
}

static void get_links(struct setting* setting) {
  for (int i = 0; i < setting->count; i++) get_link(setting->route, setting->link, &setting->made[i]);
  flush(setting->route);
}

static int count_links_got(struct setting* setting) {
  int count = 0;
  for (int i = 0; i < setting->count; i++) count += setting->made[i] == setting->link;
  return count;
}

// Where netprim sends so many in a datagram, it has only refusals answered.
static void ask_many(struct setting* setting) { setting->route->quiet = setting->most == 128; }

static void add_addresses(struct setting* setting) {
  ask_many(setting);
  for (int i = 0; i < setting->count; i++) add_address(setting->route, setting->link, i);
  flush(setting->route);
}

static int count_addresses(struct setting* setting) { return list_addresses(setting->route, setting->link) - 1; }

static void add_routes(struct setting* setting) {
  ask_many(setting);
  for (int i = 0; i < setting->count; i++) add_route(setting->route, setting->link, i);
  flush(setting->route);
}

// All but that of the subnet.
static int count_routes(struct setting* setting) { return list_routes(setting->route) - 1; }

static void with_routes(struct setting* setting) {
  with_subnet(setting);
  add_routes(setting);
}

static void find_routes(struct setting* setting) { setting->found = count_routes(setting); }
static void find_links(struct setting* setting) { setting->found = count_links(setting); }
static int count_found(struct setting* setting) { return setting->found; }

static void add_neighbours(struct setting* setting) {
  ask_many(setting);
  for (int i = 0; i < setting->count; i++) add_neighbour(setting->route, setting->link, i);
  flush(setting->route);
}

static int count_neighbours(struct setting* setting) {
  return list_permanent_neighbours(setting->route, setting->link);
}

static void with_map_of(struct setting* setting, int size) {
  enter_fresh_namespace();
  setting->netfilter = open_channel(NETLINK_NETFILTER, 1);
  create_table_with_map(setting->netfilter, size);
}

static void with_map(struct setting* setting) { with_map_of(setting, 0); }
static void with_sized_map(struct setting* setting) { with_map_of(setting, setting->count); }

static void with_listed_map(struct setting* setting) {
  with_sized_map(setting);
  for (int i = 0; i < setting->count; i += published) add_elements(setting->netfilter, i, published);
}

static void with_full_map(struct setting* setting) {
  with_map(setting);
  add_elements(setting->netfilter, 0, published);
}

static void with_chain(struct setting* setting) {
  enter_fresh_namespace();
  setting->netfilter = open_channel(NETLINK_NETFILTER, 1);
  create_table_with_chain(setting->netfilter);
}

static void add_all_elements(struct setting* setting) { add_elements(setting->netfilter, 0, setting->count); }
static int count_all_elements(struct setting* setting) { return count_elements(setting->netfilter, "t", "m"); }

static void find_elements(struct setting* setting) { setting->found = count_elements(setting->netfilter, "t", "m"); }

static void publish(struct setting* setting) {
  for (int i = 0; i < setting->count; i++) add_elements(setting->netfilter, published + i, 1);
}

static int count_published(struct setting* setting) { return count_elements(setting->netfilter, "t", "m") - published; }

static void add_all_rules(struct setting* setting) { add_rules(setting->netfilter, setting->count); }
static int count_all_rules(struct setting* setting) { return count_rules(setting->netfilter); }

static void with_network(struct setting* setting) { create_network(&setting->network, setting->count); }

static void attach_containers(struct setting* setting) {
  const long long start = nanoseconds();
  long long before_last = start;
  for (int i = 0; i < setting->count; i++) {
    if (i == EDGE) setting->first = nanoseconds() - start;
    if (i == setting->count - EDGE) before_last = nanoseconds();
    attach_container(&setting->network, i);
  }
  setting->last = nanoseconds() - before_last;
}

static int count_in_network(struct setting* setting) { return count_containers(&setting->network); }

const struct bench_case bench_cases[] = {
    {"veth-create", fresh_namespace, create_pairs, count_pairs, false},
    {"veth-create-netns", bridge_and_container, create_pairs, count_attached, false},
    {"attach", with_network, attach_containers, count_in_network, false},
    {"attach-1000", with_network, attach_containers, count_in_network, false},
    {"veth-delete", with_pairs, delete_pairs, count_deleted, false},
    {"veth-delete-all", with_pairs, delete_pairs_together, count_deleted, false},
    {"bridge-create", fresh_namespace, create_bridges, count_links, false},
    {"netns-create", no_preparation, create_namespaces, count_namespaces, false},
    {"link-get", with_one_pair, get_links, count_links_got, false},
    {"links-list", with_many_links, find_links, count_found, true},
    {"addresses-add", with_subnet, add_addresses, count_addresses, false},
    {"routes-add", with_subnet, add_routes, count_routes, false},
    {"routes-list", with_routes, find_routes, count_found, true},
    {"neighbours-add", with_subnet, add_neighbours, count_neighbours, false},
    {"nft-elements", with_map, add_all_elements, count_all_elements, false},
    {"nft-elements-sized", with_sized_map, add_all_elements, count_all_elements, false},
    {"nft-publish", with_full_map, publish, count_published, false},
    {"nft-rules", with_chain, add_all_rules, count_all_rules, false},
    {"nft-list", with_listed_map, find_elements, count_found, true},
    {NULL, NULL, NULL, NULL, false},
};

void clear(struct setting* setting) {
  if (setting->route) {
    delete_all_links(setting->route);
    close_channel(setting->route);
  }
  if (setting->netfilter) {
    delete_table(setting->netfilter);
    close_channel(setting->netfilter);
  }
  if (setting->network.host) end_network(&setting->network, setting->count);
}
