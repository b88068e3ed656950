/*
 * The page in a real Chromium, served by the real server, fed by the simulated
 * gateway: node browser.test.mjs, with USAGE_BUILD_DIR, USAGE_SOURCE_DIR and
 * USAGE_CHROMIUM set. The first test takes a fresh server through setup; the others
 * use the server as it then is. Screenshots go to the build folder.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import {
    buildDir,
    eventually,
    launchBrowser,
    makeFolder,
    startProgram,
    visit,
} from './harness.mjs';

const ADMIN_KEY = 'test-admin-key-0123456789';
const GATEWAY_KEY = 'test-gateway-key';
const LIMIT = { timeout: 60_000 };
const shots = join(buildDir, 'panel/screenshots');

let server;
let gateway;
let browser;
let origin;
let isSetUp = false; /* by the first test; without it the others would only wait */
const folder = makeFolder();

function startServer(address) {
    return startProgram('server/cpa-ledger', [], {
        HTTP_ADDR: address,
        USAGE_DATA_DIR: folder,
        CPA_MANAGER_ADMIN_KEY: ADMIN_KEY,
    });
}

before(
    async () => {
        mkdirSync(shots, { recursive: true });
        gateway = await startProgram(
            'tools/gateway-sim/gateway-sim',
            `--until-eof --listen 127.0.0.1:0 --rate 20 --key ${GATEWAY_KEY}`.split(' '),
        );
        server = await startServer('127.0.0.1:0');
        origin = `http://${server.address}`;
        browser = await launchBrowser();
    },
    { timeout: 90_000 },
);

after(async () => {
    await browser?.close();
    await gateway?.stop();
    if (server) {
        assert.equal(await server.stop(), 0, 'the server ends in order');
    }
});

function open(page) {
    assert.ok(isSetUp, 'the server was not set up');
    return page.goto(`${origin}/management.html`);
}

const by = (page, id) => page.getByTestId(id);

/* The whole number in a cell; a tile's exact value is its title. */
async function figure(page, id) {
    const cell = by(page, id);
    const text = (await cell.getAttribute('title')) || (await cell.innerText());
    return Number(text.replaceAll(',', ''));
}

async function logIn(page, isRemembered = false) {
    await open(page);
    await by(page, 'login-key').fill(ADMIN_KEY);
    if (isRemembered) {
        await by(page, 'login-remember').check();
    }
    await by(page, 'login-submit').click();
}

async function logInToList(page) {
    await logIn(page);
    await by(page, 'event-row').first().waitFor();
}

function assertQuiet(seen) {
    assert.deepEqual(seen.errors, []);
    assertStayedHome(seen);
}

function assertStayedHome(seen) {
    const elsewhere = seen.requests.filter(
        (url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'),
    );
    assert.deepEqual(elsewhere, []);
    assert.ok(seen.requests.length > 0);
    assert.ok(!seen.requests.some((url) => url.includes(ADMIN_KEY)));
}

/* A refused request is also an error line of the browser's own; only that is allowed. */
function assertOnlyRefusals(seen) {
    for (const error of seen.errors) {
        assert.match(error, /^error: Failed to load resource/);
    }
    assertStayedHome(seen);
}

async function assertFits(page) {
    const excess = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(excess, 0, 'the page must not scroll sideways');
}

test('a fresh server is set up through the page and then shows events', LIMIT, async () => {
    const { context, page, seen } = await visit(browser);
    await page.goto(`${origin}/`); /* leads to the page */
    await by(page, 'login-key').fill('not-the-key');
    await by(page, 'login-submit').click();
    await by(page, 'login-error').waitFor();
    assert.equal(await by(page, 'login-error').innerText(), 'The admin key is not right.');
    await page.screenshot({ path: join(shots, 'login.png') });

    await by(page, 'login-key').fill(ADMIN_KEY);
    await by(page, 'login-submit').click();
    await by(page, 'setup-url').fill(`http://${gateway.address}`);
    await by(page, 'setup-key').fill('not-the-gateway-key');
    await by(page, 'setup-submit').click();
    await by(page, 'setup-error').waitFor();
    assert.match(await by(page, 'setup-error').innerText(), /refuses the management key[^]*401/);
    await page.screenshot({ path: join(shots, 'setup.png') });

    await by(page, 'setup-key').fill(GATEWAY_KEY);
    await by(page, 'setup-submit').click();
    await by(page, 'event-row').first().waitFor();
    await eventually('the collector runs', async () =>
        (await by(page, 'collector-state').innerText()).includes('Running'),
    );
    assert.equal(await by(page, 'collector-upstream').innerText(), `http://${gateway.address}`);
    assertOnlyRefusals(seen);
    await context.close();
    isSetUp = true;
});

test('the list is live, and shows each event once', LIMIT, async () => {
    const { context, page, seen } = await visit(browser);
    await logInToList(page);
    const before = await figure(page, 'today-requests');
    await eventually(
        'the totals grow',
        async () => (await figure(page, 'today-requests')) > before,
    );
    await page.locator('tr.fresh').first().waitFor();
    const ids = await by(page, 'event-row').evaluateAll((rows) =>
        rows.map((row) => row.dataset.eventId),
    );
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.length <= 50);
    assertQuiet(seen);
    await context.close();
});

