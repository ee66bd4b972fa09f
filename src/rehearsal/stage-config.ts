/** The config of a rehearsal's workspace: scripted agents, three real checks, the dial on `act`. */
import { join } from 'node:path';

/** Limits of a scenario's own: minutes become seconds, and the scenario says so. */
export type Limits = { readonly coordination?: Readonly<Record<string, number>>; readonly policy?: Readonly<Record<string, number>> };

/** Who plays: an instance, its part, and the files that it answers for. */
export type Player = { readonly id: string; readonly role: string; readonly script: string; readonly files: readonly string[] };

export const BACKEND = 'instance-1-planning-backend';
export const FRONTEND = 'instance-2-frontend';

/** The two that nearly every scenario has. */
export function pair(backend: string, frontend = 'frontend.json'): readonly Player[] {
  return [
    { id: BACKEND, role: 'backend', script: backend, files: ['backend/**', 'client/**'] },
    { id: FRONTEND, role: 'frontend', script: frontend, files: ['frontend/**'] },
  ];
}

export function stageConfig(packageRoot: string, players: readonly Player[], limits: Limits = {}): string {
  const agent = (script: string) =>
    JSON.stringify([process.execPath, join(packageRoot, 'dist', 'agent.js'), join(packageRoot, 'dist', 'rehearsal', 'agents', script)]);
  const instance = ({ id, role, script, files }: Player) =>
    `  - { id: ${id}, role: ${role}, command: ${agent(script)}, files: ${JSON.stringify(files)} }`;
  return `# A rehearsal: scripted agents, real checks.
instances:
${players.map(instance).join('\n')}
coordination: ${JSON.stringify({ autopilot: 'act', ...limits.coordination })}
policy: ${JSON.stringify({ undoMs: 0, ...limits.policy })}
recording: { enabled: false }
verification:
  parallelism: 2
  ignore: ["**/*.md"]
  checks:
    - { id: schema, phase: pre, layer: database, command: node scripts/check-schema.mjs, critical: true, timeoutMs: 60000, when: ["backend/**", "scripts/**"] }
    - { id: contracts, phase: pre, layer: ipc, command: node scripts/check-contracts.mjs, critical: true, timeoutMs: 60000, when: ["backend/**", "client/**", "frontend/**", "scripts/**"] }
    - { id: unit, phase: integration, layer: component, command: node --test, critical: true, timeoutMs: 120000, when: ["backend/**", "client/**", "frontend/**", "tests/**", "scripts/**", "package.json"] }
`;
}
