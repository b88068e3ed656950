/*
 * gateway-sim: a gateway for tests. It speaks RESP and HTTP on one port, told apart by
 * the first byte, publishes generated or given usage events, and counts what became of
 * each. When it is ready it prints "gateway-sim listening on 127.0.0.1:PORT".
 *
 *   gateway-sim --listen 127.0.0.1:0 --key secret --rate 20
 *
 * Its controls need no key:
 *
 *   GET  /sim/counts                     all counts, as one JSON object (counts.h)
 *   GET  /sim/ids[?of=lost]              request ids published (or lost), one a line
 *   POST /sim/publish[?channel=errors]   each line of the body is published, as it is
 *   POST /sim/burst?count=N&seconds=S    N events over S seconds, beside the steady rate
 *   POST /sim/rate?per_second=R          changes the steady rate
 *   POST /sim/stall?ms=N                 the whole gateway freezes; what was due in that
 *                                        time is published at once afterwards
 *   POST /sim/stall?ms=N&subscribers=1   only writing to subscribers pauses: their buffers
 *                                        fill, and overflow
 *   POST /sim/disconnect                 closes every subscriber's connection
 *   POST /sim/refresh                    sends {"refresh":true} to subscribers
 *   POST /sim/advance?seconds=N          pushes the clock of retention and bans forward
 *   POST /sim/retention?seconds=N        changes the retention of the queue
 */
#include <stdio.h>
#include <unistd.h>

#include "tools/gateway-sim/connection.h"
#include "tools/gateway-sim/gateway.h"
#include "tools/gateway-sim/listener.h"
#include "tools/gateway-sim/loop.h"

int main(int argc, char **argv)
{
    struct options options;
    struct gateway gateway;
    char address[160];
    int listen_fd = -1;
    int status = 1;

    switch (options_parse(argc, argv, &options)) {
    case OPTIONS_DONE:
        return 0;
    case OPTIONS_BAD:
        return 2;
    case OPTIONS_RUN:
        break;
    }
    if (!gateway_init(&gateway, &options, connection_wake))
        goto done;
    listen_fd = listener_open(options.listen, address, sizeof(address));
    if (listen_fd < 0)
        goto done;
    printf("gateway-sim listening on %s\n", address);
    fflush(stdout);
    status = loop_run(&gateway, listen_fd) == 0 ? 0 : 1;
done:
    if (listen_fd >= 0)
        close(listen_fd);
    gateway_clear(&gateway);
    return status;
}
