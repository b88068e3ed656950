/* The small pieces that several screens are made of. */
import type { ComponentChildren } from 'preact';
import { describeError } from './errors';

export function Mark() {
    return (
        <span class="mark">
            <svg width="22" height="22" viewBox="0 0 16 16" aria-hidden="true">
                <rect width="16" height="16" rx="4" class="mark-ground" />
                <path d="M4 4.5h8M4 8h8M4 11.5h5" class="mark-lines" />
            </svg>
            CPA Ledger
        </span>
    );
}

/* Nothing without an error; otherwise what went wrong and the server's own words. */
export function ProblemNote({ error, testid }: { error: unknown; testid: string }) {
    if (error === null || error === undefined) {
        return null;
    }
    const problem = describeError(error);
    return (
        <div class="problem" role="alert" data-testid={testid}>
            <strong>{problem.title}</strong>
            {problem.detail && <span>{problem.detail}</span>}
        </div>
    );
}

interface FieldProps {
    label: string;
    hint?: string;
    id: string;
    children: ComponentChildren; /* the control, which carries the id */
}

export function Field({ label, hint, id, children }: FieldProps) {
    return (
        <div class="field">
            <label for={id}>{label}</label>
            {children}
            {hint && (
                <small class="muted" id={`${id}-hint`}>
                    {hint}
                </small>
            )}
        </div>
    );
}

interface TickProps {
    label: string;
    isOn: boolean;
    onChange: (isOn: boolean) => void;
    testid: string;
}

export function Tick({ label, isOn, onChange, testid }: TickProps) {
    return (
        <label class="tick">
            <input
                type="checkbox"
                checked={isOn}
                onChange={(event) => onChange(event.currentTarget.checked)}
                data-testid={testid}
            />
            {label}
        </label>
    );
}

interface FactProps {
    label: string;
    value: string;
    isWide?: boolean; /* a name or an address: room for two */
    title?: string;
    testid?: string;
}

/* One term and its value, inside a <dl>. */
export function Fact({ label, value, isWide, title, testid }: FactProps) {
    return (
        <div class={isWide ? 'fact wide' : 'fact'}>
            <dt>{label}</dt>
            <dd title={title} data-testid={testid}>
                {value}
            </dd>
        </div>
    );
}

export function TopBar({
    onLogout,
    children,
}: {
    onLogout: () => void;
    children?: ComponentChildren;
}) {
    return (
        <header class="topbar">
            <h1>
                <Mark />
            </h1>
            {children}
            <button class="quiet" onClick={onLogout} data-testid="logout">
                Log out
            </button>
        </header>
    );
}
