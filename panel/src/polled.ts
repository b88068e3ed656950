/*
 * A component's standing question to the server: asked again and again while the
 * page is in sight, never while it is hidden, and abandoned when the component or
 * the page goes. A failure keeps the last good answer and adds the error to it.
 */
import { useEffect, useState } from 'preact/hooks';
import { Poller } from './poller';

const MAX_INTERVAL_MS = 30_000;

export interface Polled<T> {
    data: T | null;
    error: unknown; /* null while the last attempt succeeded */
    askedAtMs: number; /* when the last answer or failure came; this browser's clock */
}

/* `ask` must keep its identity while the question stays the same (useCallback). */
export function usePolled<T>(
    ask: (signal: AbortSignal) => Promise<T>,
    intervalMs: number,
): Polled<T> {
    const [polled, setPolled] = useState<Polled<T>>({ data: null, error: null, askedAtMs: 0 });

    useEffect(() => {
        const poller = new Poller({
            intervalMs,
            maxIntervalMs: MAX_INTERVAL_MS,
            async run(signal) {
                try {
                    const data = await ask(signal);
                    if (!signal.aborted) {
                        setPolled({ data, error: null, askedAtMs: Date.now() });
                    }
                } catch (error) {
                    if (!signal.aborted) {
                        setPolled((before) => ({
                            data: before.data,
                            error,
                            askedAtMs: Date.now(),
                        }));
                    }
                    throw error;
                }
            },
        });
        const follow = () => (document.hidden ? poller.pause() : poller.resume());
        const leave = () => poller.pause();
        follow();
        document.addEventListener('visibilitychange', follow);
        window.addEventListener('pageshow', follow);
        window.addEventListener('online', follow);
        window.addEventListener('pagehide', leave);
        return () => {
            document.removeEventListener('visibilitychange', follow);
            window.removeEventListener('pageshow', follow);
            window.removeEventListener('online', follow);
            window.removeEventListener('pagehide', leave);
            poller.pause();
        };
    }, [ask, intervalMs]);

    return polled;
}
