// The cases: what is made ready before the clock starts, and what is done while it runs.
#include "cases.h"

#include <stdlib.h>

#include "netlink.h"

static const unsigned group = 0x40000000;

static void fresh_namespace(struct setting* setting) {
  enter_fresh_namespace();
  setting->socket = open_socket();
}

static void bridge_and_container(struct setting* setting) {
  const int container = enter_fresh_namespace();
  fresh_namespace(setting);
  setting->place = (struct place){create_bridge(setting->socket, "br0"), 1, container};
}

static void create_pairs(struct setting* setting) {
  for (int i = 0; i < setting->count; i++) setting->links[i] = create_pair(setting->socket, i, setting->place);
}

static void fresh_pairs(struct setting* setting) {
  fresh_namespace(setting);
  create_pairs(setting);
}

static void delete_pairs(struct setting* setting) {
  for (int i = 0; i < setting->count; i++) delete_link(setting->socket, setting->links[i]);
  setting->count = 0;
}

static void delete_pairs_together(struct setting* setting) {
  for (int i = 0; i < setting->count; i++) set_group(setting->socket, setting->links[i], group);
  delete_group(setting->socket, group);
  setting->count = 0;
}

const struct bench_case bench_cases[] = {
    {"veth-create", fresh_namespace, create_pairs},
    {"veth-create-netns", bridge_and_container, create_pairs},
    {"veth-delete", fresh_pairs, delete_pairs},
    {"veth-delete-all", fresh_pairs, delete_pairs_together},
    {NULL, NULL, NULL},
};

void clear(struct setting* setting) {
  if (setting->count > 0) delete_pairs_together(setting);
  free(setting->links);
}
