#!/bin/sh
# Every check, each under its name; all run, so that one look shows all that is wrong.
set -u
export NO_COLOR=1

failed=
check() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        printf 'ok      %s\n' "$name"
    else
        printf 'FAILED  %s\n%s\n\n' "$name" "$output"
        failed="$failed $name;"
    fi
}

templates() {
    files=$(git ls-files --cached --others --exclude-standard 'templates/*.html' 'templates/**/*.html')
    # shellcheck disable=SC2086 - one argument a file
    [ -z "$files" ] || "$@" $files
}

python_files() {
    git ls-files --cached --others --exclude-standard '*.py' | xargs "$@"
}

check "ruff"                    ruff check .
check "ruff format"             ruff format --check .
check "django-upgrade"          python_files django-upgrade --target-version 5.2
check "mypy"                    mypy
check "import-linter"           lint-imports --no-logo
check "deptry"                  deptry .
check "missing migrations"      python manage.py makemigrations --check --dry-run
check "django check"            python manage.py check --fail-level WARNING
check "djade"                   templates djade --target-version 5.2 --check
check "djhtml"                  templates djhtml --tabwidth 2 --check
check "djlint"                  templates djlint --lint --quiet

if [ -n "$failed" ]; then
    echo "Failed:$failed"
    exit 1
fi
