/* The page's start: one app, with the browser's own fetch and storage. */
import { render } from 'preact';
import { createApi } from './api';
import { App } from './app';
import { createKeyStore } from './session';

const root = document.getElementById('app');
if (root) {
    root.replaceChildren();
    const api = createApi(window.fetch.bind(window));
    const keys = createKeyStore(
        () => window.sessionStorage,
        () => window.localStorage,
    );
    render(<App api={api} keys={keys} />, root);
}
