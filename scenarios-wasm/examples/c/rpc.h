/// Calls of agents, by JSON-RPC.
#ifndef RPC_H
#define RPC_H

#include "vuelo.h"

/// Builds the request of each agent in the JSON array, once per virtual user.
/// Returns why that cannot be done, or NULL.
char *rpc_start(const char *base, struct vuelo_json agents);

/// Asks one of them, drawn at random, for its health, in a group of its own.
void rpc_run(void);

#endif
