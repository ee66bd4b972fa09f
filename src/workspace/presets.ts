/** The agent programs that have a name in the config. What is particular to each beyond its commands lives with the agents. */
type Preset = {
  readonly command: readonly string[];
  /** Takes up the folder's newest conversation; null: it cannot, or nobody has tried. */
  readonly resume: readonly string[] | null;
};

const AGENTS: Readonly<Record<string, Preset>> = {
  claude: { command: ['claude'], resume: ['claude', '--continue'] },
  codex: { command: ['codex'], resume: ['codex', 'resume', '--last'] },
  gemini: { command: ['gemini'], resume: ['gemini', '--resume'] },
  agy: { command: ['agy'], resume: null },
  opencode: { command: ['opencode'], resume: ['opencode', '--continue'] },
  qwen: { command: ['qwen'], resume: ['qwen', '--continue'] },
  pi: { command: ['pi'], resume: ['pi', '--continue'] },
  aider: { command: ['aider'], resume: ['aider', '--restore-chat-history'] },
};

/** `shell` is the one preset that depends on the user. */
export const PRESETS: readonly string[] = [...Object.keys(AGENTS), 'shell'];

/** @param shell the user's $SHELL; used only when it is an absolute path */
export function presetCommand(preset: string, shell: string | undefined): readonly string[] {
  if (preset === 'shell') return [shell?.startsWith('/') === true ? shell : '/bin/sh'];
  const agent = Object.hasOwn(AGENTS, preset) ? AGENTS[preset] : undefined;
  if (agent === undefined) throw new Error(`preset ${preset}: the config's parser lets only known presets through`);
  return agent.command;
}

/** How a restarted session takes its conversation up again; null: it begins anew. */
export function presetResume(preset: string): readonly string[] | null {
  return Object.hasOwn(AGENTS, preset) ? (AGENTS[preset]?.resume ?? null) : null;
}
