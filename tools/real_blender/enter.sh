#!/bin/sh
# enter.sh ROOT PATH... -- COMMAND...
# Shows each PATH at the same place inside ROOT and runs COMMAND there. To be started in mount and
# process namespaces of its own (chroot.py does): then nothing stays mounted or running afterwards.
set -eu
root=$1
shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/root"
while [ "$1" != -- ]; do
    if [ -d "$1" ]; then
        mkdir -p "$root$1"
    else
        mkdir -p "$(dirname "$root$1")"
        [ -e "$root$1" ] || : >"$root$1"
    fi
    mount --bind "$1" "$root$1"
    shift
done
shift
exec chroot "$root" "$@"
