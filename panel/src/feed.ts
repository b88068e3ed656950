/*
 * The live list: which of the newest events were not there a moment ago. The first
 * answer is the starting point and marks nothing; an event counts as fresh only in
 * the step that brought it.
 */
import type { UsageEvent } from './model';

export interface FeedRow {
    event: UsageEvent;
    isFresh: boolean;
}

export interface Feed {
    rows: FeedRow[];
}

export function advanceFeed(before: Feed | null, events: UsageEvent[]): Feed {
    const known = new Set(before?.rows.map((row) => row.event.id));
    return {
        rows: events.map((event) => ({ event, isFresh: before !== null && !known.has(event.id) })),
    };
}
