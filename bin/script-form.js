// A bundle as a script instead of a module: only scripts can be started from compiled code on every Node that runs here
// (`module.enableCompileCache` came with 22). What a bundle says to other modules is rewritten, line by line, as esbuild
// prints it; anything that is left over is a syntax error, which is found when it is built and not when it is started.
import { createHash } from 'node:crypto';
import { Script } from 'node:vm';

/** What stands in a script for what only a module has; for esbuild's `define`. */
export const IN_A_SCRIPT = { 'import.meta.url': '__url', 'import.meta.dirname': '__dir', 'import.meta.filename': '__file' };

const IMPORT = /^import\s+([^'"]*?)\s*from\s*"([^"]+)";$/gm;
const BARE_IMPORT = /^import\s*"([^"]+)";$/gm;
/** A module of the same bundle is none of these: esbuild has made a function of it. */
const LATER_IMPORT = /\bimport\("([^"]+)"\)/g;
const EXPORT = /^export \{\s*([\s\S]*?)\s*\};\s*$/m;

/**
 * A function of `(require, __url, __dir, __file)` that answers a promise of what the bundle exports.
 * Throws when the text is no bundle of one file, or names what cannot be loaded at once.
 */
export function asScript(text) {
  const body = text
    .replace(IMPORT, (_all, names, from) => required(names, from))
    .replace(BARE_IMPORT, (_all, from) => `require("${from}");`)
    .replace(LATER_IMPORT, (_all, from) => `Promise.resolve().then(() => ((m) => ({ ...m, default: m }))(require("${from}")))`)
    .replace(EXPORT, (_all, names) => `return { ${names.replace(/([\w$]+) as ([\w$]+)/g, '$2: $1')} };`);
  const script = `'use strict';(async (require, __url, __dir, __file) => {\n${body}\n})`;
  new Script(script);
  // What compiled code of it is kept under.
  return `/* ${createHash('sha256').update(script).digest('hex').slice(0, 32)} */${script}`;
}

/** node's own modules alone are imported: they are what `require` answers, their default included. */
function required(names, from) {
  const call = `require("${from}")`;
  const whole = /^(?:\*\s+as\s+)?([\w$]+)/.exec(names)?.[1];
  const some = /\{([\s\S]*)\}/.exec(names)?.[1] ?? '';
  const single = some.split(',').map((name) => name.trim().split(/\s+as\s+/));
  const lines = single
    .filter(([name]) => name !== '')
    .map(([name, as]) => `const ${as ?? name} = ${call}${name === 'default' ? '' : `.${name}`};`);
  return [...(whole === undefined ? [] : [`const ${whole} = ${call};`]), ...lines].join(' ');
}
