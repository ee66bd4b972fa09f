// The notices that the licences of bundled packages ask for.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const NOTICE = /^(licen[cs]e|copying|notice)(\.|-|$)/i;

/** `node_modules/a/node_modules/@b/c/lib/x.js` → the folder of `@b/c`; null for our own sources. */
function packageFolder(input) {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  return match === null ? null : match[1];
}

async function notice(root, folder) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const files = (await readdir(join(root, folder))).filter((file) => NOTICE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')));
  return `${name} ${version} (${license ?? 'licence not named'})\n\n${texts.map((text) => text.trim()).join('\n\n')}\n`;
}

/** @param {string} root @param {string[]} inputs the bundled files, relative to root @returns {Promise<string>} one text for all packages */
export async function licences(root, inputs) {
  const folders = [...new Set(inputs.map(packageFolder))].filter((folder) => folder !== null).sort();
  const notices = await Promise.all(folders.map((folder) => notice(root, folder)));
  return `coordtui contains code of these packages.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
