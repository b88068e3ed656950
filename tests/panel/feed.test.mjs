import assert from 'node:assert/strict';
import test from 'node:test';
import { advanceFeed } from '../../panel/src/feed.ts';

const events = (...ids) => ids.map((id) => ({ id }));
const shown = (feed) =>
    feed.rows.map((row) => `${row.event.id}${row.isFresh ? '*' : ''}`).join(' ');

test('the first answer marks nothing as new', () => {
    assert.equal(shown(advanceFeed(null, events(3, 2, 1))), '3 2 1');
});

test('only what an answer brought is new, and only in that step', () => {
    const first = advanceFeed(null, events(2, 1));
    const second = advanceFeed(first, events(4, 3, 2));
    assert.equal(shown(second), '4* 3* 2');
    assert.equal(shown(advanceFeed(second, events(4, 3, 2))), '4 3 2');
});

test('an older event that comes late is new too', () => {
    const feed = advanceFeed(advanceFeed(null, events(9, 5)), events(9, 7, 5));
    assert.equal(shown(feed), '9 7* 5');
});

test('after an empty answer everything is new', () => {
    const empty = advanceFeed(null, []);
    assert.equal(shown(empty), '');
    assert.equal(shown(advanceFeed(empty, events(1))), '1*');
});
