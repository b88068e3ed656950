# The demo: the server and a simulated gateway with live traffic, connected by POST /setup.
# Sourced by tools/run, which gives $built, $rate and $gateway_port.
#
# The keys of both stay in the data folder (0600), so that the next run on the same data
# finds its ledger and its gateway again. A folder that holds a ledger but not these keys
# belongs to somebody else, and is left alone.

server_pid=
gateway_pid=
pipes=

# end_of PID: asks the process to end and waits until it has.
end_of() {
    [ -n "$1" ] || return 0
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# The server first: it takes the rest of the traffic from a gateway that still lives.
end_demo() {
    trap '' HUP INT TERM
    end_of "$server_pid"
    end_of "$gateway_pid"
    wait
    rm -rf "$pipes"
}

# key_in FILE PREFIX: prints the key in FILE, made now if there is none.
key_in() {
    local key
    if [ ! -f "$1" ]; then
        key=$2$(head -c 4096 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9' | head -c 32)
        (umask 077 && printf '%s\n' "$key" >"$1")
    fi
    cat "$1"
}

prepare_keys() {
    local data=${USAGE_DATA_DIR:-data}
    local database=${USAGE_DB_PATH:-$data/usage.sqlite}
    if [ -e "$database" ] && [ ! -f "$data/demo-admin-key" ]; then
        die "run: $database is not the demo's; choose another folder with --data"
    fi
    (umask 077 && mkdir -p "$data")
    if [ -n "${CPA_MANAGER_ADMIN_KEY:-}" ] && [ ! -f "$data/demo-admin-key" ]; then
        (umask 077 && printf '%s\n' "$CPA_MANAGER_ADMIN_KEY" >"$data/demo-admin-key")
    fi
    admin_key=$(key_in "$data/demo-admin-key" cmp_admin_)
    gateway_key=$(key_in "$data/demo-gateway-key" demo-)
    database_shown=$database
}

# listening_address FD: reads a program's log up to the line that tells its address.
# The rest of the log goes to the terminal as it comes, to the program's last word.
listening_address() {
    local line
    address=
    while IFS= read -r line <&"$1"; do
        case $line in
        *' listening on '*)
            address=${line##* listening on }
            (trap '' HUP INT TERM && exec cat <&"$1" >&2) &
            return 0
            ;;
        esac
        say "$line"
    done
    return 1
}

# Each program is in a session of its own, so that Ctrl-C reaches this script alone and
# the two end one after the other.
start_gateway() {
    local log
    mkfifo "$pipes/gateway"
    MANAGEMENT_PASSWORD=$gateway_key setsid "$built/tools/gateway-sim/gateway-sim" \
        --listen "127.0.0.1:$gateway_port" --allow-remote off --rate "$rate" \
        >"$pipes/gateway" 2>&1 </dev/null &
    gateway_pid=$!
    exec {log}<"$pipes/gateway"
    listening_address "$log" || die "run: the simulated gateway did not start"
    gateway_address=$address
}

start_server() {
    local log
    mkfifo "$pipes/server"
    env -u CPA_UPSTREAM_URL -u CPA_MANAGEMENT_KEY -u CPA_MANAGEMENT_KEY_FILE \
        -u CPA_MANAGER_ADMIN_KEY_FILE CPA_MANAGER_ADMIN_KEY="$admin_key" \
        setsid "$built/server/cpa-ledger" >"$pipes/server" 2>&1 </dev/null &
    server_pid=$!
    exec {log}<"$pipes/server"
    listening_address "$log" || die "run: cpa-ledger did not start"
    server_port=${address##*:}
    server_address=$address
    case ${address%:*} in
    0.0.0.0 | '[::]') server_address=127.0.0.1:$server_port ;;
    esac
}

# The keys travel through standard input: arguments are visible to every user.
post_setup() {
    local answer status key_quoted=${admin_key//\\/\\\\}
    key_quoted=${key_quoted//\"/\\\"}
    answer=$(curl --silent --show-error --noproxy '*' --max-time 30 --write-out '\n%{http_code}' \
        --config - <<END
url = "http://$server_address/setup"
header = "Authorization: Bearer $key_quoted"
header = "Content-Type: application/json"
data = "{\"cpaBaseUrl\":\"http://$gateway_address\",\"cpaManagementKey\":\"$gateway_key\"}"
END
    ) || die "run: the server does not answer"
    status=${answer##*$'\n'}
    if [ "$status" = 401 ]; then
        die "run: the key in ${USAGE_DATA_DIR:-data}/demo-admin-key is not this ledger's admin key"
    fi
    [ "$status" = 200 ] || die "run: the setup failed (HTTP $status): ${answer%$'\n'*}"
}

print_welcome() {
    cat >&2 <<END

  The demo is running: $rate events per second.

    panel          http://localhost:$server_port/management.html
    admin key      $admin_key
    ledger         $database_shown
    gateway        http://$gateway_address (simulated; what it has published: /sim/counts)

  Log in to the panel with the admin key. Ctrl-C ends both programs.

END
}

run_demo() {
    local status=0
    pipes=$(mktemp -d)
    trap end_demo EXIT
    trap 'exit 0' HUP INT TERM
    prepare_keys
    start_gateway
    start_server
    post_setup
    print_welcome
    wait -n "$server_pid" "$gateway_pid" || status=$?
    say "run: one of the two programs has ended by itself"
    exit "$((status == 0 ? 1 : status))"
}
