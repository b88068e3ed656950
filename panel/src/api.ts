/*
 * The requests of the page, all to its own origin.
 *
 *   GET  /usage-service/info               nobody's      is there a gateway yet?
 *   GET  /status                           admin's       collector and database
 *   GET  /ledger/v1/latest?from_ms&limit   admin's       totals since, newest events
 *   POST /setup                            admin's       bind to a gateway
 *
 * The admin key travels in the Authorization header and nowhere else. Every failure
 * is an ApiError, except that a caller's own abort stays an abort.
 */
import { ApiError } from './errors';
import { readInfo, readLatest, readStatus } from './model';
import type { Info, Latest, Status } from './model';
import { browserTimers } from './timers';
import type { Timers } from './timers';

/* The server itself gives the gateway 30 s per call, and setup makes three. */
const TIMEOUT_MS = 30_000;
const SETUP_TIMEOUT_MS = 100_000;

export interface SetupForm {
    cpaBaseUrl: string;
    cpaManagementKey: string;
    isMonitoring: boolean;
    pollIntervalMs: number;
}

export interface Api {
    info(signal?: AbortSignal): Promise<Info>;
    status(key: string, signal?: AbortSignal): Promise<Status>;
    latest(key: string, fromMs: number, limit: number, signal?: AbortSignal): Promise<Latest>;
    setup(key: string, form: SetupForm, signal?: AbortSignal): Promise<void>;
}

interface Request {
    path: string;
    key?: string;
    body?: unknown; /* present: a POST */
    timeoutMs?: number;
    signal: AbortSignal | undefined;
}

function headers(request: Request): Record<string, string> {
    const all: Record<string, string> = { Accept: 'application/json' };
    if (request.key !== undefined) {
        /* A header holds Latin-1 only; a key outside of it cannot be any server's. */
        if (!/^[\x21-\x7e\x80-\xff]+$/.test(request.key)) {
            throw new ApiError(401, 'invalid_admin_key', 'invalid admin key');
        }
        all['Authorization'] = `Bearer ${request.key}`;
    }
    if (request.body !== undefined) {
        all['Content-Type'] = 'application/json';
    }
    return all;
}

interface Network {
    fetchFn: typeof fetch;
    timers: Timers;
}

/* The error text of a failed answer, whatever its shape. */
function refusal(status: number, body: string): ApiError {
    let json: unknown = null;
    try {
        json = JSON.parse(body);
    } catch {
        /* Not ours: a proxy's page, perhaps. The status has to do. */
    }
    const { code, error } = (typeof json === 'object' && json !== null ? json : {}) as Record<
        string,
        unknown
    >;
    return new ApiError(
        status,
        typeof code === 'string' ? code : '',
        typeof error === 'string' ? error : `HTTP status ${status}`,
    );
}

async function exchange(
    fetchFn: typeof fetch,
    request: Request,
    signal: AbortSignal,
): Promise<unknown> {
    const answer = await fetchFn(request.path, {
        method: request.body === undefined ? 'GET' : 'POST',
        headers: headers(request),
        body: request.body === undefined ? null : JSON.stringify(request.body),
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        signal,
    });
    const body = await answer.text();
    if (!answer.ok) {
        throw refusal(answer.status, body);
    }
    try {
        return JSON.parse(body);
    } catch {
        throw new ApiError(answer.status, 'unreadable', 'the answer is not JSON');
    }
}

async function send(network: Network, request: Request): Promise<unknown> {
    const both = new AbortController();
    let isLate = false;
    const timer = network.timers.set(() => {
        isLate = true;
        both.abort();
    }, request.timeoutMs ?? TIMEOUT_MS);
    const stop = () => both.abort();
    request.signal?.addEventListener('abort', stop);
    try {
        if (request.signal?.aborted) {
            both.abort();
        }
        return await exchange(network.fetchFn, request, both.signal);
    } catch (error) {
        if (error instanceof ApiError || request.signal?.aborted) {
            throw error;
        }
        throw isLate ? new ApiError(0, 'timeout', '') : new ApiError(0, 'unreachable', '');
    } finally {
        network.timers.clear(timer);
        request.signal?.removeEventListener('abort', stop);
    }
}

export function createApi(fetchFn: typeof fetch, timers: Timers = browserTimers): Api {
    const network: Network = { fetchFn, timers };
    return {
        info: async (signal) =>
            readInfo(await send(network, { path: '/usage-service/info', signal })),
        status: async (key, signal) =>
            readStatus(await send(network, { path: '/status', key, signal })),
        latest: async (key, fromMs, limit, signal) =>
            readLatest(
                await send(network, {
                    path: `/ledger/v1/latest?from_ms=${fromMs}&limit=${limit}`,
                    key,
                    signal,
                }),
            ),
        setup: async (key, form, signal) => {
            const { cpaBaseUrl, cpaManagementKey, isMonitoring, pollIntervalMs } = form;
            const body = {
                cpaBaseUrl,
                cpaManagementKey,
                ...(isMonitoring ? { pollIntervalMs } : {}),
                ensureUsageStatisticsEnabled: isMonitoring,
                requestMonitoringEnabled: isMonitoring,
            };
            await send(network, { path: '/setup', key, body, timeoutMs: SETUP_TIMEOUT_MS, signal });
        },
    };
}
