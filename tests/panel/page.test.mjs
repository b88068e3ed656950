/* The built page itself: self-contained, and locked to the script and style it holds. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

const page = readFileSync(join(process.env.USAGE_BUILD_DIR, 'panel/management.html'), 'utf8');
const sources = join(process.env.USAGE_SOURCE_DIR, 'panel/src');

function content(name) {
    const parts = page.split(`<${name}>`);
    assert.equal(parts.length, 2, `one <${name}>`);
    return parts[1].split(`</${name}>`)[0];
}

function hash(text) {
    return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

test('the policy allows exactly this script, this style and this origin', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)[1];
    assert.deepEqual(policy.split('; '), [
        `default-src 'none'`,
        `script-src ${hash(content('script'))}`,
        `style-src ${hash(content('style'))}`,
        `connect-src 'self'`,
        'img-src data:',
        `base-uri 'none'`,
        `form-action 'none'`,
    ]);
    assert.ok(page.indexOf('Content-Security-Policy') < page.indexOf('<style>'));
});

test('nothing is loaded from anywhere else', () => {
    const frame = page.replace(content('script'), '').replace(content('style'), '');
    for (const [, target] of frame.matchAll(/\b(?:src|href)="([^"]*)"/g)) {
        assert.match(target, /^data:/);
    }
    assert.doesNotMatch(content('style'), /url\(|@import/);
});

test('no source puts text in as HTML or writes to the console', () => {
    const forbidden =
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|console\./;
    const names = readdirSync(sources);
    assert.ok(names.length > 10);
    for (const name of names) {
        assert.doesNotMatch(readFileSync(join(sources, name), 'utf8'), forbidden, name);
    }
});
