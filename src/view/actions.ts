/** What each command of the keymap does. The compiler sees to it that every one of them does something. */
import { DECISIONS } from './actions-decide.ts';
import { ENTRIES } from './actions-entries.ts';
import { LAYOUTS } from './actions-layout.ts';
import { LISTS } from './actions-list.ts';
import { NAVIGATION } from './actions-navigate.ts';
import { TEXTS } from './actions-read.ts';
import { SESSIONS } from './actions-session.ts';
import { TYPING } from './actions-type.ts';
import type { Context, Outcome } from './intent.ts';
import type { CommandId } from './keymap.ts';

type Action = (context: Context) => Outcome;

export const ACTIONS: Readonly<Record<CommandId, Action>> = {
  ...DECISIONS,
  ...LISTS,
  ...LAYOUTS,
  ...NAVIGATION,
  ...TEXTS,
  ...ENTRIES,
  ...SESSIONS,
  ...TYPING,
};
