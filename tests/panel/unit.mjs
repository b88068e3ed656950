/*
 * Runs the tests of one panel module: node unit.mjs STEM
 *
 * STEM.test.mjs imports the TypeScript of panel/src; esbuild makes plain JavaScript
 * of both in a temporary folder, and node's own test runner runs that. The zone is
 * fixed to one with summer time, so that a day of 23 hours can be tested anywhere.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const { buildSync } = createRequire(join(here, '../../panel/package.json'))('esbuild');
const stem = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'panel-unit-'));
let status = 1;
try {
    const bundle = join(folder, `${stem}.test.mjs`);
    buildSync({
        entryPoints: [join(here, `${stem}.test.mjs`)],
        outfile: bundle,
        bundle: true,
        platform: 'node',
        format: 'esm',
        sourcemap: 'inline',
    });
    const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', bundle], {
        stdio: 'inherit',
        env: { ...process.env, TZ: 'Europe/Berlin' },
    });
    status = run.status ?? 1;
} finally {
    rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
