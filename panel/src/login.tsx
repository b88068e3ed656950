/*
 * The admin key is asked for, tried, and handed over. It is tried against /status:
 * that answer needs the admin key at every time, also before setup, when
 * /usage-service/config is open to all, and it holds no secret.
 */
import { useState } from 'preact/hooks';
import type { Api } from './api';
import { Field, Mark, ProblemNote, Tick } from './parts';

interface LoginProps {
    api: Api;
    isRefused: boolean; /* a kept key was refused just now */
    onAccepted: (key: string, isRemembered: boolean, needsSetup: boolean) => void;
}

export function Login({ api, isRefused, onAccepted }: LoginProps) {
    const [text, setText] = useState('');
    const [isRemembered, setRemembered] = useState(false);
    const [isBusy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const key = text.trim();

    async function tryKey(event: Event) {
        event.preventDefault();
        if (isBusy || key === '') {
            return;
        }
        setBusy(true);
        setError(null);
        try {
            await api.status(key);
            const info = await api.info();
            onAccepted(key, isRemembered, info.needsSetup);
        } catch (problem) {
            setError(problem);
            setBusy(false);
        }
    }

    return (
        <main class="center">
            <form class="card narrow" onSubmit={tryKey} data-testid="login">
                <Mark />
                {isRefused && error === null && (
                    <p class="problem" role="alert" data-testid="login-ended">
                        The server no longer accepts the key. Log in again.
                    </p>
                )}
                {/* Password managers file the key under this name. */}
                <input type="text" autocomplete="username" value="admin" readOnly hidden />
                <Field
                    id="login-key"
                    label="Admin key"
                    hint="The server printed it when it first started."
                >
                    <input
                        id="login-key"
                        type="password"
                        autocomplete="current-password"
                        spellcheck={false}
                        autofocus
                        value={text}
                        onInput={(event) => setText(event.currentTarget.value)}
                        aria-describedby="login-key-hint"
                        data-testid="login-key"
                    />
                </Field>
                <Tick
                    label="Remember on this device"
                    isOn={isRemembered}
                    onChange={setRemembered}
                    testid="login-remember"
                />
                <ProblemNote error={error} testid="login-error" />
                <button class="primary" disabled={isBusy || key === ''} data-testid="login-submit">
                    {isBusy ? 'Checking …' : 'Log in'}
                </button>
            </form>
        </main>
    );
}
