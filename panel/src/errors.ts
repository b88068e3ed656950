/*
 * What went wrong, in words. The server answers errors as {"code","error"}: the code
 * picks a sentence that says what to do, and the server's own text is kept beside it
 * as the detail. Without a known code the status decides.
 */

/* An answer that is not a success, or no answer at all (status 0). */
export class ApiError extends Error {
    readonly status: number;
    readonly code: string; /* the server's, or "unreachable", "timeout", "unreadable" */

    constructor(status: number, code: string, message: string) {
        super(message);
        this.status = status;
        this.code = code;
    }
}

export interface Problem {
    title: string;
    detail: string; /* "" when the title says it all */
}

const BY_CODE: Record<string, string> = {
    unreachable: 'The server does not answer.',
    timeout: 'The server took too long to answer.',
    unreadable: 'The server sent an answer that this page cannot read.',
    invalid_admin_key: 'The admin key is not right.',
    setup_env_managed:
        'The connection is set by the server’s environment and cannot be changed here.',
    connection_env_managed:
        'The connection is set by the server’s environment and cannot be changed here.',
    cpa_connection_required: 'The gateway’s URL and management key are both needed.',
    cpa_connection_required_for_monitoring:
        'Collecting needs the gateway’s URL and management key.',
    cpa_connection_already_bound: 'The server is already bound to another gateway.',
    invalid_existing_management_key:
        'The server is set up for another gateway; change the URL or the key, not both at once.',
    invalid_management_key: 'The gateway refuses this management key.',
    usage_service_not_configured: 'The server has no gateway yet.',
    cpa_usage_retention_invalid:
        'The gateway keeps no usage events: its redis-usage-queue-retention-seconds must be above 0.',
    poll_interval_exceeds_retention:
        'The poll interval is longer than the gateway keeps its events.',
    management_api_validation_failed:
        'The gateway refuses the management key, or is not a CPA gateway.',
    management_api_config_failed: 'The gateway did not give its configuration.',
    enable_cpa_usage_statistics_failed: 'Usage statistics could not be switched on at the gateway.',
    method_not_allowed: 'The server does not offer this.',
};

const BY_STATUS: Record<number, string> = {
    401: 'The admin key is not right.',
    403: 'The server refuses this.',
    404: 'The server does not offer this.',
    405: 'The server does not offer this.',
    428: 'The server has no gateway yet.',
    412: 'The server has no gateway yet.',
    429: 'Too many attempts. Wait a moment, then try again.',
    502: 'The gateway could not be reached.',
    503: 'The server is busy. Try again in a moment.',
};

const GENERIC = 'That did not work.';

export function describeError(error: unknown): Problem {
    if (!(error instanceof ApiError)) {
        return { title: GENERIC, detail: error instanceof Error ? error.message : '' };
    }
    const title = BY_CODE[error.code] ?? BY_STATUS[error.status] ?? GENERIC;
    return { title, detail: error.code === 'invalid_admin_key' ? '' : error.message };
}

/* Only the server's own refusal of the admin key ends a session. */
export function isUnauthorized(error: unknown): boolean {
    return (
        error instanceof ApiError &&
        error.status === 401 &&
        (error.code === 'invalid_admin_key' || error.code === '')
    );
}