test('an open row holds the list, and closing it lets go', LIMIT, async () => {
    const { context, page, seen } = await visit(browser);
    await logInToList(page);
    const first = by(page, 'event-row').first();
    await by(page, 'event-toggle').first().click();
    await by(page, 'event-detail').waitFor();
    const id = await first.getAttribute('data-event-id');
    const before = await figure(page, 'today-requests');
    await eventually(
        'the totals grow',
        async () => (await figure(page, 'today-requests')) > before,
    );
    assert.equal(await first.getAttribute('data-event-id'), id);
    assert.equal(await by(page, 'events-live').innerText(), 'Paused');

    await by(page, 'event-toggle').first().click();
    await eventually(
        'newer events come in',
        async () => (await first.getAttribute('data-event-id')) !== id,
    );
    assertQuiet(seen);
    await context.close();
});

/* The server's answer with its first event replaced by this one. */
async function plantEvent(page, event) {
    await page.route('**/ledger/v1/latest?*', async (route) => {
        const response = await route.fetch();
        const body = await response.json();
        body.events[0] = { ...body.events[0], id: 999_999_999, ...event };
        await route.fulfill({ response, json: body });
    });
}

test('a failed event says why, and markup in it is only text', LIMIT, async () => {
    const { context, page, seen } = await visit(browser);
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await plantEvent(page, {
        model: hostile,
        account: hostile,
        failed: true,
        fail_status_code: 429,
        fail_summary: `limit reached ${hostile}`,
    });
    await logIn(page);
    const row = page.locator('[data-event-id="999999999"]');
    assert.match(await row.innerText(), /Failed\s+429/);
    assert.ok((await row.innerText()).includes(hostile));
    await row.getByTestId('event-toggle').click();
    const reason = await by(page, 'event-failure').innerText();
    assert.ok(reason.includes(`limit reached ${hostile}`), reason);
    assert.match(reason, /status 429/);
    assert.equal(await page.title(), 'CPA Ledger');
    assert.equal(await page.locator('#app img').count(), 0);
    await page.screenshot({ path: join(shots, 'failure.png') });
    assertQuiet(seen);
    await context.close();
});

for (const [name, width, height, colorScheme] of [
    ['wide-light', 1440, 900, 'light'],
    ['wide-dark', 1440, 900, 'dark'],
    ['medium-light', 820, 1100, 'light'],
    ['narrow-dark', 390, 844, 'dark'],
    ['narrow-light', 320, 700, 'light'],
]) {
    test(`the layout fits: ${name}`, LIMIT, async () => {
        const viewport = { width, height };
        const { context, page, seen } = await visit(browser, { viewport, colorScheme });
        await open(page);
        await by(page, 'login-key').waitFor();
        await assertFits(page);
        await logInToList(page);
        await assertFits(page);
        await page.screenshot({ path: join(shots, `ledger-${name}.png`) });
        await by(page, 'event-toggle').first().click();
        await by(page, 'event-detail').waitFor();
        await assertFits(page);
        const result = await by(page, 'event-row').first().locator('td').last().boundingBox();
        assert.ok(result.x + result.width <= width, 'the last column is in sight');
        assertQuiet(seen);
        await context.close();
    });
}

test('the keyboard alone logs in and opens a row', LIMIT, async () => {
    const { context, page, seen } = await visit(browser);
    await open(page);
    await by(page, 'login-key').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'login-key');
    await page.keyboard.type(ADMIN_KEY);
    await page.keyboard.press('Enter');
    await by(page, 'event-row').first().waitFor();
    for (let i = 0; i < 10; i++) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate(() => document.activeElement.dataset.testid)) === 'event-toggle') {
            break;
        }
    }
    await page.keyboard.press('Enter');
    await by(page, 'event-detail').waitFor();
    assertQuiet(seen);
    await context.close();
});

