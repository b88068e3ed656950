/*
 * Repeats a request: at once when resumed, then `intervalMs` after each answer.
 *
 *            resume                 answer or failure
 *   paused ---------> running  <-----------------------> waiting
 *      ^                 |            timer                 |
 *      +-----------------+----------------------------------+
 *                      pause (aborts the request)
 *
 * At most one request is under way. Each failure in a row doubles the wait, up to
 * `maxIntervalMs`; a success brings it back. A paused poller holds no timer and no
 * request, and an answer that arrives after the pause is dropped by its owner
 * through the aborted signal.
 */

import { browserTimers } from './timers';
import type { Timers } from './timers';

export interface PollerOptions {
    run(signal: AbortSignal): Promise<void>; /* rejects on failure */
    intervalMs: number;
    maxIntervalMs: number;
    timers?: Timers;
}

export class Poller {
    private readonly options: PollerOptions;
    private readonly timers: Timers;
    private timer: unknown = null;
    private request: AbortController | null = null;
    private failures = 0;

    constructor(options: PollerOptions) {
        this.options = options;
        this.timers = options.timers ?? browserTimers;
    }

    /* Starts now if paused or waiting; a request under way is left alone. */
    resume(): void {
        if (this.request === null) {
            this.clearTimer();
            void this.step();
        }
    }

    pause(): void {
        this.clearTimer();
        this.request?.abort();
        this.request = null;
        this.failures = 0;
    }

    private async step(): Promise<void> {
        const request = new AbortController();
        this.request = request;
        try {
            await this.options.run(request.signal);
            this.failures = 0;
        } catch {
            this.failures++;
        }
        if (this.request !== request) {
            return; /* paused, and perhaps resumed, meanwhile */
        }
        this.request = null;
        this.timer = this.timers.set(() => {
            this.timer = null;
            void this.step();
        }, this.delayMs());
    }

    private delayMs(): number {
        const { intervalMs, maxIntervalMs } = this.options;
        return Math.min(intervalMs * 2 ** Math.min(this.failures, 30), maxIntervalMs);
    }

    private clearTimer(): void {
        if (this.timer !== null) {
            this.timers.clear(this.timer);
            this.timer = null;
        }
    }
}
