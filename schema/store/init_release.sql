-- usage_init: ends an upgrade that succeeded.
RELEASE usage_init;
