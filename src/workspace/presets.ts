/** The agent programs that have a name in the config. What is particular to each beyond its command lives with the agents. */
const AGENT_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  claude: ['claude'],
  codex: ['codex'],
  gemini: ['gemini'],
  agy: ['agy'],
  opencode: ['opencode'],
  qwen: ['qwen'],
  pi: ['pi'],
  aider: ['aider'],
};

/** `shell` is the one preset that depends on the user. */
export const PRESETS: readonly string[] = [...Object.keys(AGENT_COMMANDS), 'shell'];

/** @param shell the user's $SHELL; used only when it is an absolute path */
export function presetCommand(preset: string, shell: string | undefined): readonly string[] {
  if (preset === 'shell') return [shell?.startsWith('/') === true ? shell : '/bin/sh'];
  const command = Object.hasOwn(AGENT_COMMANDS, preset) ? AGENT_COMMANDS[preset] : undefined;
  if (command === undefined) throw new Error(`preset ${preset}: the config's parser lets only known presets through`);
  return command;
}
