import type { ScreenHello } from '../wire/protocol.ts';

/** How many colours may be used, by the conventions that terminals and users follow. */
export function coloursOf(env: NodeJS.ProcessEnv): ScreenHello['colours'] {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 'none';
  if (/^(truecolor|24bit)$/.test(env.COLORTERM ?? '')) return 'truecolor';
  if (env.TERM === 'dumb') return 'none';
  return /256/.test(env.TERM ?? '') ? '256' : '16';
}
