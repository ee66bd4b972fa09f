/** The copies of the shipped checks that lie in a project (PROTOCOL section 4): started exactly as the protocol starts them, and yours to edit. */

export const SHIPPED_CHECKS = ['verify-database-schema', 'verify-ipc-contracts', 'verify-cache-pipeline', 'verify-filesystem'] as const;
export type ShippedCheck = (typeof SHIPPED_CHECKS)[number];

export function copyPath(check: ShippedCheck): string {
  return `scripts/integration/${check}.js`;
}

/** Read as a module and as a script alike: which of the two a `.js` is, the project's package.json says. */
export function copyText(check: ShippedCheck): string {
  return `// Starts coordtui's ${check} over this project: node ${copyPath(check)} [--json]
// Exit: 0 passed, 1 failed, 2 did not run. Yours to edit; nothing in it may need to be a module, or not to be one.
(async () => {
  const { spawn } = await import('node:child_process');
  const { existsSync } = await import('node:fs');
  const { delimiter, dirname, join, resolve } = await import('node:path');

  const check = '${check}';
  const root = resolve(dirname(process.argv[1]), '../..');

  /** Named by COORDTUI_BIN, a package of this project or of one around it, or on the PATH. */
  function candidates() {
    const found = process.env.COORDTUI_BIN ? [process.env.COORDTUI_BIN] : [];
    for (let at = root; ; at = dirname(at)) {
      found.push(join(at, 'node_modules/coordtui/bin/coordtui.js'));
      if (dirname(at) === at) break;
    }
    return found.concat((process.env.PATH || '').split(delimiter).filter(Boolean).map((folder) => join(folder, 'coordtui')));
  }

  const program = candidates().find((path) => existsSync(path));
  if (program === undefined) {
    console.error(check + ' did not run: coordtui was not found. Install it (npm install -g coordtui), or name its program in COORDTUI_BIN.');
    process.exitCode = 2;
    return;
  }
  const args = [check, '--workspace', root, ...process.argv.slice(2)];
  const isScript = /\\.[cm]?js$/.test(program);
  const child = isScript
    ? spawn(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' })
    : spawn(program, args, { cwd: root, stdio: 'inherit' });
  child.on('error', (error) => {
    console.error(check + ' did not run: ' + error.message);
    process.exitCode = 2;
  });
  child.on('exit', (code) => {
    process.exitCode = code === null ? 2 : code;
  });
})();
`;
}
