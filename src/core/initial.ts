/** The state of a workspace that has never been coordinated. */
import type { Config } from './config.ts';
import type { Ms } from './ids.ts';
import type { State } from './state.ts';
import { freshDocument } from './status-document.ts';
import { isoTime } from './time.ts';

export function initialState(config: Config, sessionId: string, at: Ms): State {
  return {
    document: freshDocument(config, { sessionId, at: isoTime(at) }),
    coordinator: {
      sessionId,
      startedAt: at,
      config,
      autopilot: { dial: config.autopilot, paused: false, lastActionAt: null },
      instances: {},
      handoffs: {},
      baseline: null,
      candidates: {},
      alerts: [],
    },
  };
}
