/** The config of a rehearsal's workspace: two scripted agents, three real checks, the dial on `act`. */
import { join } from 'node:path';

/** Limits of a scenario's own: minutes become seconds, and the scenario says so. */
export type Limits = { readonly coordination?: Readonly<Record<string, number>>; readonly policy?: Readonly<Record<string, number>> };

export function stageConfig(packageRoot: string, backend: string, limits: Limits = {}): string {
  const agent = (script: string) =>
    JSON.stringify([process.execPath, join(packageRoot, 'dist', 'agent.js'), join(packageRoot, 'dist', 'rehearsal', 'agents', script)]);
  return `# A rehearsal: scripted agents, real checks.
instances:
  - id: instance-1-planning-backend
    role: backend
    command: ${agent(backend)}
    files: ["backend/**", "client/**"]
  - id: instance-2-frontend
    role: frontend
    command: ${agent('frontend.json')}
    files: ["frontend/**"]
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
