/// What a client asks an AgentOS server first: its card, and who is there.
#ifndef DISCOVERY_H
#define DISCOVERY_H

#include "vuelo.h"

/// Builds the requests, once per virtual user.
void discovery_start(const char *base);

/// Sends them, one after the other, in a group of their own.
void discovery_run(void);

#endif
