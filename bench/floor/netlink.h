// The least that is needed to talk rtnetlink: a namespace, a socket in it, a message, its answer.
#pragma once

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

// Moves the process into a fresh namespace, which a descriptor keeps until the process ends, and returns that
// descriptor.
int enter_fresh_namespace(void);

// Opens an rtnetlink socket in the present namespace, with the options that netprim sets.
int open_socket(void);

// Begins a link message. It is overwritten by the next.
struct nlmsghdr* begin_link_message(uint16_t type, uint16_t flags, int index);

// Sends the message and waits for the kernel's answer; returns the index of the link that was echoed, else 0.
// A refusal ends the process.
int ask(int socket, struct nlmsghdr* message);
