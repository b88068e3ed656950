import assert from 'node:assert/strict';
import test from 'node:test';
import * as format from '../../panel/src/format.ts';

/* Each row is an input and what it looks like. */
function check(show, rows) {
    for (const [input, expected] of rows) {
        assert.equal(show(input), expected, `for ${input}`);
    }
}

test('counts are grouped and never shortened', () => {
    check(format.formatCount, [
        [0, '0'],
        [999, '999'],
        [1000, '1,000'],
        [1234567890, '1,234,567,890'],
    ]);
});

test('tokens are exact below ten thousand, three digits above', () => {
    check(format.formatTokens, [
        [0, '0'],
        [9999, '9,999'],
        [10000, '10.0K'],
        [12345, '12.3K'],
        [999499, '999K'],
        [999500, '1.00M'],
        [1234567, '1.23M'],
        [9876543210, '9.88B'],
    ]);
});

test('a share has one decimal, and none without a whole', () => {
    assert.equal(format.formatShare(0, 0), '–');
    assert.equal(format.formatShare(5, 0), '–');
    assert.equal(format.formatShare(0, 7), '0%');
    assert.equal(format.formatShare(1, 8), '12.5%');
    assert.equal(format.formatShare(7, 7), '100%');
    assert.equal(format.formatShare(999, 1000), '99.9%');
    assert.equal(format.formatShare(1, 1000), '0.1%');
    assert.equal(format.formatShare(1, 1001), '<0.1%');
});

test('bytes change unit at 1024', () => {
    check(format.formatBytes, [
        [0, '0 B'],
        [1023, '1,023 B'],
        [1024, '1.0 KiB'],
        [1024 * 1024 - 1, '1.0 MiB'],
        [1536 * 1024, '1.5 MiB'],
        [5 * 1024 ** 4, '5.0 TiB'],
        [5000 * 1024 ** 4, '5000.0 TiB'],
    ]);
});

test('durations change unit at a second and at a minute', () => {
    check(format.formatDuration, [
        [null, '–'],
        [-1, '–'],
        [0, '0 ms'],
        [999, '999 ms'],
        [1000, '1.00 s'],
        [3420, '3.42 s'],
        [59994, '59.99 s'],
        [59995, '1 min 00 s'],
        [60000, '1 min 00 s'],
        [125499, '2 min 05 s'],
    ]);
});

test('ago counts whole units, 0 is never, the future is now', () => {
    const now = 1_800_000_000_000;
    const second = 1000;
    assert.equal(format.formatAgo(0, now), 'never');
    check(
        (ms) => format.formatAgo(now - ms, now),
        [
            [-90 * second, 'just now'],
            [999, 'just now'],
            [second, '1 s ago'],
            [59.9 * second, '59 s ago'],
            [60 * second, '1 min ago'],
            [3599 * second, '59 min ago'],
            [3600 * second, '1 h ago'],
            [86399 * second, '23 h ago'],
            [86400 * second, '1 d ago'],
            [1234 * 86400 * second, '1,234 d ago'],
        ],
    );
});

test('the clock names the day only when it is another one', () => {
    const now = new Date(2026, 10, 24, 15, 0, 0).getTime();
    assert.equal(format.formatClock(new Date(2026, 10, 24, 0, 0, 0).getTime(), now), '00:00:00');
    assert.equal(
        format.formatClock(new Date(2026, 10, 23, 23, 59, 59).getTime(), now),
        'Nov 23, 23:59:59',
    );
});

test('a moment is written in the local zone, an instant in UTC', () => {
    const ms = Date.UTC(2026, 6, 1, 10, 20, 30, 45);
    assert.equal(format.formatMoment(ms), 'Jul 1, 2026, 12:20:30.045 GMT+2');
    assert.equal(format.formatInstant(ms), '2026-07-01T10:20:30.045Z');
    assert.equal(format.formatDay(ms), 'Wednesday, July 1, 2026');
});

test('a time no calendar holds is shown as nothing instead of throwing', () => {
    for (const show of [format.formatMoment, format.formatInstant]) {
        assert.notEqual(show(8.64e15), '–');
        assert.equal(show(8.64e15 + 1), '–');
        assert.equal(show(Number.MAX_SAFE_INTEGER), '–');
    }
    assert.equal(format.formatClock(9e15, 0), '–');
});

test('the day starts at local midnight, also when summer time begins', () => {
    /* 2026-03-29 in Berlin has 23 hours: 01:59:59 is followed by 03:00:00. */
    const noon = Date.UTC(2026, 2, 29, 10);
    assert.equal(format.startOfDay(noon), Date.UTC(2026, 2, 28, 23));
    const midnight = Date.UTC(2026, 2, 29, 22);
    assert.equal(format.startOfDay(midnight), midnight);
    assert.equal(format.startOfDay(midnight - 1), Date.UTC(2026, 2, 28, 23));
});
