/* The clock's alarms, as an argument: tests ring them by hand. */

export interface Timers {
    set(callback: () => void, delayMs: number): unknown;
    clear(timer: unknown): void;
}

export const browserTimers: Timers = {
    set: (callback, delayMs) => setTimeout(callback, delayMs),
    clear: (timer) => clearTimeout(timer as number),
};
