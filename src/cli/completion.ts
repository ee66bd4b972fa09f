/** Completion for shells, made from the one list of verbs: `eval "$(coordtui completion bash)"`. */
import { VERBS, type Verb } from '../core/command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const SHARED = ['--workspace', '--json', '--help'];

/** First words, and behind each of them the second ones. */
function words(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of VERBS) {
    const [first = '', second] = name.split(' ');
    found.set(first, [...(found.get(first) ?? []), ...(second === undefined ? [] : [second])]);
  }
  return found;
}

function flagsOf(verb: Verb): string[] {
  return [...verb.flags.map(({ name }) => `--${name}`), ...SHARED];
}

/** What may stand as a word behind the verb itself. */
function choicesOf(verb: Verb): string[] {
  return verb.args.flatMap(({ choices }) => choices ?? []);
}

export function completionFor(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash();
    case 'zsh':
      // zsh reads the functions of bash when it is asked to.
      return `autoload -Uz bashcompinit && bashcompinit\n${bash()}`;
    case 'fish':
      return fish();
  }
}

function bash(): string {
  const cases = VERBS.map((verb) => `    '${verb.name}') words='${[...choicesOf(verb), ...flagsOf(verb)].join(' ')}' ;;`);
  const seconds = [...words()]
    .filter(([, rest]) => rest.length > 0)
    .map(([first, rest]) => `    '${first}') second='${rest.join(' ')}' ;;`);
  return `# completion of coordtui for bash
_coordtui() {
  local cur=\${COMP_WORDS[COMP_CWORD]} first=\${COMP_WORDS[1]} second='' words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${[...words().keys(), ...SHARED, '--focus', '--observe'].join(' ')}' -- "$cur"))
    return
  fi
  case "$first" in
${seconds.join('\n')}
  esac
  local verb=$first
  case " $second " in *" \${COMP_WORDS[2]} "*) [ "$COMP_CWORD" -gt 2 ] && verb="$first \${COMP_WORDS[2]}" ;; esac
  case "$verb" in
${cases.join('\n')}
  esac
  [ "$COMP_CWORD" -eq 2 ] && words="$second $words"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _coordtui coordtui
`;
}

function fish(): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = VERBS.flatMap((verb) => {
    const [first = '', second] = verb.name.split(' ');
    const seen =
      second === undefined
        ? `__fish_seen_subcommand_from ${first}`
        : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`;
    const offer =
      second === undefined
        ? `complete -c coordtui -f -n __fish_use_subcommand -a ${first} -d ${quoted(verb.summary)}`
        : `complete -c coordtui -f -n '__fish_seen_subcommand_from ${first}' -a ${second} -d ${quoted(verb.summary)}`;
    const choices = choicesOf(verb);
    return [
      offer,
      ...(choices.length === 0 ? [] : [`complete -c coordtui -f -n '${seen}' -a ${quoted(choices.join(' '))}`]),
      ...verb.flags.map(
        ({ name, value, help }) => `complete -c coordtui -n '${seen}' -l ${name}${value === undefined ? '' : ' -r'} -d ${quoted(help)}`,
      ),
    ];
  });
  return ['# completion of coordtui for fish', 'complete -c coordtui -l workspace -r', 'complete -c coordtui -l json', ...lines, ''].join(
    '\n',
  );
}
