/** The environment of a session: the user's own, without what belongs to the room or to whoever started it. */
import type { InstanceConfig } from '../core/config.ts';

/** Every process of a session carries the room's token, whatever it does to its ancestry. */
export const ROOM_TOKEN = 'COORDTUI_ROOM';

/** Names that would tell the program that it runs somewhere else than in this pane. */
const FOREIGN = new Set([
  'TMUX',
  'TMUX_PANE',
  'STY',
  'WINDOW',
  'WINDOWID',
  'TERMCAP',
  'COLUMNS',
  'LINES',
  'TERM_PROGRAM',
  'TERM_PROGRAM_VERSION',
  'INIT_CWD',
]);
const FOREIGN_PREFIX = /^(COORDTUI_|npm_)/;

/**
 * @param inherited the room's own environment
 * @param config what the user set for this instance; wins over the inherited one
 * @param given what the room gives to this session (COORDTUI_WORKSPACE …); wins over everything
 */
export function sessionEnv(
  inherited: NodeJS.ProcessEnv,
  config: InstanceConfig['env'],
  given: Readonly<Record<string, string>>,
  token: string,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !FOREIGN.has(name) && !FOREIGN_PREFIX.test(name)) env[name] = value;
  }
  return { ...env, TERM: 'xterm-256color', COLORTERM: 'truecolor', ...config, ...given, [ROOM_TOKEN]: token };
}
