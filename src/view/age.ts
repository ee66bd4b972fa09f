/** Clocks: how long something has lasted, or how long until it comes. The compositor writes them, never Ink (DESIGN section 5). */
import type { Ms } from '../core/ids.ts';
import type { Colours } from './model.ts';
import { painted, type StyleName } from './theme.ts';

export type AgeClock = {
  readonly since: Ms;
  readonly direction: 'since' | 'until';
  readonly style: StyleName;
  readonly align: 'left' | 'right';
  /** What fills the cells that the time does not need: blank, or the line of a border. */
  readonly fill: string;
};

/** Cells that a clock takes. */
export const AGE_WIDTH = 5;

/** At most five cells: `8s`, `59m`, `9h59m`, `23h`, `9d23h`, `365d`. Below zero counts as zero. */
function shortAge(ms: Ms): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 10) return `${hours}h${minutes % 60}m`;
  if (hours < 24) return `${hours}h`;
  const days = Math.floor(hours / 24);
  return days < 10 ? `${days}d${hours % 24}h` : `${Math.min(days, 9999)}d`;
}

/** What to write into a clock's cells at the instant `now`: exactly `AGE_WIDTH` cells, with the escape sequences of its style. */
export function ageText(clock: AgeClock, now: Ms, colours: Colours): string {
  const text = shortAge(clock.direction === 'since' ? now - clock.since : clock.since - now);
  const rest = AGE_WIDTH - text.length;
  if (clock.align === 'right') return `${clock.fill.repeat(rest)}${painted(text, clock.style, colours)}`;
  // A gap between the time and the line that goes on behind it.
  const tail = rest === 0 ? '' : ` ${painted(clock.fill.repeat(rest - 1), clock.fill === ' ' ? 'plain' : clock.style, colours)}`;
  return `${painted(text, clock.style, colours)}${tail}`;
}
