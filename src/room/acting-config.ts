/**
 * The config that acts, always as it is now. It changes while the room runs, so whoever works by it keeps this and reads
 * from it at the moment of use; what is copied out of it stays as it was.
 */
import type { Config } from '../core/config.ts';

export function actingConfig(now: () => Config): Config {
  return {
    get instances() {
      return now().instances;
    },
    get autopilot() {
      return now().autopilot;
    },
    get policy() {
      return now().policy;
    },
    get integration() {
      return now().integration;
    },
    get triggers() {
      return now().triggers;
    },
    get verification() {
      return now().verification;
    },
    get recording() {
      return now().recording ?? null;
    },
    get ui() {
      return now().ui;
    },
  };
}
