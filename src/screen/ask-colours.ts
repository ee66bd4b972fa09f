/** The questions to the outer terminal for its colours; the answer to the last one (DA1) says that all have come. */
import type { Depth } from './depth.ts';

/** Empty for a terminal of few colours: such ones may print what they do not know. */
export function askColours(depth: Depth): string {
  if (depth === 'none' || depth === '16') return '';
  const palette = Array.from({ length: 16 }, (_, index) => `4;${index}`);
  return `${['10', '11', '12', ...palette].map((which) => `\u001b]${which};?\u001b\\`).join('')}\u001b[c`;
}
