// The link messages that netprim sends, with the same attributes in the same order.
#pragma once

#include "netlink.h"

// Where a pair goes: a master and a state for this end, a namespace for the other; and its MTU. All 0 for none of it.
struct place {
  int master;
  int up;
  int peer_namespace;
  int mtu;
};

// \param index where the index of the new link goes
void create_bridge(struct channel* channel, const char* name, int up, int* index);
void create_pair(struct channel* channel, int number, struct place place, int* index);

void delete_link(struct channel* channel, int index);
// Deletes all of these in one go.
void delete_links(struct channel* channel, const int* indexes, int count);

void get_link(struct channel* channel, int index, int* found);
// Returns how many there are.
int list_links(struct channel* channel);
// Returns how many are ports of this master, and up.
int count_ports(struct channel* channel, int master);
// Deletes all but the loopback.
void delete_all_links(struct channel* channel);
