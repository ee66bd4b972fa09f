/** The four words of an acknowledgment (PROTOCOL section 8), and the other words for them that are understood. */
import type { Acknowledgment } from './state.ts';

const WORDS: Readonly<Record<string, Acknowledgment>> = {
  RECEIVED: 'RECEIVED',
  ACCEPTED: 'RECEIVED',
  CONFIRMED: 'RECEIVED',
  CLARIFICATION_NEEDED: 'CLARIFICATION_NEEDED',
  NEEDS_CLARIFICATION: 'CLARIFICATION_NEEDED',
  REJECTED: 'REJECTED',
  QUEUED: 'QUEUED',
};

export function parseAckStatus(word: string): Acknowledgment | null {
  return WORDS[word.trim().toUpperCase().replaceAll('-', '_')] ?? null;
}
