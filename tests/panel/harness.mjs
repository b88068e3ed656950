/*
 * What the browser test stands on: the programs under test as child processes, a
 * temporary folder, and a Chromium that records what it complains about and where it
 * connects. Everything started here ends here: `close` in the ordinary way, and the
 * exit hook if the test itself dies.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { USAGE_BUILD_DIR, USAGE_SOURCE_DIR, USAGE_CHROMIUM } = process.env;
const require = createRequire(join(USAGE_SOURCE_DIR, 'panel/package.json'));
const { chromium } = require('playwright-core');

/* A sanitizer build on a busy machine is slow to start; a good one takes 50 ms. */
const START_MS = 30_000;

/* Of a failed program's last words; a sanitizer's report is about half of this. */
const SAID_CHARS = 8_000;

export const buildDir = USAGE_BUILD_DIR;

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/* Before CTest's own limit (300 s), which would leave the children behind. */
setTimeout(() => process.exit(1), 280_000).unref();
for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => process.exit(1));
}

export function makeFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'panel-browser-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    return folder;
}

/*
 * Starts a program and waits until it says "<name> listening on HOST:PORT", on either
 * stream. Returns {address, stop}; stop ends it with SIGTERM and returns its exit code.
 */
export function startProgram(path, args, env) {
    const child = spawn(join(USAGE_BUILD_DIR, path), args, {
        env: { ...process.env, ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.add(child);
    let said = '';
    const ended = new Promise((resolve) => {
        child.on('error', (error) => resolve(`cannot start: ${error.message}`));
        child.on('exit', (code, signal) => {
            children.delete(child);
            resolve(signal ?? code);
        });
    });
    const stop = () => {
        child.kill('SIGTERM');
        return ended;
    };
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${path} did not listen`)), START_MS);
        ended.then((how) => {
            clearTimeout(timer);
            reject(new Error(`${path} did not listen`));
            if (how !== 0) {
                console.error(`${path} ended (${how}) and had said:\n${said.slice(-SAID_CHARS)}`);
            }
        });
        const listen = (text) => {
            said += text;
            const found = / listening on (\S+:\d+)/.exec(said);
            if (found) {
                clearTimeout(timer);
                resolve({ address: found[1], stop });
            }
        };
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding('utf8');
            stream.on('data', listen);
        }
    });
}

/*
 * A zone in which it is about noon now: no test run crosses a local midnight. (The
 * sign of these zones is the reverse of the usual one.)
 */
function noonZone() {
    const hours = new Date().getUTCHours() - 12;
    return `Etc/GMT${hours < 0 ? '' : '+'}${hours}`;
}

export function launchBrowser() {
    return chromium.launch({
        executablePath: USAGE_CHROMIUM,
        args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
}

/*
 * A fresh visitor: own storage, one page. `seen` fills with the errors of the console
 * and of scripts, and with the address of every request.
 */
export async function visit(browser, options = {}) {
    const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        timezoneId: noonZone(),
        ...options,
    });
    const seen = { errors: [], requests: [] };
    context.on('request', (request) => seen.requests.push(request.url()));
    context.on('dialog', (dialog) => {
        seen.errors.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
    });
    context.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') {
            seen.errors.push(`${message.type()}: ${message.text()}`);
        }
    });
    context.on('weberror', (error) => seen.errors.push(`script: ${error.error().message}`));
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    return { context, page, seen };
}

/* Asks until the answer is true; the test's own time limit bounds it. */
export async function eventually(what, ask, limitMs = 20_000) {
    const endMs = Date.now() + limitMs;
    for (;;) {
        const answer = await ask();
        if (answer) {
            return answer;
        }
        if (Date.now() > endMs) {
            throw new Error(`not within ${limitMs} ms: ${what}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
