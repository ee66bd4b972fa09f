/** Completion for shells, made from the one list of verbs: `eval "$(coordtui completion bash)"`. */
import { VERBS, type Verb } from '../core/command.ts';
import type { Source } from './completion-words.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const SHARED = ['--workspace', '--json', '--help'];
const SCREEN = ['--focus', '--observe'];

/** What may stand at a place: fixed words, names of this workspace, or (null) whatever the shell itself would offer. */
type Offer = { readonly words: readonly string[] } | { readonly source: Source } | null;

export function completionFor(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash();
    case 'zsh':
      // zsh reads the functions of bash when it is asked to.
      return `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }\nautoload -Uz bashcompinit && bashcompinit\n${bash()}`;
    case 'fish':
      return fish();
  }
}

/** First words, and behind each of them the second ones. */
function words(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of VERBS) {
    const [first = '', second] = name.split(' ');
    found.set(first, [...(found.get(first) ?? []), ...(second === undefined ? [] : [second])]);
  }
  return found;
}

/** By the words that the list of verbs uses for what stands there. */
function named(verb: Verb, word: string): Offer {
  if (word.startsWith('instance')) return { source: 'instances' };
  if (word === 'check') return { source: 'checks' };
  if (word === 'id' || word === 'task') return { source: verb.name.startsWith('debug ') ? 'debugs' : 'handoffs' };
  return null;
}

function argumentOffers(verb: Verb): Offer[] {
  return verb.args.map(({ name, choices }) => (choices === undefined ? named(verb, name) : { words: choices }));
}

type Valued = { readonly name: string; readonly help: string; readonly offer: Offer; readonly isPath: boolean };

/** The flags of a verb that a value follows. */
function valued(verb: Verb): Valued[] {
  return verb.flags.flatMap(({ name, value, help, choices }) => {
    if (value === undefined) return [];
    const offer: Offer =
      choices !== undefined
        ? { words: choices }
        : name === 'instance'
          ? { source: 'instances' }
          : name === 'handoff' || name === 'depends'
            ? { source: 'handoffs' }
            : value === 'text'
              ? null
              : named(verb, value);
    return [{ name, help, offer, isPath: ['path', 'file'].includes(value) }];
  });
}

function bash(): string {
  const offered = (offer: Offer): string =>
    offer === null ? '' : 'words' in offer ? `words='${offer.words.join(' ')}'` : `ask='${offer.source}'`;
  const seconds = [...words()]
    .filter(([, rest]) => rest.length > 0)
    .map(([first, rest]) => `    '${first}') second='${rest.join(' ')}' ;;`);
  const flags = VERBS.map(
    (verb) => `      '${verb.name}') words='${[...verb.flags.map(({ name }) => `--${name}`), ...SHARED].join(' ')}' ;;`,
  );
  const takes = VERBS.flatMap((verb) => valued(verb).map(({ name }) => `'${verb.name} --${name}'`));
  const values = VERBS.flatMap((verb) => valued(verb).map(({ name, offer }) => `    '${verb.name} --${name}') ${offered(offer)} ;;`));
  const places = VERBS.flatMap((verb) =>
    argumentOffers(verb).flatMap((offer, at) => {
      const place = verb.args[at]?.variadic === true ? `'${verb.name} '*` : `'${verb.name} ${at}'`;
      return offer === null ? [] : [`      ${place}) ${offered(offer)} ;;`];
    }),
  );
  return `# completion of coordtui for bash
_coordtui() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" verb='' second='' at=0 value='' dir='' words='' ask='' i word
  [ "$cur" = '=' ] && cur=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [ "$word" = '=' ] && continue
    if [ -n "$value" ]; then
      [ "$value" = --workspace ] && dir="$word"
      value=''
      continue
    fi
    case "$word" in
    --workspace | --focus) value="$word" ;;
    -*) case "$verb $word" in ${takes.join(' | ')}) value="$word" ;; esac ;;
    *)
      if [ -z "$verb" ]; then
        verb="$word"
        case "$verb" in
${seconds.join('\n')}
        esac
      else
        case " $second " in
        *" $word "*) verb="$verb $word" second='' ;;
        *) at=$((at + 1)) second='' ;;
        esac
      fi
      ;;
    esac
  done
  case "$verb $value" in
    ' ') words='${[...words().keys(), ...SHARED, ...SCREEN].join(' ')}' ;;
    ' --focus') ask='instances' ;;
    *' --workspace') ;;
${values.join('\n')}
  esac
  if [ -z "$value" ] && [ -n "$verb" ]; then
    case "$verb $at" in
${places.join('\n')}
    esac
    if [ -z "$words$ask" ] || [ "\${cur#-}" != "$cur" ]; then
      ask=''
      case "$verb" in
${flags.join('\n')}
      esac
    fi
    words="$second $words"
  fi
  [ -n "$ask" ] && words="$words $(coordtui completion "$ask" \${dir:+--workspace "$dir"} 2>/dev/null | cut -f1)"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _coordtui coordtui
`;
}

