/* Both themes keep the contrast that WCAG 2 asks of text (level AA, 4.5 to 1). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

const css = readFileSync(join(process.env.USAGE_SOURCE_DIR, 'panel/src/style.css'), 'utf8');

/* The colours of the nth :root block: 0 is the light theme, 1 the dark one. */
function theme(n) {
    const block = css.split(':root {')[n + 1].split('}')[0];
    return Object.fromEntries(
        [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((found) => [found[1], found[2]]),
    );
}

/* Relative luminance as WCAG defines it. */
function luminance(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => {
        const part = parseInt(colour.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
}

/* Which text stands on which ground. */
const PAIRS = [
    ['text', 'ground'],
    ['text', 'card'],
    ['text', 'fresh'],
    ['text', 'bad-ground'],
    ['muted', 'ground'],
    ['muted', 'card'],
    ['muted', 'fresh'],
    ['accent', 'card'],
    ['on-accent', 'accent'],
    ['good', 'card'],
    ['good', 'fresh'],
    ['warn', 'card'],
    ['bad', 'card'],
    ['bad', 'bad-ground'],
];

test('contrast is computed as defined', () => {
    assert.equal(contrast('#000000', '#ffffff'), 21);
    assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48');
});

for (const [n, name] of ['light', 'dark'].entries()) {
    test(`every text of the ${name} theme can be read`, () => {
        const colours = theme(n);
        for (const [text, ground] of PAIRS) {
            const ratio = contrast(colours[text], colours[ground]);
            assert.ok(ratio >= 4.5, `${text} on ${ground} is ${ratio.toFixed(2)}`);
        }
    });
}
