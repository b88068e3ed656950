/* All that is known of one event; of a failed one first why it failed. */
import type { UsageEvent } from './model';
import { formatCount, formatDuration, formatMoment, NOTHING } from './format';
import { Fact } from './parts';

function Failure({ event }: { event: UsageEvent }) {
    const status = event.failStatusCode === null ? '' : ` with status ${event.failStatusCode}`;
    return (
        <p class="problem" data-testid="event-failure">
            <strong>{`The request failed${status}.`}</strong>
            <span>{event.failSummary || 'The gateway gave no reason.'}</span>
        </p>
    );
}

export function EventDetail({ event }: { event: UsageEvent }) {
    const answeredBy = event.resolvedModel || event.model;
    return (
        <>
            {event.isFailed && <Failure event={event} />}
            <dl class="facts">
                <Fact isWide label="Time" value={formatMoment(event.timestampMs)} />
                <Fact isWide label="Model" value={event.model || NOTHING} />
                <Fact isWide label="Answered by" value={answeredBy || NOTHING} />
                <Fact label="Provider" value={event.provider || NOTHING} />
                <Fact isWide label="Account" value={event.account || NOTHING} />
                <Fact isWide label="Endpoint" value={event.endpoint || NOTHING} />
                <Fact label="Reasoning effort" value={event.reasoningEffort || NOTHING} />
                <Fact label="Service tier" value={event.serviceTier || NOTHING} />
                <Fact label="Input tokens" value={formatCount(event.inputTokens)} />
                <Fact label="Cached tokens" value={formatCount(event.cachedTokens)} />
                <Fact label="Output tokens" value={formatCount(event.outputTokens)} />
                <Fact label="Reasoning tokens" value={formatCount(event.reasoningTokens)} />
                <Fact label="Total tokens" value={formatCount(event.totalTokens)} />
                <Fact label="Time to first token" value={formatDuration(event.ttftMs)} />
                <Fact label="Whole answer" value={formatDuration(event.latencyMs)} />
            </dl>
        </>
    );
}
