/* The form that binds a new server to its gateway. */
import { useState } from 'preact/hooks';
import type { Api } from './api';
import { isUnauthorized } from './errors';
import { Field, ProblemNote, Tick, TopBar } from './parts';

interface SetupProps {
    api: Api;
    adminKey: string;
    onDone: () => void;
    onRefused: () => void; /* the admin key itself was refused */
    onLogout: () => void;
}

const DEFAULT_POLL_INTERVAL_MS = '500';

/* A whole number above zero, or null. */
function readInterval(text: string): number | null {
    const trimmed = text.trim();
    return /^[0-9]{1,9}$/.test(trimmed) && Number(trimmed) > 0 ? Number(trimmed) : null;
}

export function Setup({ api, adminKey, onDone, onRefused, onLogout }: SetupProps) {
    const [url, setUrl] = useState('');
    const [key, setKey] = useState('');
    const [isMonitoring, setMonitoring] = useState(true);
    const [interval, setInterval] = useState(DEFAULT_POLL_INTERVAL_MS);
    const [isBusy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const pollIntervalMs = readInterval(interval);
    const isIntervalWrong = isMonitoring && pollIntervalMs === null;
    const isComplete = url.trim() !== '' && key.trim() !== '' && !isIntervalWrong;

    async function submit(event: Event) {
        event.preventDefault();
        if (isBusy || !isComplete) {
            return;
        }
        setBusy(true);
        setError(null);
        try {
            await api.setup(adminKey, {
                cpaBaseUrl: url.trim(),
                cpaManagementKey: key.trim(),
                isMonitoring,
                pollIntervalMs: pollIntervalMs ?? 0,
            });
            onDone();
        } catch (problem) {
            if (isUnauthorized(problem)) {
                onRefused();
                return;
            }
            setError(problem);
            setBusy(false);
        }
    }

    return (
        <>
            <TopBar onLogout={onLogout} />
            <main class="center">
                <form class="card narrow" onSubmit={submit} data-testid="setup">
                    <h2>Connect the gateway</h2>
                    <p class="muted">The ledger collects the usage events of one CPA gateway.</p>
                    <Field id="setup-url" label="Gateway URL" hint="As the server reaches it.">
                        <input
                            id="setup-url"
                            type="text"
                            inputMode="url"
                            autocomplete="off"
                            spellcheck={false}
                            autofocus
                            placeholder="http://127.0.0.1:8317"
                            value={url}
                            onInput={(event) => setUrl(event.currentTarget.value)}
                            aria-describedby="setup-url-hint"
                            data-testid="setup-url"
                        />
                    </Field>
                    <Field
                        id="setup-key"
                        label="Gateway management key"
                        hint="The server keeps it sealed; this page does not keep it."
                    >
                        <input
                            id="setup-key"
                            type="password"
                            autocomplete="off"
                            spellcheck={false}
                            value={key}
                            onInput={(event) => setKey(event.currentTarget.value)}
                            aria-describedby="setup-key-hint"
                            data-testid="setup-key"
                        />
                    </Field>
                    <Tick
                        label="Collect usage events"
                        isOn={isMonitoring}
                        onChange={setMonitoring}
                        testid="setup-monitoring"
                    />
                    {isMonitoring && (
                        <Field
                            id="setup-interval"
                            label="Poll interval (ms)"
                            hint={
                                isIntervalWrong
                                    ? 'A whole number above 0.'
                                    : 'Used where the gateway cannot push its events.'
                            }
                        >
                            <input
                                id="setup-interval"
                                type="text"
                                inputMode="numeric"
                                autocomplete="off"
                                value={interval}
                                onInput={(event) => setInterval(event.currentTarget.value)}
                                aria-invalid={isIntervalWrong}
                                aria-describedby="setup-interval-hint"
                                data-testid="setup-interval"
                            />
                        </Field>
                    )}
                    <ProblemNote error={error} testid="setup-error" />
                    <button
                        class="primary"
                        disabled={isBusy || !isComplete}
                        data-testid="setup-submit"
                    >
                        {isBusy ? 'Asking the gateway …' : 'Connect'}
                    </button>
                </form>
            </main>
        </>
    );
}
