/** The two shell programs that stand before `mv` and `jq` in a session. Plain sh: they run at every step of an agent, thousands of times. */

/** Paths, already quoted for the shell. */
export type ShimPlaces = {
  readonly here: string;
  readonly folder: string;
  readonly file: string;
  readonly links: string;
  readonly drafts: string;
};

/** The program of that name which would have been found without us, in `$real`; 127 when there is none. */
const real = (name: string) => `here=$HERE real=
IFS=:
for folder in $PATH; do
  if [ -x "$folder/${name}" ] && [ ! "$folder/${name}" -ef "$here/${name}" ]; then real=$folder/${name}; break; fi
done
unset IFS
[ -n "$real" ] || { echo "${name}: not found" >&2; exit 127; }`;

/** A process and the moment of its birth: numbers are used again. Empty where the system does not say. */
const KEY = `key_of() {
  key=
  [ -r "/proc/$1/stat" ] && read -r line < "/proc/$1/stat" || return 0
  set -f; set -- "$1" \${line##*) }; set +f
  key=$1-\${21}
}`;

export const jqShim = ({ here, file, drafts }: ShimPlaces) => `#!/bin/sh
# coordtui: what this shell edits of the status file is also put aside for its own mv, since a tmp.json may have other writers.
HERE=${here}
${real('jq')}
[ -f /dev/fd/1 ] && [ -e "/proc/$$/fd/1" ] || exec "$real" "$@"
status=${file}
case "$*" in
  *"$status"*) ;;
  *) case "$(readlink "/proc/$$/fd/0")" in */"$status") ;; *) exec "$real" "$@" ;; esac ;;
esac
out=$(readlink "/proc/$$/fd/1")
out=\${out%" (deleted)"}
${KEY}
key_of "$PPID"
draft=${drafts}/$key
[ -n "$key" ] && rm -f "$draft.name" 2>/dev/null && : 2>/dev/null > "$draft" || exec "$real" "$@"
"$real" "$@" > "$draft"
code=$?
cat "$draft"
if [ $code -eq 0 ]; then printf '%s\\n' "$out" > "$draft.name"; else rm -f "$draft"; fi
exit $code
`;

export const mvShim = ({ here, folder, file, links, drafts }: ShimPlaces) => `#!/bin/sh
# coordtui: a version of the status file is kept before it is moved there: exit 0 means that it is on the disk and will be
# merged, whoever moves another over it, also while no room runs.
HERE=${here}
${real('mv')}
source= target= count=0
for word in "$@"; do
  case $word in
    -f | -T | -v | -fv | -vf | -- | --force | --verbose | --no-target-directory) ;;
    -*) exec "$real" "$@" ;;
    *) count=$((count + 1)); source=$target target=$word ;;
  esac
done
[ "$count" -eq 2 ] && [ "\${target##*/}" = ${file} ] || exec "$real" "$@"
place_of() {
  case $1 in */*) place=$(cd -P -- "\${1%/*}/" 2>/dev/null && pwd -P) ;; *) place=$(pwd -P) ;; esac
}
place_of "$target"
[ "$place" = ${folder} ] && [ -d ${links} ] || exec "$real" "$@"
place_of "$source"
${KEY}
from= draft=
for process in "$PPID" "$$"; do
  key_of "$process"
  [ -n "$key" ] && [ -f ${drafts}/"$key.name" ] && read -r name < ${drafts}/"$key.name" || continue
  [ "$name" = "$place/\${source##*/}" ] && draft=${drafts}/$key from=$draft && break
done
[ -n "$from" ] || from=$source
[ -f "$from" ] && [ ! -L "$from" ] || exec "$real" "$@"
now=$(date +%s%N)
case $now in *N) now=\${now%N}000000000 ;; esac
# Versions are merged by name: the next number after all that wait, should the clock have been set back meanwhile.
for waiting in ${links}/*; do :; done
newest=\${waiting##*/} newest=\${newest%%-*}
case $newest in *[!0-9]* | '' | 9*) ;; *) [ "\${#newest}" -gt 19 ] || [ "$newest" -lt "$now" ] || now=$((newest + 1)) ;; esac
kept=${links}/$now-$$
half=${links}/.$now-$$
trap 'rm -f "$half"' EXIT
refuse() { echo "mv: $1; the status file is as it was (coordtui)" >&2; exit 1; }
cp -- "$from" "$half" || refuse "$source cannot be kept"
if command -v jq > /dev/null; then
  jq -es 'length == 1 and (.[0] | type) == "object"' < "$half" > /dev/null 2>&1 || refuse "$source is not one whole JSON object"
else
  case $(tail -c 2 "$half") in *"}") ;; *) refuse "$source is not a whole JSON object" ;; esac
fi
sync "$half" 2>/dev/null || sync
"$real" -- "$half" "$kept" || refuse "$source cannot be kept"
sync ${links} 2>/dev/null || sync
if [ -n "$draft" ]; then
  rm -f "$draft.name"
  "$real" -f -- "$draft" "$target" && rm -f -- "$source"
else
  "$real" "$@"
fi
# It is kept: whether the file itself could be replaced changes nothing any more.
exit 0
`;
