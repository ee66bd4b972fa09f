/** The signs and words of every state: colour never stands alone, and a newcomer reads no jargon. */
import type { Dial } from '../core/config.ts';
import type { Phase } from '../core/handoff.ts';
import type { HealthCheck } from '../core/health.ts';
import { isUnmerged } from '../core/merge-clause.ts';
import { plain } from '../core/plain.ts';
import type { Outcome } from '../core/report.ts';
import type { Handoff, InstanceState, SessionState } from '../core/state.ts';
import type { Asking } from '../core/vital-signs.ts';
import type { LiveCheck } from './model.ts';
import type { StyleName } from './theme.ts';

export type Look = { readonly sign: string; readonly word: string; readonly style: StyleName };

const look = (sign: string, word: string, style: StyleName): Look => ({ sign, word, style });

const PHASES: Readonly<Record<Phase, Look>> = {
  STANDBY: look('○', 'waiting', 'dim'),
  ACTIVE: look('●', 'working', 'info'),
  HANDOFF_READY: look('◆', 'ready', 'info'),
  VERIFICATION: look('⟳', 'verifying', 'info'),
  APPROVED: look('✓', 'approved', 'good'),
  FAILED: look('✗', 'denied', 'bad'),
  REMEDIATION: look('↻', 'fixing', 'warn'),
  HANDOFF_COMPLETE: look('✓', 'handed over', 'good'),
};

const SESSIONS: Readonly<Record<SessionState, Look>> = {
  none: look('○', 'not started', 'dim'),
  unknown: look('?', 'not seen yet', 'dim'),
  starting: look('◌', 'starting', 'info'),
  running: look('●', 'running', 'good'),
  exited: look('□', 'ended', 'warn'),
  failed: look('✗', 'failed', 'bad'),
  stopped: look('■', 'stopped', 'dim'),
};

const OUTCOMES: Readonly<Record<Outcome, Look>> = {
  passed: look('✓', 'passed', 'good'),
  failed: look('✗', 'failed', 'bad'),
  'failed-on-base': look('≈', 'failed before too', 'warn'),
  'did-not-run': look('!', 'did not run', 'warn'),
  skipped: look('–', 'skipped', 'dim'),
};

const DIALS: Readonly<Record<Dial, Look>> = {
  watch: look('◌', 'only watches', 'dim'),
  suggest: look('?', 'suggests', 'info'),
  countdown: look('◔', 'counts down', 'info'),
  act: look('▶', 'acts', 'good'),
};

export const NEEDS_YOU = look('⚑', 'needs you', 'attention');

/** Where a handoff is, whatever else is the matter with it. */
export function phaseLook({ phase, closedAt }: Handoff): Look {
  return closedAt === null ? PHASES[phase] : look('✓', 'done', 'dim');
}

export function handoffLook(handoff: Handoff): Look {
  if (handoff.closedAt !== null)
    return handoff.history.at(-1)?.move === 'withdraw' ? look('–', 'withdrawn', 'dim') : look('✓', 'done', 'dim');
  if (handoff.question !== null) return handoff.held ? { ...NEEDS_YOU, word: `${NEEDS_YOU.word} ‖` } : NEEDS_YOU;
  if (handoff.held) return look('‖', 'on hold', 'warn');
  if (handoff.pending !== null) return look('◔', handoff.pending.decision === 'approve' ? 'approving' : 'denying', 'attention');
  if (handoff.phase === 'APPROVED' && isUnmerged(handoff)) return look('⟳', 'merging', 'info');
  return PHASES[handoff.phase];
}

/** What an instance is doing: its session when that is not running, else the handoff that it works on. */
export function instanceLook(instance: InstanceState, owned: Handoff | null): Look {
  if (instance.session === 'exited') return { ...SESSIONS.exited, word: `ended ${exitWords(instance)}` };
  if (instance.session !== 'running') return SESSIONS[instance.session];
  const asking = instance.vitals?.asking;
  if (asking) return look('◐', ASKING[asking.what], 'attention');
  if (owned?.recovery) return look('◌', owned.recovery.exhausted ? 'lost' : 'silent', 'warn');
  return owned === null ? look('○', 'free', 'dim') : handoffLook(owned);
}

function exitWords({ exit }: InstanceState): string {
  if (exit === null) return '';
  return exit.signal === null ? `(${exit.code ?? '?'})` : `(${plain(exit.signal, 12)})`;
}

export function healthLook({ health, warned }: Pick<HealthCheck, 'health' | 'warned'>): Look {
  if (health === 'healthy') return warned ? look('◌', 'silent', 'warn') : look('●', 'healthy', 'good');
  return look(health === 'stale' ? '◌' : '✗', health, health === 'stale' ? 'warn' : 'bad');
}

const ASKING: Readonly<Record<Asking, string>> = { permission: 'needs permission', question: 'asks you', auth: 'needs a login' };

export function checkLook(check: LiveCheck): Look {
  if (check.state === 'running') return look('⟳', 'running', 'info');
  if (check.state === 'waiting' || check.outcome === null) return look('·', 'waiting', 'dim');
  return OUTCOMES[check.outcome];
}

export function autopilotLook(dial: Dial, paused: boolean): Look {
  return paused ? look('‖', 'paused', 'warn') : DIALS[dial];
}

/** `instance-2-frontend` is known as `frontend` on the screen; the whole id stands where a command needs it. */
export function shortName(id: string): string {
  return plain(id.replace(/^instance-\d+-(?=.)/u, ''), 40);
}

/** In lists the role says enough, as long as only one instance has it. */
export function nameIn(instances: Readonly<Record<string, InstanceState>>, id: string): string {
  const role = instances[id]?.role ?? '';
  const same = Object.values(instances).filter((one) => one.role === role).length;
  return role === '' || same !== 1 ? shortName(id) : plain(role, 20);
}

const VERDICTS: Readonly<Record<string, string>> = {
  APPROVE: 'the checks would approve',
  DENY: 'the checks would deny',
  ESCALATE: 'the checks cannot tell',
};

/** The core speaks of epochs and of rows of its table; the operator sees rounds, and reads what was found. */
export function inPlainWords(text: string): string {
  return text
    .replace('a new round, a new epoch', 'a new round')
    .replaceAll(/\b(APPROVE|DENY|ESCALATE) by row \d+ of the verdict table: /gu, (_, kind: string) => `${VERDICTS[kind] ?? kind}: `)
    .replaceAll(/\bepoch\b/gu, 'round');
}