/* What both storages hold, keys and values. */
const stored = (page) =>
    page.evaluate(() => ({ tab: { ...sessionStorage }, device: { ...localStorage } }));

test('a key that is not remembered lasts as long as its tab', LIMIT, async () => {
    const { context, page } = await visit(browser);
    await logInToList(page);
    await page.reload();
    await by(page, 'event-row').first().waitFor();
    assert.deepEqual((await stored(page)).device, {});
    const other = await context.newPage();
    await open(other);
    await by(other, 'login-key').waitFor();
    await context.close();
});

test('a remembered key is there in a new tab, until logging out', LIMIT, async () => {
    const { context, page } = await visit(browser);
    await logIn(page, true);
    await by(page, 'event-row').first().waitFor();
    assert.deepEqual((await stored(page)).tab, {});
    const other = await context.newPage();
    await open(other);
    await by(other, 'event-row').first().waitFor();
    await by(other, 'logout').click();
    await by(other, 'login-key').waitFor();
    assert.deepEqual(await stored(other), { tab: {}, device: {} });
    await context.close();
});

test('a key the server no longer accepts leads back to the login', LIMIT, async () => {
    const { context, page } = await visit(browser);
    await logInToList(page);
    const refuse = (route) =>
        route.fulfill({
            status: 401,
            json: { code: 'invalid_admin_key', error: 'invalid admin key' },
        });
    await page.route('**/status', refuse);
    await by(page, 'login-ended').waitFor();
    assert.deepEqual((await stored(page)).tab, {});
    await context.close();
});

test('an empty ledger and a failing answer are said in words', LIMIT, async () => {
    const { context, page } = await visit(browser);
    let isFailing = false;
    await page.route('**/ledger/v1/latest?*', (route) =>
        isFailing
            ? route.fulfill({
                  status: 503,
                  json: { code: 'request_failed', error: 'database is busy' },
              })
            : route.fulfill({ json: { today: {}, events: [] } }),
    );
    await logIn(page);
    await by(page, 'events-empty').waitFor();
    assert.equal(await by(page, 'today-requests').innerText(), '0');
    isFailing = true;
    await by(page, 'events-error').waitFor();
    assert.match(await by(page, 'events-error').innerText(), /busy[^]*database is busy/);
    assert.equal(await by(page, 'today-requests').innerText(), '0');
    isFailing = false;
    await by(page, 'events-error').waitFor({ state: 'detached' });
    await context.close();
});

function hidePage(page, isHidden) {
    return page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
        document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
}

test('a hidden page asks nothing, a visible one asks at once', LIMIT, async () => {
    const { context, page, seen } = await visit(browser);
    await page.clock.install();
    await logInToList(page);
    await hidePage(page, true);
    const before = seen.requests.length;
    await page.clock.runFor(120_000);
    assert.equal(seen.requests.length, before);
    const asked = page.waitForRequest('**/ledger/v1/latest?*');
    await hidePage(page, false);
    await asked;
    await context.close();
});

/* One of the simulated gateway's controls; tools/gateway-sim/main.c lists them. */
async function control(method, path) {
    const answer = await fetch(`http://${gateway.address}/sim/${path}`, { method });
    assert.equal(answer.status, 200, path);
    return answer.json();
}

test('once the gateway is silent, page, database and gateway agree', LIMIT, async () => {
    const { context, page, seen } = await visit(browser);
    await logInToList(page);
    await control('POST', 'rate?per_second=0');
    const { published, lost } = await control('GET', 'counts');
    assert.ok(published > 0);
    await eventually(`${published - lost} events in both places`, async () => {
        const requests = await figure(page, 'today-requests');
        const events = await figure(page, 'database-events');
        return requests === published - lost && events === published - lost;
    });
    await control('POST', 'rate?per_second=20');
    assertQuiet(seen);
    await context.close();
});

test('a server that goes away and comes back costs nobody the login', LIMIT, async () => {
    const { context, page } = await visit(browser);
    await logInToList(page);
    assert.equal(await server.stop(), 0);
    await by(page, 'events-error').waitFor();
    assert.match(await by(page, 'events-error').innerText(), /does not answer/);
    assert.ok((await by(page, 'event-row').count()) > 0, 'the last answer stays in sight');

    server = await startServer(server.address);
    await by(page, 'events-error').waitFor({ state: 'detached' });
    await by(page, 'status-error').waitFor({ state: 'detached' });
    await page.reload();
    await by(page, 'event-row').first().waitFor();
    await context.close();
});
