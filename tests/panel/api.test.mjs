import assert from 'node:assert/strict';
import test from 'node:test';
import { createApi } from '../../panel/src/api.ts';
import { ApiError } from '../../panel/src/errors.ts';

/* An API whose network gives one prepared answer and keeps what it was asked. */
function rig(status, body) {
    const calls = [];
    const api = createApi(async (path, options) => {
        calls.push({ path, ...options });
        return { ok: status >= 200 && status < 300, status, text: async () => body };
    });
    return { api, calls };
}

async function failure(promise) {
    const error = await promise.then(
        () => null,
        (problem) => problem,
    );
    assert.ok(error, 'it must fail');
    return error;
}

test('info is asked without a key', async () => {
    const { api, calls } = rig(200, '{"setupRequired":true}');
    assert.deepEqual(await api.info(), { needsSetup: true });
    assert.equal(calls[0].path, '/usage-service/info');
    assert.equal('Authorization' in calls[0].headers, false);
});

test('the key travels in the header only', async () => {
    const { api, calls } = rig(200, '{}');
    await api.latest('secret', 1764000000000, 50);
    assert.equal(calls[0].path, '/ledger/v1/latest?from_ms=1764000000000&limit=50');
    assert.equal(calls[0].headers.Authorization, 'Bearer secret');
    assert.equal(calls[0].method, 'GET');
    assert.equal(calls[0].body, null);
    assert.equal(calls[0].credentials, 'omit');
});

test('setup sends the interval only when events are collected', async () => {
    const form = {
        cpaBaseUrl: 'http://g:1',
        cpaManagementKey: 'k',
        isMonitoring: true,
        pollIntervalMs: 700,
    };
    const { api, calls } = rig(200, '{"ok":true}');
    await api.setup('a', form);
    await api.setup('a', { ...form, isMonitoring: false });
    assert.deepEqual(
        calls.map((call) => [call.method, call.path, JSON.parse(call.body)]),
        [
            [
                'POST',
                '/setup',
                {
                    cpaBaseUrl: 'http://g:1',
                    cpaManagementKey: 'k',
                    pollIntervalMs: 700,
                    ensureUsageStatisticsEnabled: true,
                    requestMonitoringEnabled: true,
                },
            ],
            [
                'POST',
                '/setup',
                {
                    cpaBaseUrl: 'http://g:1',
                    cpaManagementKey: 'k',
                    ensureUsageStatisticsEnabled: false,
                    requestMonitoringEnabled: false,
                },
            ],
        ],
    );
});

test('a refusal carries status, code and text', async () => {
    const { api } = rig(401, '{"code":"invalid_admin_key","error":"invalid admin key"}\n');
    const error = await failure(api.status('k'));
    assert.ok(error instanceof ApiError);
    assert.deepEqual(
        [error.status, error.code, error.message],
        [401, 'invalid_admin_key', 'invalid admin key'],
    );
});

test('a refusal of any other shape is still a refusal', async () => {
    for (const body of ['404 page not found\n', '', 'null', '[]', '{"code":5,"error":{}}']) {
        const error = await failure(rig(404, body).api.status('k'));
        assert.deepEqual(
            [error.status, error.code, error.message],
            [404, '', 'HTTP status 404'],
            body,
        );
    }
});

test('a success that is not JSON is unreadable', async () => {
    const error = await failure(rig(200, '<html>').api.status('k'));
    assert.equal(error.code, 'unreadable');
});

test('no answer is "unreachable", the caller’s abort stays an abort', async () => {
    const api = createApi(
        (path, { signal }) =>
            new Promise((resolve, reject) => {
                const stop = () => reject(new DOMException('aborted', 'AbortError'));
                if (path === '/usage-service/info') {
                    reject(new TypeError('Failed to fetch'));
                } else if (signal.aborted) {
                    stop();
                } else {
                    signal.addEventListener('abort', stop);
                }
            }),
    );
    assert.equal((await failure(api.info())).code, 'unreachable');

    const caller = new AbortController();
    const pending = api.status('k', caller.signal);
    caller.abort();
    assert.equal((await failure(pending)).name, 'AbortError');
    assert.equal((await failure(api.status('k', caller.signal))).name, 'AbortError');
});

test('a request without an answer ends after its time', async () => {
    const alarms = [];
    const timers = {
        set: (callback, delayMs) => alarms.push({ callback, delayMs }) - 1,
        clear: (index) => (alarms[index].isCleared = true),
    };
    const api = createApi(
        (path, { signal }) =>
            new Promise((resolve, reject) => {
                signal.addEventListener('abort', () =>
                    reject(new DOMException('aborted', 'AbortError')),
                );
            }),
        timers,
    );
    const failed = failure(api.status('k'));
    assert.equal(alarms[0].delayMs, 30_000);
    alarms[0].callback();
    assert.equal((await failed).code, 'timeout');
    assert.equal(alarms[0].isCleared, true);
});

test('a key that no header can hold is refused without a request', async () => {
    for (const key of ['schlüssel–', 'a b', 'a\nb', '']) {
        const { api, calls } = rig(200, '{}');
        const error = await failure(api.status(key));
        assert.equal(error.code, 'invalid_admin_key');
        assert.equal(calls.length, 0);
    }
});
