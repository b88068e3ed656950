/*
 * The newest events, live. A row opens to its details, a failed one first to why it
 * failed; while a row is open, or by the button, the list stands still (the totals
 * above go on), so that nothing moves away under the reader.
 */
import { useRef, useState } from 'preact/hooks';
import type { Feed } from './feed';
import { advanceFeed } from './feed';
import type { Latest } from './model';
import type { Polled } from './polled';
import { EventTable } from './event_table';
import { ProblemNote } from './parts';

/* The list as last shown; it moves on with each new answer unless it is held. */
function useFeed(latest: Latest | null, isHeld: boolean): Feed | null {
    const feed = useRef<Feed | null>(null);
    const source = useRef<Latest | null>(null);
    if (latest !== null && latest !== source.current && !(isHeld && feed.current)) {
        feed.current = advanceFeed(feed.current, latest.events);
        source.current = latest;
    }
    return feed.current;
}

export function EventList({ latest }: { latest: Polled<Latest> }) {
    const [isPaused, setPaused] = useState(false);
    const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
    const isHeld = isPaused || open.size > 0;
    const feed = useFeed(latest.data, isHeld);

    function toggleRow(id: number) {
        const next = new Set(open);
        if (!next.delete(id)) {
            next.add(id);
        }
        setOpen(next);
    }
    function toggleHold() {
        setPaused(!isHeld);
        setOpen(new Set());
    }

    return (
        <section class="card" aria-labelledby="events-title">
            <header class="card-head">
                <h2 id="events-title">Latest events</h2>
                <span class="muted" role="status" data-testid="events-live">
                    {isHeld ? 'Paused' : 'Live'}
                </span>
                <button class="quiet" onClick={toggleHold} data-testid="events-pause">
                    {isHeld ? 'Resume' : 'Pause'}
                </button>
            </header>
            <ProblemNote error={latest.error} testid="events-error" />
            {feed === null && latest.error === null && <p class="muted">Loading …</p>}
            {feed?.rows.length === 0 && (
                <p class="muted empty" data-testid="events-empty">
                    No events yet. The next request that the gateway handles appears here.
                </p>
            )}
            {feed && feed.rows.length > 0 && (
                <EventTable
                    feed={feed}
                    nowMs={latest.askedAtMs}
                    open={open}
                    onToggle={toggleRow}
                    labelledBy="events-title"
                />
            )}
        </section>
    );
}
