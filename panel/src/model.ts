/*
 * The server's answers as the page uses them. Each read function takes parsed JSON
 * of any shape and returns a complete value: a missing, null or mistyped field
 * becomes its neutral value, so one odd answer cannot take a screen down.
 * Unknown fields are ignored.
 */

export interface Info {
    needsSetup: boolean;
}

export interface Collector {
    state: string; /* stopped, starting, running, error */
    upstream: string; /* the gateway's address, "" before setup */
    mode: string;
    transport: string; /* subscribe, http, resp; "" while not connected */
    lastConsumedAtMs: number; /* 0 = never */
    totalInserted: number; /* since the server started */
    totalSkipped: number; /* duplicates since the server started */
    lastError: string;
}

export interface Status {
    collector: Collector;
    events: number; /* rows in the database */
    deadLetters: number; /* rows in the database */
    databaseBytes: number; /* with its WAL files */
}

export interface Totals {
    requests: number;
    failures: number;
    inputTokens: number;
    cachedTokens: number;
    outputTokens: number;
    reasoningTokens: number;
    totalTokens: number;
}

export interface UsageEvent {
    id: number;
    timestampMs: number;
    model: string;
    resolvedModel: string; /* "" if unknown or the same */
    provider: string;
    account: string;
    endpoint: string;
    reasoningEffort: string;
    serviceTier: string;
    inputTokens: number;
    cachedTokens: number;
    outputTokens: number;
    reasoningTokens: number;
    totalTokens: number;
    latencyMs: number | null;
    ttftMs: number | null; /* time to the first token */
    isFailed: boolean;
    failStatusCode: number | null;
    failSummary: string;
}

export interface Latest {
    today: Totals;
    events: UsageEvent[]; /* newest first */
}

type Json = Record<string, unknown>;

function object(value: unknown): Json {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as Json)
        : {};
}

function list(value: unknown): unknown[] {
    return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
    return typeof value === 'string' ? value : '';
}

function numberOrNull(value: unknown): number | null {
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function number(value: unknown): number {
    return numberOrNull(value) ?? 0;
}

/* Older servers say `configured` where newer ones say `projectInitialized`. */
export function readInfo(json: unknown): Info {
    const info = object(json);
    const isInitialized = info['projectInitialized'] ?? info['configured'];
    return { needsSetup: info['setupRequired'] === true || isInitialized !== true };
}

export function readStatus(json: unknown): Status {
    const status = object(json);
    const collector = object(status['collector']);
    return {
        collector: {
            state: text(collector['collector']),
            upstream: text(collector['upstream']),
            mode: text(collector['mode']),
            transport: text(collector['transport']),
            lastConsumedAtMs: number(collector['lastConsumedAt']),
            totalInserted: number(collector['totalInserted']),
            totalSkipped: number(collector['totalSkipped']),
            lastError: text(collector['lastError']),
        },
        events: number(status['events']),
        deadLetters: number(status['deadLetters']),
        databaseBytes: number(object(status['database'])['totalBytes']),
    };
}

function readTotals(json: unknown): Totals {
    const totals = object(json);
    return {
        requests: number(totals['requests']),
        failures: number(totals['failures']),
        inputTokens: number(totals['input_tokens']),
        cachedTokens: number(totals['cached_tokens']),
        outputTokens: number(totals['output_tokens']),
        reasoningTokens: number(totals['reasoning_tokens']),
        totalTokens: number(totals['total_tokens']),
    };
}

function readEvent(json: unknown): UsageEvent {
    const event = object(json);
    const model = text(event['model']);
    const resolved = text(event['resolved_model']);
    return {
        id: number(event['id']),
        timestampMs: number(event['timestamp_ms']),
        model,
        resolvedModel: resolved === model ? '' : resolved,
        provider: text(event['provider']),
        account: text(event['account']),
        endpoint: text(event['endpoint']),
        reasoningEffort: text(event['reasoning_effort']),
        serviceTier: text(event['service_tier']),
        inputTokens: number(event['input_tokens']),
        cachedTokens: number(event['cached_tokens']),
        outputTokens: number(event['output_tokens']),
        reasoningTokens: number(event['reasoning_tokens']),
        totalTokens: number(event['total_tokens']),
        latencyMs: numberOrNull(event['latency_ms']),
        ttftMs: numberOrNull(event['ttft_ms']),
        isFailed: event['failed'] === true,
        failStatusCode: numberOrNull(event['fail_status_code']),
        failSummary: text(event['fail_summary']),
    };
}

export function readLatest(json: unknown): Latest {
    const latest = object(json);
    return { today: readTotals(latest['today']), events: list(latest['events']).map(readEvent) };
}
