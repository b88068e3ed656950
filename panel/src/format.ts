/*
 * Numbers and times as the page shows them. Every figure on the screen passes
 * through here, so that one quantity looks the same everywhere. All functions are
 * pure; "now" is an argument. Times are milliseconds since 1970 (UTC), shown in the
 * browser's zone.
 *
 *   formatTokens(1234567)            "1.23M"
 *   formatDuration(3420)             "3.42 s"
 *   formatAgo(now - 5000, now)       "5 s ago"
 */

const LOCALE = 'en';

/* Dates beyond this (ECMAScript's own bound) make the formatters throw. */
const MAX_DATE_MS = 8.64e15;

function isMoment(ms: number): boolean {
    return Math.abs(ms) <= MAX_DATE_MS;
}

/* What stands where there is nothing to show. */
export const NOTHING = '–';

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(LOCALE, {
    notation: 'compact',
    minimumSignificantDigits: 3,
    maximumSignificantDigits: 3,
});
const clock = new Intl.DateTimeFormat(LOCALE, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
});
const dayOfYear = new Intl.DateTimeFormat(LOCALE, { month: 'short', day: 'numeric' });
const fullDate = new Intl.DateTimeFormat(LOCALE, {
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
});

const moment = new Intl.DateTimeFormat(LOCALE, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZoneName: 'short',
});

/* 12345 -> "12,345" */
export function formatCount(n: number): string {
    return whole.format(n);
}

/* Exact below ten thousand, three significant digits above. */
export function formatTokens(n: number): string {
    return Math.abs(n) < 10_000 ? whole.format(n) : compact.format(n);
}

/* A share in percent; without a whole there is no share. */
export function formatShare(part: number, total: number): string {
    if (total <= 0) {
        return NOTHING;
    }
    const percent = (part / total) * 100;
    if (percent > 0 && percent < 0.1) {
        return '<0.1%';
    }
    return `${percent.toFixed(percent >= 99.95 || percent === 0 ? 0 : 1)}%`;
}

const BYTE_UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];

export function formatBytes(bytes: number): string {
    if (bytes < 1024) {
        return `${whole.format(bytes)} B`;
    }
    let value = bytes / 1024;
    let unit = 0;
    /* 1023.95 would be written "1024.0". */
    while (value >= 1023.95 && unit < BYTE_UNITS.length - 1) {
        value /= 1024;
        unit++;
    }
    return `${value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

export function formatDuration(ms: number | null): string {
    if (ms === null || ms < 0) {
        return NOTHING;
    }
    if (ms < 1000) {
        return `${Math.round(ms)} ms`;
    }
    if (ms < 59_995) {
        return `${(ms / 1000).toFixed(2)} s`;
    }
    const seconds = Math.round(ms / 1000);
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/* 0 means never. A moment ahead of this clock (the server's runs fast) is now. */
export function formatAgo(thenMs: number, nowMs: number): string {
    if (thenMs <= 0) {
        return 'never';
    }
    const seconds = Math.floor((nowMs - thenMs) / 1000);
    if (seconds < 1) {
        return 'just now';
    }
    if (seconds < 60) {
        return `${seconds} s ago`;
    }
    if (seconds < 3600) {
        return `${Math.floor(seconds / 60)} min ago`;
    }
    if (seconds < 86_400) {
        return `${Math.floor(seconds / 3600)} h ago`;
    }
    return `${formatCount(Math.floor(seconds / 86_400))} d ago`;
}

/* The time of day; the date stands before it unless it is today's. */
export function formatClock(ms: number, nowMs: number): string {
    if (!isMoment(ms)) {
        return NOTHING;
    }
    const time = clock.format(ms);
    return startOfDay(ms) === startOfDay(nowMs) ? time : `${dayOfYear.format(ms)}, ${time}`;
}

export function formatDay(ms: number): string {
    return fullDate.format(ms);
}

/* To the millisecond and with its zone, for the eye. */
export function formatMoment(ms: number): string {
    return isMoment(ms) ? moment.format(ms) : NOTHING;
}

/* The same for machines: ISO 8601 in UTC. */
export function formatInstant(ms: number): string {
    return isMoment(ms) ? new Date(ms).toISOString() : NOTHING;
}

/* The local midnight that began the day of the given moment. */
export function startOfDay(ms: number): number {
    const date = new Date(ms);
    return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
