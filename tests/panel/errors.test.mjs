import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError, describeError, isUnauthorized } from '../../panel/src/errors.ts';

test('a known code picks the sentence, the server’s text is the detail', () => {
    const text = 'management API validation failed: 401 Unauthorized';
    const problem = describeError(new ApiError(502, 'management_api_validation_failed', text));
    assert.match(problem.title, /refuses the management key/);
    assert.equal(problem.detail, text);
});

test('without a known code the status decides', () => {
    assert.equal(
        describeError(new ApiError(429, '', 'slow down')).title.startsWith('Too many'),
        true,
    );
    assert.match(describeError(new ApiError(502, 'request_failed', 'refused')).title, /gateway/);
    assert.equal(describeError(new ApiError(418, 'tea', 'short')).title, 'That did not work.');
});

test('a wrong admin key needs no detail', () => {
    const problem = describeError(new ApiError(401, 'invalid_admin_key', 'invalid admin key'));
    assert.equal(problem.title, 'The admin key is not right.');
    assert.equal(problem.detail, '');
});

test('anything else that was thrown is described too', () => {
    assert.equal(describeError(new TypeError('x is not a function')).detail, 'x is not a function');
    assert.equal(describeError('odd').detail, '');
});

test('only a refusal of the admin key ends the session', () => {
    assert.equal(isUnauthorized(new ApiError(401, 'invalid_admin_key', '')), true);
    assert.equal(isUnauthorized(new ApiError(401, '', '')), true);
    assert.equal(isUnauthorized(new ApiError(401, 'invalid_existing_management_key', '')), false);
    assert.equal(isUnauthorized(new ApiError(502, 'invalid_management_key', '')), false);
    assert.equal(isUnauthorized(new ApiError(502, '', '')), false);
    assert.equal(isUnauthorized(new ApiError(0, 'unreachable', '')), false);
    assert.equal(isUnauthorized(null), false);
});
