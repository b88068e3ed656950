/*
 * Events as a table: one row each, which its button opens to a row of details. The
 * columns and their cells are the table COLUMNS at the end.
 */
import { Fragment } from 'preact';
import type { JSX } from 'preact';
import type { Feed, FeedRow } from './feed';
import type { UsageEvent } from './model';
import { EventDetail } from './event_detail';
import { formatClock, formatDuration, formatInstant, formatTokens, NOTHING } from './format';

/* A value with a lesser one under it; the lesser one may be missing. */
function Pair({ main, sub }: { main: string; sub?: string }) {
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

interface RowProps {
    row: FeedRow;
    nowMs: number;
    isOpen: boolean;
    onToggle: (id: number) => void;
}

function detailId(id: number): string {
    return `event-${id}`;
}

function Opener({ row, nowMs, isOpen, onToggle }: RowProps) {
    const { id, timestampMs } = row.event;
    return (
        <button
            class="opener"
            aria-expanded={isOpen}
            aria-controls={isOpen ? detailId(id) : undefined}
            onClick={() => onToggle(id)}
            data-testid="event-toggle"
        >
            <span class="chevron" aria-hidden="true" />
            <time dateTime={formatInstant(timestampMs)}>{formatClock(timestampMs, nowMs)}</time>
        </button>
    );
}

function Row(props: RowProps) {
    const { event, isFresh } = props.row;
    const classes = [
        isFresh ? 'fresh' : '',
        event.isFailed ? 'bad' : '',
        props.isOpen ? 'open' : '',
    ];
    return (
        <Fragment>
            <tr
                class={classes.filter(Boolean).join(' ')}
                data-testid="event-row"
                data-event-id={event.id}
            >
                <td>
                    <Opener {...props} />
                </td>
                {COLUMNS.map((column) => (
                    <td key={column.title} class={column.style}>
                        {column.cell(event)}
                    </td>
                ))}
            </tr>
            {props.isOpen && (
                <tr class="detail" id={detailId(event.id)} data-testid="event-detail">
                    <td colSpan={COLUMNS.length + 1}>
                        <EventDetail event={event} />
                    </td>
                </tr>
            )}
        </Fragment>
    );
}

interface TableProps {
    feed: Feed;
    nowMs: number;
    open: ReadonlySet<number>; /* ids of the rows that show their details */
    onToggle: (id: number) => void;
    labelledBy: string;
}

export function EventTable({ feed, nowMs, open, onToggle, labelledBy }: TableProps) {
    return (
        <table class="events" data-testid="events-table" aria-labelledby={labelledBy}>
            <thead>
                <tr>
                    <th scope="col">Time</th>
                    {COLUMNS.map(({ title, style }) => (
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

/* "12.3K cached", or nothing for none. */
function part(tokens: number, name: string): string {
    return tokens > 0 ? `${formatTokens(tokens)} ${name}` : '';
}

interface Column {
    title: string;
    style: string; /* how it is set, and from which width on it is shown */
    cell: (event: UsageEvent) => JSX.Element;
}

const COLUMNS: Column[] = [
    {
        title: 'Model',
        style: 'text',
        cell: (e) => <Pair main={e.model} sub={e.resolvedModel && `→ ${e.resolvedModel}`} />,
    },
    {
        title: 'Account',
        style: 'text at-medium',
        cell: (e) => <Pair main={e.account} sub={e.provider} />,
    },
    {
        title: 'Endpoint',
        style: 'text at-wide',
        cell: (e) => (
            <Pair
                main={e.endpoint}
                sub={[e.reasoningEffort, e.serviceTier].filter(Boolean).join(' · ')}
            />
        ),
    },
    {
        title: 'Input',
        style: 'number at-medium',
        cell: (e) => (
            <Pair main={formatTokens(e.inputTokens)} sub={part(e.cachedTokens, 'cached')} />
        ),
    },
    {
        title: 'Output',
        style: 'number at-medium',
        cell: (e) => (
            <Pair main={formatTokens(e.outputTokens)} sub={part(e.reasoningTokens, 'reasoning')} />
        ),
    },
    {
        title: 'Tokens',
        style: 'number',
        cell: (e) => <Pair main={formatTokens(e.totalTokens)} />,
    },
    {
        title: 'Latency',
        style: 'number at-wide',
        cell: (e) => (
            <Pair
                main={formatDuration(e.latencyMs)}
                sub={e.ttftMs === null ? '' : `first ${formatDuration(e.ttftMs)}`}
            />
        ),
    },
    { title: 'Result', style: '', cell: (e) => <Outcome event={e} /> },
];
