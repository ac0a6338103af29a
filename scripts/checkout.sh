# Sourced by the scripts that install and build: what they need, said in one line where it is missing. Runs in the checkout.

stop() {
  printf '%s: %s\n' "$script" "$*" >&2
  exit 1
}

require_node() {
  command -v node >/dev/null && command -v npm >/dev/null ||
    stop 'Node.js 20.19 or newer is needed, with npm, and is not installed: https://nodejs.org'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    stop "Node.js 20.19 or newer is needed, and this is $(node --version): https://nodejs.org"
}

# What installing and building write to.
require_writable() {
  local place
  for place in . node_modules dist src/core/render src/core/render/generated; do
    [ ! -e "$place" ] || [ -w "$place" ] ||
      stop "cannot build here: no permission to write to $(realpath "$place"); run it as $(stat -c %U "$place" 2>/dev/null || echo its owner), or in a copy of your own"
  done
}
