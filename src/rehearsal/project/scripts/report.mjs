/** How a check says what it found: a JSON report where it is asked for one, lines for people, and the exit code. */
import { writeFileSync } from 'node:fs';

/**
 * @param {{type: string, severity: string, description: string, file?: string, line?: number}[]} violations
 * @param {string} summary one line
 */
export function finish(violations, summary) {
  const success = violations.every(({ severity }) => severity === 'LOW');
  const report = { success, summary, violations };
  if (process.env.COORDTUI_REPORT) writeFileSync(process.env.COORDTUI_REPORT, JSON.stringify(report, null, 2));
  for (const { severity, description, file, line } of violations) {
    console.log(`${severity.padEnd(8)} ${description}${file ? `  (${file}${line ? `:${line}` : ''})` : ''}`);
  }
  console.log(summary);
  process.exitCode = success ? 0 : 1;
}

/** Runs the check; 2 says that it could not be carried out, which is neither yes nor no. */
export async function runCheck(check) {
  try {
    await check();
  } catch (error) {
    console.error(`the check could not be carried out: ${error.message}`);
    process.exitCode = 2;
  }
}
