/*
 * Where the admin key rests between page loads: in the tab's storage, or on the
 * device if the user asked for that. Never in both, never anywhere else. A browser
 * that refuses storage costs only the remembering.
 */

const KEY = 'cpa-ledger.admin-key';

export interface KeyStore {
    load(): string | null;
    save(key: string, isRemembered: boolean): void;
    clear(): void;
}

/* Reading the property itself throws where the browser blocks site data. */
function attempt<T>(action: () => T): T | null {
    try {
        return action();
    } catch {
        return null;
    }
}

export function createKeyStore(tab: () => Storage, device: () => Storage): KeyStore {
    function clear(): void {
        attempt(() => tab().removeItem(KEY));
        attempt(() => device().removeItem(KEY));
    }
    return {
        load: () =>
            attempt(() => tab().getItem(KEY)) || attempt(() => device().getItem(KEY)) || null,
        save(key, isRemembered) {
            clear();
            attempt(() => (isRemembered ? device() : tab()).setItem(KEY, key));
        },
        clear,
    };
}
