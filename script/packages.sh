# packages.sh - installs the Debian packages that building and testing need; for bash, to be sourced.
#
#	. script/packages.sh
#	packages_need build test
#
# Nothing is asked of the network when nothing is missing. Services that packages bring are not
# started: every server of the tests and the demo is a private instance.

declare -A packages_lists=(
	[build]="autoconf automake gcc libc6-dev libconfuse-dev libcurl4-openssl-dev libevent-dev libhiredis-dev libjansson-dev
		libidn2-dev libmilter-dev libopendkim-dev libpsl-dev libspf2-dev libssl-dev libunbound-dev make pkg-config
		publicsuffix"
	[demo]="libmail-dkim-perl nsd postfix python3 python3-dkim python3-nacl redis-server"
	# servers and clients; clang and the linters; what Sendmail runs on (Sendmail itself is
	# unpacked beside Postfix, because the two packages exclude each other); Chromium, which the
	# newsletter's test drives by its DevTools protocol, and a font for it
	[test]="chromium fonts-dejavu-core iproute2 libcmocka-dev nsd postfix procps python3 redis-server util-linux wrk
		clang clang-format clang-tidy cppcheck libclang-rt-14-dev libmail-dkim-perl man-db mandoc nginx-light openssl python3-authres python3-dkim python3-nacl universal-ctags
		libdb5.3 libldap-2.5-0 libnsl2 libsasl2-2 libssl3 libwrap0 m4"
)

# Prints those of the named packages that are not installed.
packages_missing() {
	local name
	for name in "$@"; do
		case $(dpkg-query -W -f '${Status}' "$name" 2>/dev/null) in
		*" installed") ;;
		*) echo "$name" ;;
		esac
	done
}

packages_apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
		-o Dpkg::Use-Pty=0 "$@" </dev/null
}

# Packages start their services when policy-rc.d lets them: for the time of the installation, it
# does not. And another mail server is not replaced behind its owner's back.
packages_install() (
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		trap 'rm -f $policy' EXIT
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
	fi
	echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
	packages_apt update && packages_apt install -y --no-remove --no-install-recommends "$@"
)

# packages_need LIST…: installs what is missing of the lists.
packages_need() {
	local list log names=() missing=()
	for list in "$@"; do
		read -r -d '' -a names <<<"${packages_lists[$list]} ${names[*]-}" || true
	done
	mapfile -t missing < <(packages_missing "${names[@]}")
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		printf 'These packages are missing; as root: apt-get install %s\n' "${missing[*]}" >&2
		return 1
	fi
	printf 'Installing packages: %s\n' "${missing[*]}" >&2
	log=$(mktemp)
	if ! packages_install "${missing[@]}" >"$log" 2>&1; then
		printf 'The packages could not be installed. apt-get said:\n' >&2
		tail -n 20 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}
