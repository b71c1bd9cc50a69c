// A container on netprim's bridge network, by the messages that netprim sends.
#pragma once

#include "netlink.h"

// The host's side of the network, and the containers on it.
struct network {
  int host;
  struct channel* route;
  struct channel* netfilter;
  // Its socket is that of the container that is being attached.
  struct channel* inside;
  int bridge;
  int* containers;
};

// Makes the network in the present namespace: a program of netprim's own does it, for the table is netprim's.
// \param most how many containers will be attached
void create_network(struct network* network, int most);

// Ends the namespaces of the containers and of the network.
// \param attached how many containers there are
void end_network(struct network* network, int attached);

// Makes a namespace, in which the process stays, and puts it on the network with a published port.
void attach_container(struct network* network, int number);

// How many containers have a link in the bridge, and are published.
int count_containers(struct network* network);
