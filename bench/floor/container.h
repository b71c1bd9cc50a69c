// A container on netprim's bridge network, by the messages that netprim sends.
#pragma once

#include "netlink.h"

// The host's side of the network.
struct network {
  int host;
  struct channel* route;
  struct channel* netfilter;
  int bridge;
};

// Makes the network in the present namespace: a program of netprim's own does it, for the table is netprim's.
void create_network(struct network* network);

// Makes a namespace, in which the process stays, and puts it on the network with a published port.
void attach_container(struct network* network, int number);

// How many containers have their link in the bridge.
int count_containers(struct network* network);
