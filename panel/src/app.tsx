/*
 * Which screen is shown.
 *
 *   connecting --info--> login --key accepted--> setup   (no gateway yet)
 *        |                 ^  \----------------> ledger  (gateway known)
 *        |                 |                       ^
 *        +--- key kept ----|----> setup or ledger  | setup done
 *                          +------ log out, or the server refuses the key
 *
 * Only a refusal or the user's log-out forgets the key: a server that does not
 * answer is asked again for as long as it takes.
 */
import { Component } from 'preact';
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Api } from './api';
import type { KeyStore } from './session';
import { Ledger } from './ledger';
import { Login } from './login';
import { Setup } from './setup';
import { Mark, ProblemNote } from './parts';
import { usePolled } from './polled';

interface AppProps {
    api: Api;
    keys: KeyStore;
}

/* A fault of the page itself: say so instead of going blank. */
class Guard extends Component<{ children: ComponentChildren }, { fault: string | null }> {
    override state = { fault: null };

    static override getDerivedStateFromError(error: unknown) {
        return { fault: error instanceof Error ? error.message : 'unknown' };
    }

    override render() {
        if (this.state.fault === null) {
            return this.props.children;
        }
        return (
            <main class="center">
                <section class="card narrow" role="alert" data-testid="page-fault">
                    <h1>The page ran into a fault</h1>
                    <p class="muted">{this.state.fault}</p>
                    <button class="primary" onClick={() => location.reload()}>
                        Load it again
                    </button>
                </section>
            </main>
        );
    }
}

const BOOT_RETRY_MS = 1_000;

function Connecting({ api, onInfo }: { api: Api; onInfo: (needsSetup: boolean) => void }) {
    const info = usePolled(
        useCallback((signal) => api.info(signal), [api]),
        BOOT_RETRY_MS,
    );
    const needsSetup = info.data?.needsSetup;
    useEffect(() => {
        if (needsSetup !== undefined) {
            onInfo(needsSetup);
        }
    }, [needsSetup, onInfo]);
    return (
        <main class="center">
            <section class="card narrow" data-testid="connecting">
                <Mark />
                <p class="muted" role="status">
                    {info.error ? 'Trying again …' : 'Connecting …'}
                </p>
                <ProblemNote error={info.error} testid="connecting-error" />
            </section>
        </main>
    );
}

function Screens({ api, keys }: AppProps) {
    const [needsSetup, setNeedsSetup] = useState<boolean | null>(null);
    const [adminKey, setAdminKey] = useState<string | null>(() => keys.load());
    const [isRefused, setRefused] = useState(false);

    const leave = useCallback(
        (refused: boolean) => {
            keys.clear();
            setAdminKey(null);
            setRefused(refused);
        },
        [keys],
    );
    const onRefused = useCallback(() => leave(true), [leave]);
    const onLogout = useCallback(() => leave(false), [leave]);
    const onSetupDone = useCallback(() => setNeedsSetup(false), []);

    if (needsSetup === null) {
        return <Connecting api={api} onInfo={setNeedsSetup} />;
    }
    if (adminKey === null) {
        const onAccepted = (key: string, isRemembered: boolean, isUnbound: boolean) => {
            keys.save(key, isRemembered);
            setNeedsSetup(isUnbound);
            setRefused(false);
            setAdminKey(key);
        };
        return <Login api={api} isRefused={isRefused} onAccepted={onAccepted} />;
    }
    const common = { api, adminKey, onRefused, onLogout };
    return needsSetup ? <Setup {...common} onDone={onSetupDone} /> : <Ledger {...common} />;
}

export function App(props: AppProps) {
    return (
        <Guard>
            <Screens {...props} />
        </Guard>
    );
}
