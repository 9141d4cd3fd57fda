# lib.sh - the README's blocks of code, for whoever runs their lines. Sourced, never run.
# shellcheck shell=bash

# readme_blocks - "HEADING N" of each, a line each.
readme_blocks() {
	awk '/^#+ / && !code { heading = $0; sub(/^#+ /, "", heading); n = 0 }
		/^```/ { code = !code; if (code) print heading " " ++n }' "$ROOT_DIR/README.md"
}

# readme_block HEADING N - its lines, as they stand there.
readme_block() {
	awk -v wanted="$1" -v which="$2" '
		/^#+ / && !code { heading = $0; sub(/^#+ /, "", heading); n = 0 }
		/^```/ { code = !code; n += code; next }
		code && heading == wanted && n == which' "$ROOT_DIR/README.md"
}
