// The file system of the settings below /proc/sys.
#pragma once

// A directory that is /proc, and another one now and then, as netprim has it: the kernel goes through an entry for each
// namespace in which one of them was looked into.
int own_proc(void);
