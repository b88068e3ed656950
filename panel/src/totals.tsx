/* What has come in since local midnight. */
import type { Latest, Totals } from './model';
import type { Polled } from './polled';
import { formatCount, formatDay, formatShare, formatTokens, NOTHING } from './format';

interface Tile {
    label: string;
    testid: string;
    value: (totals: Totals) => number;
    isTokens: boolean;
    note?: (totals: Totals) => string;
}

const TILES: Tile[] = [
    { label: 'Requests', testid: 'today-requests', isTokens: false, value: (t) => t.requests },
    { label: 'Failed', testid: 'today-failures', isTokens: false, value: (t) => t.failures,
      note: (t) => formatShare(t.failures, t.requests) },
    { label: 'Total tokens', testid: 'today-total', isTokens: true, value: (t) => t.totalTokens },
    { label: 'Input', testid: 'today-input', isTokens: true, value: (t) => t.inputTokens },
    { label: 'Cached', testid: 'today-cached', isTokens: true, value: (t) => t.cachedTokens },
    { label: 'Output', testid: 'today-output', isTokens: true, value: (t) => t.outputTokens },
    { label: 'Reasoning', testid: 'today-reasoning', isTokens: true, value: (t) => t.reasoningTokens },
];

function TileView({ tile, totals }: { tile: Tile; totals: Totals | undefined }) {
    const value = totals && tile.value(totals);
    const show = tile.isTokens ? formatTokens : formatCount;
    return (
        <div class="tile">
            <dt>{tile.label}</dt>
            <dd
                class="figure"
                title={value === undefined ? '' : formatCount(value)}
                data-testid={tile.testid}
            >
                {value === undefined ? NOTHING : show(value)}
            </dd>
            {tile.note && <dd class="note muted">{totals ? tile.note(totals) : ''}</dd>}
        </div>
    );
}

export function TodayTotals({ latest }: { latest: Polled<Latest> }) {
    return (
        <section class="card" aria-labelledby="today-title">
            <header class="card-head">
                <h2 id="today-title">Today</h2>
                <span class="muted">{latest.askedAtMs > 0 ? formatDay(latest.askedAtMs) : ''}</span>
            </header>
            <dl class="tiles">
                {TILES.map((tile) => (
                    <TileView key={tile.testid} tile={tile} totals={latest.data?.today} />
                ))}
            </dl>
        </section>
    );
}
