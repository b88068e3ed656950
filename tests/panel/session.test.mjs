import assert from 'node:assert/strict';
import test from 'node:test';
import { createKeyStore } from '../../panel/src/session.ts';

function storage() {
    const items = new Map();
    return {
        items,
        getItem: (name) => items.get(name) ?? null,
        setItem: (name, value) => items.set(name, value),
        removeItem: (name) => items.delete(name),
    };
}

function rig() {
    const tab = storage();
    const device = storage();
    return {
        tab,
        device,
        keys: createKeyStore(
            () => tab,
            () => device,
        ),
    };
}

test('a key stays in the tab unless it is to be remembered', () => {
    const { tab, device, keys } = rig();
    keys.save('k1', false);
    assert.deepEqual([...tab.items.values()], ['k1']);
    assert.equal(device.items.size, 0);
    assert.equal(keys.load(), 'k1');
});

test('a remembered key is on the device only, and replaces the tab’s', () => {
    const { tab, device, keys } = rig();
    keys.save('k1', false);
    keys.save('k2', true);
    assert.equal(tab.items.size, 0);
    assert.deepEqual([...device.items.values()], ['k2']);
    assert.equal(keys.load(), 'k2');
});

test('not remembering forgets what was remembered before', () => {
    const { device, keys } = rig();
    keys.save('k1', true);
    keys.save('k2', false);
    assert.equal(device.items.size, 0);
    assert.equal(keys.load(), 'k2');
});

test('clear leaves nothing in either place', () => {
    const { tab, device, keys } = rig();
    keys.save('k1', true);
    tab.setItem('cpa-ledger.admin-key', 'k0');
    keys.clear();
    assert.equal(keys.load(), null);
    assert.equal(tab.items.size + device.items.size, 0);
});

test('a browser that refuses storage costs only the remembering', () => {
    const refuse = () => {
        throw new Error('SecurityError');
    };
    const keys = createKeyStore(refuse, refuse);
    keys.save('k', true);
    keys.clear();
    assert.equal(keys.load(), null);
});