function fish(): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const offered = (offer: Offer): string =>
    offer === null
      ? ''
      : ` -a ${quoted('words' in offer ? offer.words.join(' ') : `(coordtui completion ${offer.source} (__coordtui_where) 2>/dev/null)`)}`;
  const twos = VERBS.filter(({ name }) => name.includes(' ')).map(({ name }) => quoted(name));
  const takes = VERBS.flatMap((verb) => valued(verb).map(({ name }) => quoted(`${verb.name} --${name}`)));
  const lines = VERBS.flatMap((verb) => {
    const [first = '', second] = verb.name.split(' ');
    const here = quoted(`__coordtui_at "${verb.name}"`);
    return [
      second === undefined
        ? `complete -c coordtui -n '__coordtui_at ""' -a ${first} -d ${quoted(verb.summary)}`
        : `complete -c coordtui -n '__coordtui_at "${first}" 0' -a ${second} -d ${quoted(verb.summary)}`,
      ...argumentOffers(verb).flatMap((offer, at) => {
        const place = verb.args[at]?.variadic === true ? here : quoted(`__coordtui_at "${verb.name}" ${at}`);
        return offer === null ? [] : [`complete -c coordtui -n ${place}${offered(offer)}`];
      }),
      ...verb.flags
        .filter(({ value }) => value === undefined)
        .map(({ name, help }) => `complete -c coordtui -n ${here} -l ${name} -d ${quoted(help)}`),
      ...valued(verb).map(
        ({ name, help, offer, isPath }) =>
          `complete -c coordtui -n ${here} -l ${name} -r ${isPath ? '-F' : '-f'}${offered(offer)} -d ${quoted(help)}`,
      ),
    ];
  });
  return `# completion of coordtui for fish
# The verb that stands there, how many words follow it, and the workspace: one in each line.
function __coordtui_line
    set -l verb ''
    set -l at 0
    set -l value ''
    set -l dir ''
    for word in (commandline -opc)[2..-1]
        if test -n "$value"
            test "$value" = --workspace; and set dir $word
            set value ''
        else if string match -q -- '--workspace=*' $word
            set dir (string replace -- '--workspace=' '' $word)
        else if contains -- $word --workspace --focus; or contains -- "$verb $word" ${takes.join(' ')}
            set value $word
        else if string match -q -- '-*' $word
        else if test -z "$verb"
            set verb $word
        else if test $at -eq 0; and contains -- "$verb $word" ${twos.join(' ')}
            set verb "$verb $word"
        else
            set at (math $at + 1)
        end
    end
    printf '%s\\n' "$verb" $at "$dir"
end
function __coordtui_at
    set -l line (__coordtui_line)
    test "$line[1]" = "$argv[1]"; and test -z "$argv[2]" -o "$line[2]" = "$argv[2]"
end
function __coordtui_where
    set -l line (__coordtui_line)
    test -n "$line[3]"; and printf '%s\\n' --workspace $line[3]
end
complete -c coordtui -f
complete -c coordtui -l workspace -x -a '(__fish_complete_directories)' -d 'the workspace (default: around the current directory)'
complete -c coordtui -l json -d 'print data instead of text'
complete -c coordtui -l help -d 'display help'
complete -c coordtui -n '__coordtui_at ""' -l focus -x -a '(coordtui completion instances (__coordtui_where) 2>/dev/null)' -d 'start in this instance'
complete -c coordtui -n '__coordtui_at ""' -l observe -d 'only look'
${lines.join('\n')}
`;
}
