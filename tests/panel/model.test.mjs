import assert from 'node:assert/strict';
import test from 'node:test';
import { readInfo, readLatest, readStatus } from '../../panel/src/model.ts';

const EVENT = {
    id: 7,
    timestamp_ms: 1764000000123,
    model: 'gpt-5',
    resolved_model: 'gpt-5-2026',
    provider: 'codex',
    account: 'a@example.org',
    endpoint: 'POST /v1/responses',
    reasoning_effort: 'high',
    service_tier: 'priority',
    input_tokens: 100,
    cached_tokens: 60,
    output_tokens: 20,
    reasoning_tokens: 5,
    total_tokens: 120,
    latency_ms: 1500,
    ttft_ms: 0,
    failed: true,
    fail_status_code: 429,
    fail_summary: 'limit',
};

const STATUS = {
    collector: {
        collector: 'running',
        upstream: 'http://127.0.0.1:8317',
        mode: 'auto',
        transport: 'subscribe',
        lastConsumedAt: 1764000000000,
        totalInserted: 10,
        totalSkipped: 2,
        lastError: 'connect: refused',
    },
    events: 12,
    deadLetters: 3,
    database: { totalBytes: 4096 },
};

test('setup is needed unless the server says it is done', () => {
    assert.equal(readInfo({ setupRequired: false, projectInitialized: true }).needsSetup, false);
    assert.equal(readInfo({ setupRequired: true, projectInitialized: true }).needsSetup, true);
    assert.equal(readInfo({ configured: true }).needsSetup, false);
    assert.equal(readInfo({ projectInitialized: false, configured: true }).needsSetup, true);
    assert.equal(readInfo({}).needsSetup, true);
    assert.equal(readInfo(null).needsSetup, true);
});

test('every field of the status is read', () => {
    assert.deepEqual(readStatus(STATUS), {
        collector: {
            state: 'running',
            upstream: 'http://127.0.0.1:8317',
            mode: 'auto',
            transport: 'subscribe',
            lastConsumedAtMs: 1764000000000,
            totalInserted: 10,
            totalSkipped: 2,
            lastError: 'connect: refused',
        },
        events: 12,
        deadLetters: 3,
        databaseBytes: 4096,
    });
});

test('every field of an event is read', () => {
    assert.deepEqual(readLatest({ events: [EVENT] }).events, [
        {
            id: 7,
            timestampMs: 1764000000123,
            model: 'gpt-5',
            resolvedModel: 'gpt-5-2026',
            provider: 'codex',
            account: 'a@example.org',
            endpoint: 'POST /v1/responses',
            reasoningEffort: 'high',
            serviceTier: 'priority',
            inputTokens: 100,
            cachedTokens: 60,
            outputTokens: 20,
            reasoningTokens: 5,
            totalTokens: 120,
            latencyMs: 1500,
            ttftMs: 0,
            isFailed: true,
            failStatusCode: 429,
            failSummary: 'limit',
        },
    ]);
});

test('every total of today is read', () => {
    const today = {
        requests: 1,
        failures: 2,
        input_tokens: 3,
        cached_tokens: 4,
        output_tokens: 5,
        reasoning_tokens: 6,
        total_tokens: 7,
    };
    assert.deepEqual(readLatest({ today }).today, {
        requests: 1,
        failures: 2,
        inputTokens: 3,
        cachedTokens: 4,
        outputTokens: 5,
        reasoningTokens: 6,
        totalTokens: 7,
    });
});

test('a resolved model equal to the requested one is not repeated', () => {
    const same = { ...EVENT, resolved_model: EVENT.model };
    assert.equal(readLatest({ events: [same] }).events[0].resolvedModel, '');
});

/* The object with each of its leaves and branches replaced in turn. */
function* damaged(value, replace) {
    for (const key of Object.keys(value)) {
        yield { ...value, [key]: replace };
        if (typeof value[key] === 'object' && value[key] !== null) {
            for (const inner of damaged(value[key], replace)) {
                yield { ...value, [key]: inner };
            }
        }
    }
}

/* A value of the page holds only numbers, texts, truth values and named nulls. */
function assertSound(value, path = '') {
    for (const [key, inner] of Object.entries(value)) {
        const where = `${path}.${key}`;
        if (typeof inner === 'object' && inner !== null) {
            assertSound(inner, where);
        } else if (inner === null) {
            assert.match(where, /(latencyMs|ttftMs|failStatusCode)$/);
        } else {
            assert.match(typeof inner, /^(string|boolean|number)$/, where);
            assert.ok(typeof inner !== 'number' || Number.isFinite(inner), where);
        }
    }
}

test('a null, missing or mistyped field never leaks into the page', () => {
    const latest = { today: { requests: 1, total_tokens: 5 }, events: [EVENT] };
    for (const replace of [null, undefined, 'text', {}, [], [null], true, NaN]) {
        for (const odd of damaged(latest, replace)) {
            assertSound(readLatest(odd));
        }
        for (const odd of damaged(STATUS, replace)) {
            assertSound(readStatus(odd));
        }
        assertSound(readLatest(replace));
        assertSound(readStatus(replace));
    }
});
