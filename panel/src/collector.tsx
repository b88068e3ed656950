/* How the collecting goes: the connection to the gateway, its counts, the database. */
import type { Collector, Status } from './model';
import type { Polled } from './polled';
import { formatAgo, formatBytes, formatCount, formatInstant, NOTHING } from './format';
import { Fact, ProblemNote } from './parts';

const STATE_NAMES: Record<string, string> = {
    stopped: 'Stopped',
    starting: 'Starting',
    running: 'Running',
    error: 'Error',
};

/* Colour is never alone: the state's name stands beside its dot. */
function StateBadge({ collector }: { collector: Collector | undefined }) {
    const state = collector?.state ?? '';
    return (
        <span class="state" data-state={state} data-testid="collector-state" role="status">
            <span class="dot" aria-hidden="true" />
            {STATE_NAMES[state] ?? (state || 'Unknown')}
        </span>
    );
}

function connection(collector: Collector): string {
    if (collector.transport === '') {
        return collector.mode === '' ? NOTHING : `not connected (${collector.mode})`;
    }
    return collector.transport;
}

function CollectorFacts({ status, nowMs }: { status: Status; nowMs: number }) {
    const { collector } = status;
    const last = collector.lastConsumedAtMs;
    return (
        <dl class="facts">
            <Fact
                label="Gateway"
                isWide
                value={collector.upstream || NOTHING}
                title={collector.upstream}
                testid="collector-upstream"
            />
            <Fact label="Transport" value={connection(collector)} testid="collector-transport" />
            <Fact
                label="Last event read"
                value={formatAgo(last, nowMs)}
                title={last > 0 ? formatInstant(last) : ''}
                testid="collector-last"
            />
            <Fact
                label="Stored since start"
                value={formatCount(collector.totalInserted)}
                testid="collector-inserted"
            />
            <Fact
                label="Duplicates skipped"
                value={formatCount(collector.totalSkipped)}
                testid="collector-skipped"
            />
            <Fact
                label="Dead letters"
                value={formatCount(status.deadLetters)}
                testid="collector-dead"
            />
            <Fact
                label="Events in ledger"
                value={formatCount(status.events)}
                testid="database-events"
            />
            <Fact
                label="Database size"
                value={formatBytes(status.databaseBytes)}
                testid="database-size"
            />
        </dl>
    );
}

export function CollectorCard({ status }: { status: Polled<Status> }) {
    const data = status.data;
    return (
        <section class="card" aria-labelledby="collector-title">
            <header class="card-head">
                <h2 id="collector-title">Collector</h2>
                <StateBadge collector={data?.collector} />
            </header>
            <ProblemNote error={status.error} testid="status-error" />
            {data === null && status.error === null && <p class="muted">Loading …</p>}
            {data && <CollectorFacts status={data} nowMs={status.askedAtMs} />}
            {data && data.collector.lastError !== '' && (
                <p class="problem" data-testid="collector-error">
                    <strong>Last error</strong>
                    <span>{data.collector.lastError}</span>
                </p>
            )}
        </section>
    );
}
