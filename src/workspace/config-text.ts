/** The `coordtui.yaml` that `init` writes: short, with the reasons beside the values, and understood by our own parser. */
import { COORDINATOR_ID } from '../core/config.ts';
import { DEFAULT_POLICY } from '../core/policy.ts';
import type { PatternInstance } from './patterns.ts';
import type { ProposedCheck } from './propose-checks.ts';

/** JSON's strings are YAML's too: whatever a name holds, it stays one value. */
const quoted = (text: string) => JSON.stringify(text);

const listed = (texts: readonly string[]) => `[${texts.map(quoted).join(', ')}]`;

/** @param agentOf the preset of each instance */
export function configText(
  instances: readonly PatternInstance[],
  agentOf: (id: string) => string,
  checks: readonly ProposedCheck[],
): string {
  return `# coordtui: who works here, and what must pass before a handoff is believed.
# Every key is checked when it is read; an unknown one is refused with its line. Absent keys have defaults.

instances:
${instances.map((instance) => instanceLines(instance, agentOf(instance.id))).join('')}  # ${COORDINATOR_ID} is coordtui itself and needs no entry.

coordination:
  # watch: only shows · suggest: proposes, your key acts · countdown: acts after 30 s, a key stops it · act
  autopilot: countdown
  monitorIntervalMs: ${DEFAULT_POLICY.monitorIntervalMs}

verification:
  # At most so many checks at once.
  parallelism: 2
${checksText(checks)}`;
}

function instanceLines({ id, role, files }: PatternInstance, agent: string): string {
  const territory = files.length === 0 ? '' : `    files: ${listed(files)}\n`;
  return `  - id: ${id}\n    role: ${role}\n    # a preset, or instead of it: command: ["program", "argument"]\n    agent: ${agent}\n${territory}`;
}

function checksText(checks: readonly ProposedCheck[]): string {
  if (checks.length === 0) {
    return `  # Nothing here looked like a check. As long as there is none, every handoff waits for you: nothing was verified.
  #   - { id: test, phase: integration, layer: component, command: "…", critical: true, timeoutMs: 600000 }
  checks: []
`;
  }
  return `  # A command that exits 0 has passed, 1 to 125 has failed; a failed critical check denies the handoff.
  checks:
${checks.map(checkLines).join('')}`;
}

function checkLines({ id, phase, layer, command, notRunExitCodes, seenIn }: ProposedCheck): string {
  return `    # seen in ${seenIn}
    - { id: ${quoted(id)}, phase: ${phase}, layer: ${layer}, command: ${quoted(command)}, critical: true, timeoutMs: 600000${
      notRunExitCodes === undefined ? '' : `, notRunExitCodes: [${notRunExitCodes.join(', ')}]`
    } }
`;
}
