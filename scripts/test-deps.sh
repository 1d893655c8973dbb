#!/usr/bin/env bash
# Installs what the checks and tests need besides Go, make and git. Safe to run again; quick when everything is there.
#
#   scripts/test-deps.sh          all of it
#   scripts/test-deps.sh linter   golangci-lint, into .tools/bin
#   scripts/test-deps.sh peers    what the tests talk to: AWS CLI, boto3, Node.js, the AWS SDK for JavaScript, curl, openssl,
#                                 and the programs of PostgreSQL
set -euo pipefail
cd "$(dirname "$0")/.."

golangci_lint_version=2.15.0

say() { echo "test-deps: $*" >&2; }

install_linter() {
	local have=none
	if [[ -x .tools/bin/golangci-lint ]]; then
		have=$(.tools/bin/golangci-lint version --short || true)
	fi
	[[ $have == "$golangci_lint_version" ]] && return
	say "building golangci-lint $golangci_lint_version into .tools/bin (some minutes, once)"
	GOBIN="$PWD/.tools/bin" go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$golangci_lint_version"
}

# missing_debian_packages prints the packages whose programs do not run here.
missing_debian_packages() {
	aws --version >/dev/null 2>&1 || echo awscli
	python3 -c 'import boto3' 2>/dev/null || echo python3-boto3
	node --version >/dev/null 2>&1 || echo nodejs
	npm --version >/dev/null 2>&1 || echo npm
	curl --version >/dev/null 2>&1 || echo curl
	openssl version >/dev/null 2>&1 || echo openssl
	postgres_server || echo postgresql
}

# postgres_server looks for the server's programs where the tests do. The cluster that Debian makes with them is not used.
postgres_server() {
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null
}

# install_debian_packages installs what is missing with apt, and says what to do where that is impossible.
install_debian_packages() {
	local missing=() root=()
	mapfile -t missing < <(missing_debian_packages)
	[[ ${#missing[@]} -eq 0 ]] && return

	if ! command -v apt-get >/dev/null; then
		say "please install these yourself (names of the Debian packages): ${missing[*]}"
		exit 1
	fi
	if [[ $(id -u) -ne 0 ]]; then
		if ! command -v sudo >/dev/null; then
			say "not root and no sudo; please run as root: apt-get install ${missing[*]}"
			exit 1
		fi
		root=(sudo)
	fi
	say "installing with apt: ${missing[*]}"
	"${root[@]}" apt-get update -q
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"

	mapfile -t missing < <(missing_debian_packages)
	if [[ ${#missing[@]} -ne 0 ]]; then
		say "installed, but another installation comes first in PATH and lacks: ${missing[*]}"
		exit 1
	fi
}

# install_npm_packages installs the AWS SDK for JavaScript in the versions of package-lock.json.
install_npm_packages() (
	cd test/conformance/js
	local stamp=node_modules/.installed-package-lock.json
	cmp -s package-lock.json "$stamp" && return
	say "installing the npm packages of test/conformance/js"
	npm ci
	cp package-lock.json "$stamp"
)

case ${1:-all} in
linter)
	install_linter
	;;
peers)
	install_debian_packages
	install_npm_packages
	;;
all)
	install_linter
	install_debian_packages
	install_npm_packages
	;;
*)
	say "unknown argument $1; it is linter, peers or nothing"
	exit 2
	;;
esac
