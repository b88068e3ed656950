/*
 * The newest events, live. A row opens to its details, a failed one first to why it
 * failed; while a row is open, or by the button, the list stands still (the totals
 * above go on), so that nothing moves away under the reader.
 */
import { Fragment } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Feed, FeedRow } from './feed';
import { advanceFeed } from './feed';
import type { Latest, UsageEvent } from './model';
import type { Polled } from './polled';
import {
    formatClock,
    formatCount,
    formatDuration,
    formatInstant,
    formatMoment,
    formatTokens,
    NOTHING,
} from './format';
import { Fact, ProblemNote } from './parts';

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

function Outcome({ event }: { event: UsageEvent }) {
    if (!event.isFailed) {
        return <span class="outcome">OK</span>;
    }
    return (
        <span class="outcome failed">
            <span class="word">Failed</span>
            {event.failStatusCode !== null && <span> {event.failStatusCode}</span>}
        </span>
    );
}

function Detail({ event, id }: { event: UsageEvent; id: string }) {
    return (
        <tr class="detail" id={id} data-testid="event-detail">
            <td colSpan={COLUMNS.length}>
                {event.isFailed && (
                    <p class="problem" data-testid="event-failure">
                        <strong>
                            {event.failStatusCode === null
                                ? 'The request failed.'
                                : `The request failed with status ${event.failStatusCode}.`}
                        </strong>
                        <span>{event.failSummary || 'The gateway gave no reason.'}</span>
                    </p>
                )}
                <dl class="facts">
                    <Fact isWide label="Time" value={formatMoment(event.timestampMs)} />
                    <Fact isWide label="Model" value={event.model || NOTHING} />
                    <Fact
                        isWide
                        label="Answered by"
                        value={event.resolvedModel || event.model || NOTHING}
                    />
                    <Fact label="Provider" value={event.provider || NOTHING} />
                    <Fact isWide label="Account" value={event.account || NOTHING} />
                    <Fact isWide label="Endpoint" value={event.endpoint || NOTHING} />
                    <Fact label="Reasoning effort" value={event.reasoningEffort || NOTHING} />
                    <Fact label="Service tier" value={event.serviceTier || NOTHING} />
                    <Fact label="Input tokens" value={formatCount(event.inputTokens)} />
                    <Fact label="of these cached" value={formatCount(event.cachedTokens)} />
                    <Fact label="Output tokens" value={formatCount(event.outputTokens)} />
                    <Fact label="Reasoning tokens" value={formatCount(event.reasoningTokens)} />
                    <Fact label="Total tokens" value={formatCount(event.totalTokens)} />
                    <Fact label="Time to first token" value={formatDuration(event.ttftMs)} />
                    <Fact label="Whole answer" value={formatDuration(event.latencyMs)} />
                </dl>
            </td>
        </tr>
    );
}

/* A value with a lesser one under it; the lesser one may be missing. */
function Pair({ main, sub }: { main: string; sub: string }) {
    return (
        <>
            <span class="main" title={main}>
                {main || NOTHING}
            </span>
            {sub && (
                <span class="sub" title={sub}>
                    {sub}
                </span>
            )}
        </>
    );
}

interface RowProps {
    row: FeedRow;
    nowMs: number;
    isOpen: boolean;
    onToggle: (id: number) => void;
}

function Row({ row, nowMs, isOpen, onToggle }: RowProps) {
    const { event, isFresh } = row;
    const time = formatClock(event.timestampMs, nowMs);
    const detailId = `event-${event.id}`;
    const classes = [isFresh ? 'fresh' : '', event.isFailed ? 'bad' : '', isOpen ? 'open' : ''];
    const hasCached = event.inputTokens > 0 && event.cachedTokens > 0;
    return (
        <Fragment>
            <tr
                class={classes.filter(Boolean).join(' ')}
                data-testid="event-row"
                data-event-id={event.id}
            >
                <td class="time">
                    <button
                        class="opener"
                        aria-expanded={isOpen}
                        aria-controls={isOpen ? detailId : undefined}
                        onClick={() => onToggle(event.id)}
                        data-testid="event-toggle"
                    >
                        <span class="chevron" aria-hidden="true" />
                        <time dateTime={formatInstant(event.timestampMs)}>{time}</time>
                    </button>
                </td>
                <td class="text">
                    <Pair
                        main={event.model}
                        sub={event.resolvedModel && `→ ${event.resolvedModel}`}
                    />
                </td>
                <td class="text at-medium">
                    <Pair main={event.account} sub={event.provider} />
                </td>
                <td class="text at-wide">
                    <Pair
                        main={event.endpoint}
                        sub={[event.reasoningEffort, event.serviceTier].filter(Boolean).join(' · ')}
                    />
                </td>
                <td class="number at-medium">
                    <Pair
                        main={formatTokens(event.inputTokens)}
                        sub={hasCached ? `${formatTokens(event.cachedTokens)} cached` : ''}
                    />
                </td>
                <td class="number at-medium">
                    <Pair
                        main={formatTokens(event.outputTokens)}
                        sub={
                            event.reasoningTokens > 0
                                ? `${formatTokens(event.reasoningTokens)} reasoning`
                                : ''
                        }
                    />
                </td>
                <td class="number">
                    <Pair main={formatTokens(event.totalTokens)} sub="" />
                </td>
                <td class="number at-wide">
                    <Pair
                        main={formatDuration(event.latencyMs)}
                        sub={event.ttftMs === null ? '' : `first ${formatDuration(event.ttftMs)}`}
                    />
                </td>
                <td>
                    <Outcome event={event} />
                </td>
            </tr>
            {isOpen && <Detail event={event} id={detailId} />}
        </Fragment>
    );
}

/* Title and class per column; the cells above follow the same order. */
const COLUMNS: [string, string][] = [
    ['Time', ''],
    ['Model', 'text'],
    ['Account', 'text at-medium'],
    ['Endpoint', 'text at-wide'],
    ['Input', 'number at-medium'],
    ['Output', 'number at-medium'],
    ['Tokens', 'number'],
    ['Latency', 'number at-wide'],
    ['Result', ''],
];

interface TableProps {
    feed: Feed;
    nowMs: number;
    open: ReadonlySet<number>;
    onToggle: (id: number) => void;
}

function Table({ feed, nowMs, open, onToggle }: TableProps) {
    return (
        <table class="events" data-testid="events-table" aria-labelledby="events-title">
            <thead>
                <tr>
                    {COLUMNS.map(([title, style]) => (
                        <th key={title} scope="col" class={style}>
                            {title}
                        </th>
                    ))}
                </tr>
            </thead>
            <tbody>
                {feed.rows.map((row) => (
                    <Row
                        key={row.event.id}
                        row={row}
                        nowMs={nowMs}
                        isOpen={open.has(row.event.id)}
                        onToggle={onToggle}
                    />
                ))}
            </tbody>
        </table>
    );
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
                <Table feed={feed} nowMs={latest.askedAtMs} open={open} onToggle={toggleRow} />
            )}
        </section>
    );
}
