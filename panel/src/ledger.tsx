/*
 * The main screen. Two standing questions, each with its own failure: the server's
 * status fills the collector's card, the newest events fill totals and list.
 */
import { useCallback, useEffect } from 'preact/hooks';
import type { Api } from './api';
import { isUnauthorized } from './errors';
import { startOfDay } from './format';
import { CollectorCard } from './collector';
import { EventList } from './events';
import { TopBar } from './parts';
import { usePolled } from './polled';
import { TodayTotals } from './totals';

const INTERVAL_MS = 2_000;
const LIST_ROWS = 50;

interface LedgerProps {
    api: Api;
    adminKey: string;
    onRefused: () => void;
    onLogout: () => void;
}

export function Ledger({ api, adminKey, onRefused, onLogout }: LedgerProps) {
    const status = usePolled(
        useCallback((signal) => api.status(adminKey, signal), [api, adminKey]),
        INTERVAL_MS,
    );
    /* Midnight is looked up on each turn, so the totals start again with the day. */
    const latest = usePolled(
        useCallback(
            (signal) => api.latest(adminKey, startOfDay(Date.now()), LIST_ROWS, signal),
            [api, adminKey],
        ),
        INTERVAL_MS,
    );

    const isRefused = isUnauthorized(status.error) || isUnauthorized(latest.error);
    useEffect(() => {
        if (isRefused) {
            onRefused();
        }
    }, [isRefused, onRefused]);

    return (
        <>
            <TopBar onLogout={onLogout} />
            <main class="page" data-testid="ledger">
                <CollectorCard status={status} />
                <TodayTotals latest={latest} />
                <EventList latest={latest} />
            </main>
        </>
    );
}
