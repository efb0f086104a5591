# Shared by the packages' scripts: the users amid runs as, made where they are missing.
make_users() {
    if command -v systemd-sysusers >/dev/null 2>&1; then
        systemd-sysusers amid.conf
        return
    fi
    for user in amid amid-runner; do
        if ! getent passwd "$user" >/dev/null; then
            home=/nonexistent
            [ "$user" = amid ] && home=/var/lib/amid
            useradd --system --user-group --no-create-home --home-dir "$home" \
                --shell /usr/sbin/nologin "$user"
        fi
    done
}

has_systemd() {
    [ -d /run/systemd/system ]
}

say_next() {
    cat <<'END'

amid is installed. To start it now and at every boot:
  systemctl enable --now amid
The owner token of this node, which every call of the API needs, is written at the first start:
  cat /var/lib/amid/owner.token        (as root)
Try:  curl -H "stels-session: $(cat /var/lib/amid/owner.token)" http://127.0.0.1:3000/api/workers
Logs: journalctl -u amid -f            of one worker: journalctl WORKER_SID=...

END
}
