import assert from 'node:assert/strict';
import test from 'node:test';
import { Poller } from '../../panel/src/poller.ts';

/*
 * A poller whose timers fire and whose requests end when the test says so. `log`
 * holds what it did: "ask" and the delays it chose.
 */
function rig() {
    const log = [];
    const requests = [];
    let due = null;
    const poller = new Poller({
        intervalMs: 2000,
        maxIntervalMs: 30000,
        run: (signal) =>
            new Promise((resolve, reject) => {
                log.push('ask');
                requests.push({ signal, resolve, reject });
            }),
        timers: {
            set(callback, delayMs) {
                assert.equal(due, null, 'one timer at a time');
                log.push(delayMs);
                due = callback;
                return callback;
            },
            clear(timer) {
                assert.equal(timer, due);
                due = null;
            },
        },
    });
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    return {
        poller,
        log,
        requests,
        isWaiting: () => due !== null,
        async answer() {
            requests.at(-1).resolve();
            await settle();
        },
        async fail() {
            requests.at(-1).reject(new Error('down'));
            await settle();
        },
        async elapse() {
            const callback = due;
            due = null;
            callback();
            await settle();
        },
    };
}

test('asks at once, then an interval after each answer', async () => {
    const it = rig();
    it.poller.resume();
    assert.deepEqual(it.log, ['ask']);
    await it.answer();
    await it.elapse();
    await it.answer();
    assert.deepEqual(it.log, ['ask', 2000, 'ask', 2000]);
});

test('failures double the wait up to the limit, a success resets it', async () => {
    const it = rig();
    it.poller.resume();
    for (let i = 0; i < 6; i++) {
        await it.fail();
        await it.elapse();
    }
    await it.answer();
    const delays = it.log.filter((entry) => entry !== 'ask');
    assert.deepEqual(delays, [4000, 8000, 16000, 30000, 30000, 30000, 2000]);
});

test('a pause aborts the request and lets nothing follow it', async () => {
    const it = rig();
    it.poller.resume();
    it.poller.pause();
    assert.equal(it.requests[0].signal.aborted, true);
    await it.answer();
    assert.deepEqual(it.log, ['ask']);
    assert.equal(it.isWaiting(), false);
});

test('a pause while waiting clears the timer', async () => {
    const it = rig();
    it.poller.resume();
    await it.answer();
    it.poller.pause();
    assert.equal(it.isWaiting(), false);
});

test('resume starts one request, however often it is called', async () => {
    const it = rig();
    it.poller.resume();
    it.poller.resume();
    assert.deepEqual(it.log, ['ask']);
    await it.answer();
    it.poller.resume(); /* while waiting: now, without a second timer */
    assert.deepEqual(it.log, ['ask', 2000, 'ask']);
    await it.answer();
    assert.deepEqual(it.log, ['ask', 2000, 'ask', 2000]);
});

test('an answer to the request before a pause does not disturb the one after', async () => {
    const it = rig();
    it.poller.resume();
    it.poller.pause();
    it.poller.resume();
    assert.equal(it.requests.length, 2);
    it.requests[0].reject(new Error('aborted'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(it.isWaiting(), false);
    await it.answer();
    assert.deepEqual(it.log, ['ask', 'ask', 2000]);
});
