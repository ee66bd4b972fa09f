/**
 * The one table of keys. The footer, the help, the palette and the README's table are made from it, and nothing
 * else knows which keys there are (INTERFACE, Keys). Keys are the canonical names of the input router.
 */
import { type Model, needsOf, panesOf } from './model.ts';
import { readingOf } from './reading.ts';
import { canRun, cardOf, focusedInstance, isTextOpen, subjectOf } from './subject.ts';
import type { Ui } from './ui-state.ts';

export const SCOPES = [
  'control',
  'card',
  'list',
  'verification',
  'entries',
  'select',
  'scroll',
  'palette',
  'help',
  'prompt',
  'confirm',
] as const;
export type Scope = (typeof SCOPES)[number];

export type CommandId =
  | 'approve'
  | 'deny'
  | 'deny-reason'
  | 'answer'
  | 'stop-countdown'
  | 'tick'
  | 'undo'
  | 'option-next'
  | 'option-previous'
  | 'choose'
  | 'select-next'
  | 'select-previous'
  | 'select-first'
  | 'select-last'
  | 'open'
  | 'filter'
  | 'hold'
  | 'raise'
  | 'lower'
  | 'withdraw'
  | 'give-work'
  | 'give-to'
  | 'check-next'
  | 'check-previous'
  | 'run-check'
  | 'cancel-run'
  | 'type'
  | 'next-need'
  | 'previous-need'
  | 'peek'
  | 'why'
  | 'evidence'
  | 'health'
  | 'timeline'
  | 'brief'
  | 'kpi'
  | 'debugging'
  | 'emergency-stop'
  | 'diff'
  | 'run-checks'
  | 'zoom'
  | 'scroll'
  | 'palette'
  | 'help'
  | 'detach'
  | 'focus-number'
  | 'focus-next'
  | 'focus-previous'
  | 'focus-left'
  | 'focus-right'
  | 'focus-up'
  | 'focus-down'
  | 'pause'
  | 'dial'
  | 'interrupt'
  | 'new-session'
  | 'close-session'
  | 'restart-session'
  | 'look'
  | 'copy'
  | 'take-over'
  | 'back'
  | 'leave-hint'
  | 'stop-room'
  | 'next-layout'
  | 'narrower'
  | 'wider'
  | 'less-below'
  | 'more-below'
  | 'even-layout'
  | 'hide'
  | 'entry-next'
  | 'entry-previous'
  | 'entry-open'
  | 'entry-filter'
  | 'config-accept'
  | 'config-refuse'
  | 'scroll-up'
  | 'scroll-down'
  | 'scroll-half-up'
  | 'scroll-half-down'
  | 'scroll-page-up'
  | 'scroll-page-down'
  | 'scroll-top'
  | 'scroll-end'
  | 'scroll-leave'
  | 'search'
  | 'find'
  | 'find-down'
  | 'find-next'
  | 'find-previous'
  | 'prompt-previous'
  | 'prompt-next'
  | 'edit'
  | 'select'
  | 'select-whole-lines'
  | 'select-characters'
  | 'select-lines'
  | 'select-words'
  | 'select-swap'
  | 'select-copy'
  | 'select-leave'
  | 'cursor-to-left'
  | 'cursor-to-right'
  | 'cursor-to-above'
  | 'cursor-to-below'
  | 'cursor-word'
  | 'cursor-word-back'
  | 'cursor-word-end'
  | 'cursor-line-start'
  | 'cursor-line-text'
  | 'cursor-line-end'
  | 'cursor-first'
  | 'cursor-last'
  | 'cursor-view-top'
  | 'cursor-view-middle'
  | 'cursor-view-bottom'
  | 'palette-next'
  | 'palette-previous'
  | 'palette-complete'
  | 'palette-run'
  | 'palette-close'
  | 'help-up'
  | 'help-down'
  | 'help-page-up'
  | 'help-page-down'
  | 'help-close'
  | 'submit'
  | 'cancel'
  | 'erase'
  | 'erase-forward'
  | 'erase-word'
  | 'erase-all'
  | 'cursor-left'
  | 'cursor-right'
  | 'cursor-start'
  | 'cursor-end'
  | 'yes'
  | 'no';

export type Binding = {
  readonly scope: Scope;
  readonly keys: readonly string[];
  readonly id: CommandId;
  /** Word in the footer; empty: not shown there. */
  readonly label: string;
  /** What it does, for help, palette and README: a clause without a full stop. */
  readonly help: string;
  /** Whether it does something now; absent: always. */
  readonly when?: (model: Model, ui: Ui) => boolean;
  /** What is said when it cannot act. */
  readonly otherwise?: string;
};

type When = NonNullable<Binding['when']>;

const bind =
  (scope: Scope) =>
  (id: CommandId, keys: readonly string[], label: string, help: string, when?: When, otherwise?: string): Binding => ({
    scope,
    keys,
    id,
    label,
    help,
    ...(when === undefined ? {} : { when }),
    ...(otherwise === undefined ? {} : { otherwise }),
  });
const control = bind('control');
const card = bind('card');
const list = bind('list');
const verification = bind('verification');
const scroll = bind('scroll');
const selecting = bind('select');
const entries = bind('entries');
const palette = bind('palette');
const help = bind('help');
const prompt = bind('prompt');
const confirm = bind('confirm');

const NO_CARD = 'no card is shown that waits for you; n goes to the next one';
const NO_HANDOFF = 'there is no handoff yet';
const NOTHING_SOUGHT = 'nothing is looked for; / looks for a text';
const NO_SESSION = 'no running session is in focus';

const anythingNeeded: When = (model) => needsOf(model).length > 0;
const onCard: When = (model, ui) => cardOf(model, ui) !== null;
/** What is approved is not approved again: its card asks something else. */
const decidable: When = (model, ui) => onCard(model, ui) && cardOf(model, ui)?.phase !== 'APPROVED';
const onOptions: When = (model, ui) => onCard(model, ui) && (ui.focus === 'dock' || ui.overlay?.kind === 'card');
const asked: When = (model, ui) => (cardOf(model, ui)?.question ?? null) !== null;
const counting: When = (model, ui) => (cardOf(model, ui)?.pending ?? null) !== null;
const boxed: When = (model, ui) => (cardOf(model, ui)?.question?.options ?? []).some(({ key }) => /^(un)?tick-/.test(key));
const undoable: When = (model) =>
  Object.values(model.state.coordinator.handoffs).some(({ pending, closedAt }) => pending !== null && closedAt === null);
const onHandoff: When = (model, ui) => subjectOf(model, ui) !== null;
const onOpenHandoff: When = (model, ui) => subjectOf(model, ui)?.closedAt === null;
/** Work that nobody has called ready cannot be judged. */
const onVerifiable: When = (model, ui) =>
  ['HANDOFF_READY', 'VERIFICATION'].includes(subjectOf(model, ui)?.phase ?? '') && onOpenHandoff(model, ui);
const onInstance: When = (model, ui) => focusedInstance(model, ui) !== null;
const runs: When = (model, ui) => isAlive(model, ui);
const runsNot: When = (model, ui) => onInstance(model, ui) && !isAlive(model, ui);
const onChecks: When = (model, ui) => ui.focus === 'dock' && canRun(model, ui).checks;

/** From the panels too: Enter goes back into the pane that was in focus last. */
function canType(model: Model, ui: Ui): boolean {
  return isAlive(model, { ...ui, focus: 'pane' });
}

function isAlive(model: Model, ui: Ui): boolean {
  const id = focusedInstance(model, ui);
  const session = id === null ? 'none' : model.state.coordinator.instances[id]?.session;
  return session === 'running' || session === 'starting';
}

export const KEYMAP: readonly Binding[] = [
  card('approve', ['a'], 'approve', 'approve the handoff whose card is shown', decidable, NO_CARD),
  card('deny', ['d'], 'deny', 'deny it, for the reasons that the checks gave', decidable, NO_CARD),
  card('deny-reason', ['D'], 'deny because', 'deny it with a reason of your own', decidable, NO_CARD),
  card('answer', ['e'], 'answer', 'answer its question in your own words', asked, NO_CARD),
  card('stop-countdown', ['esc'], 'stop the countdown', 'stop the countdown: nothing is decided until you say so', counting),
  card('tick', ['B'], 'tick', 'tick the marked box, or the first that is open', boxed, 'the card has no box'),
  card('option-next', ['j', 'down'], '', 'mark the next way out', onOptions),
  card('option-previous', ['k', 'up'], '', 'mark the way out above', onOptions),
  card('choose', ['enter'], 'choose', 'take the marked way out', onOptions),

  list('select-next', ['j', 'down'], '', 'select the next handoff'),
  list('select-previous', ['k', 'up'], '', 'select the handoff above; from the first one, back to the panes'),
  list('select-first', ['g', 'home'], '', 'select the first handoff'),
  list('select-last', ['G', 'end'], '', 'select the last handoff'),
  list('open', ['enter'], 'open', 'open the selected handoff', onHandoff),
  list('hold', ['o'], 'hold', 'put it on hold, or let it go on', onOpenHandoff),
  list('raise', ['+'], 'priority', 'raise its priority', onOpenHandoff),
  list('lower', ['-'], '', 'lower its priority', onOpenHandoff),
  list('withdraw', ['x'], 'withdraw', 'close it without a decision (asks for a reason)', onOpenHandoff),
  list('give-work', ['c'], 'new work', 'give work to an instance (types the command as far as it can)'),
  list('give-to', ['R'], 'give to', 'give the selected handoff to another instance', onOpenHandoff),
  list('filter', ['/'], 'filter', 'list only handoffs that hold a text'),

  verification('check-next', ['j', 'down'], '', 'select the next check'),
  verification('check-previous', ['k', 'up'], '', 'select the check above; from the first one, back to the panes'),
  verification('run-check', ['enter'], 'run this one', 'run the selected check alone: a trial that decides nothing', onChecks),
  verification('cancel-run', ['x'], 'cancel the run', 'cancel the run that is under way', (model, ui) => canRun(model, ui).running),

  control('next-need', ['n'], 'next', 'go to the next thing that needs you', anythingNeeded, 'nothing needs you'),
  control('previous-need', ['N'], '', 'go to the previous thing that needs you', anythingNeeded, 'nothing needs you'),
  control(
    'undo',
    ['u'],
    'undo',
    'take the last decision back while nothing of it has left the room',
    undoable,
    'no decision can be taken back any more',
  ),
  control('why', ['w'], 'why', 'explain why the handoff is where it is', onHandoff, NO_HANDOFF),
  control('evidence', ['v'], 'evidence', 'show what the checks found, and the evidence', onHandoff, NO_HANDOFF),
  control('diff', ['f'], 'diff', 'show what the handoff changes', onHandoff, NO_HANDOFF),
  control(
    'type',
    ['enter', 'i'],
    'type',
    'type into the pane in focus; into the log: a command',
    (model, ui) => ui.pane === 'log' || canType(model, ui),
    'no session runs in this pane; c starts it',
  ),
  control('run-checks', ['V'], 'run checks', 'run all checks for the handoff now: a new round', onVerifiable),
  control('peek', ['space'], 'peek', 'show all of the handoff, and hide it again', onHandoff, NO_HANDOFF),
  control('zoom', ['z'], 'zoom', 'give the focus the whole window, and back'),
  control('scroll', ['[', 'pgup'], 'scroll', 'scroll back in the pane in focus'),
  control('search', ['/'], 'find', 'find a text in what is in focus, as it is typed; / once more: in all panes', isScrollable),
  control('palette', [':', 'ctrl+p'], 'commands', 'type a command, or find one'),
  control('help', ['?'], 'help', 'show all keys; type to filter'),
  control('detach', ['q'], 'leave', 'leave the room; the agents go on working'),
  control(
    'take-over',
    ['T'],
    'take over',
    'take the input over from the other screen',
    (model) => model.role === 'watcher',
    'no other screen has the input',
  ),
  control(
    'new-session',
    ['c'],
    'start',
    'start the session of the instance in focus',
    runsNot,
    'it runs already, or none is in focus; R starts it anew',
  ),
  control('interrupt', ['!'], 'interrupt', 'interrupt the agent in focus', runs, NO_SESSION),
  control('restart-session', ['R'], '', 'end the session in focus and start it anew (asks first)', onInstance, NO_SESSION),
  control('close-session', ['x'], '', 'end the session in focus (asks first)', runs, NO_SESSION),
  control('health', ['s'], 'health', 'show how every instance is, by its five signals'),
  control('timeline', ['t'], '', 'show what happened, the newest first'),
  control('brief', ['b'], '', 'show what was decided since you last looked, and how to take it back'),
  control('kpi', ['K'], '', 'show the indicators, with the handoffs behind each number'),
  control('debugging', ['g'], '', 'show the debugging sessions across instances'),
  control('emergency-stop', ['f12'], '', 'emergency stop: freeze the autopilot and interrupt every session, at once'),
  control('pause', ['p'], '', 'pause the autopilot, or let it go on'),
  control('dial', ['P'], '', 'set how far the autopilot may act by itself'),
  control('look', ['r'], '', 'look again at everything now'),
  control('copy', ['y'], '', 'copy what is selected, else the name of the handoff with its evidence', copyable, NO_HANDOFF),
  control('focus-number', ['1', '2', '3', '4', '5', '6', '7', '8', '9'], '', 'focus the pane with this number'),
  control('focus-next', ['tab'], '', 'focus the next pane or panel'),
  control('focus-previous', ['shift+tab'], '', 'focus the previous pane or panel'),
  control('focus-left', ['h', 'left'], '', 'focus what is on the left'),
  control('focus-down', ['j', 'down'], '', 'focus what is below'),
  control('focus-up', ['k', 'up'], '', 'focus what is above'),
  control('focus-right', ['l', 'right'], '', 'focus what is on the right'),
  control('next-layout', ['L'], '', 'the next layout: columns, one large and the others beside it, grid, one at a time'),
  control('wider', ['>'], '', 'make what is in focus wider'),
  control('narrower', ['<'], '', 'make what is in focus narrower'),
  control('more-below', ['ctrl+up'], '', 'give what stands below the panes more rows'),
  control('less-below', ['ctrl+down'], '', 'give what stands below the panes fewer rows'),
  control('even-layout', ['='], '', 'give everything its own size again, and show what is hidden'),
  control('hide', ['H'], '', 'hide the pane in focus; its number shows it again', (_, ui) => ui.focus === 'pane'),
  control('back', ['esc'], '', 'close what is open; else leave the zoom'),
  control('leave-hint', ['ctrl+c'], '', 'say how to leave'),
  control('stop-room', ['Q'], '', 'end the room with all its sessions (asks for a word)'),

  entries('entry-open', ['enter'], 'open', 'in a list: open the marked entry, else the first in view', isList),
  entries('entry-next', ['tab'], 'next entry', 'in a list: mark the next entry that can be opened', isList),
  entries('entry-previous', ['shift+tab'], '', 'in a list: mark the entry above', isList),
  entries('entry-filter', ['F'], 'filter', 'in the timeline: only a kind, an instance, a handoff, or what holds a word', isTimeline),
  entries('config-accept', ['a'], 'accept', 'let the changed config act, once it is read to its end', isChange),
  entries('config-refuse', ['d'], 'refuse', 'keep the config that acts', isChange),

  selecting('cursor-to-left', ['h', 'left'], '', 'the selection: a character to the left'),
  selecting('cursor-to-below', ['j', 'down'], '', 'the selection: a line down'),
  selecting('cursor-to-above', ['k', 'up'], '', 'the selection: a line up'),
  selecting('cursor-to-right', ['l', 'right'], '', 'the selection: a character to the right'),
  selecting('cursor-word', ['w'], 'word', 'the selection: to the next word'),
  selecting('cursor-word-back', ['b'], '', 'the selection: to the beginning of the word, or of the one before'),
  selecting('cursor-word-end', ['e'], '', 'the selection: to the end of the word, or of the next one'),
  selecting('cursor-line-start', ['0', 'home'], '', 'the selection: to the beginning of the line'),
  selecting('cursor-line-text', ['^'], '', 'the selection: to the first letter of the line'),
  selecting('cursor-line-end', ['$', 'end'], '', 'the selection: to the end of the line'),
  selecting('cursor-first', ['g'], '', 'the selection: to the oldest line'),
  selecting('cursor-last', ['G'], '', 'the selection: to the newest line'),
  selecting('cursor-view-top', ['H'], '', 'the selection: to the top of the view'),
  selecting('cursor-view-middle', ['M'], '', 'the selection: to the middle of the view'),
  selecting('cursor-view-bottom', ['L'], '', 'the selection: to the bottom of the view'),
  selecting('select-characters', ['v'], 'from here', 'begin the selection here, by characters'),
  selecting('select-lines', ['V'], 'lines', 'begin the selection here, by lines'),
  selecting('select-words', ['W'], '', 'begin the selection here, by words'),
  selecting('select-swap', ['o'], 'other end', 'go on at the other end of the selection'),
  selecting('select-copy', ['y', 'enter'], 'copy', 'copy what is selected'),
  selecting('select-leave', ['esc', 'q', 'ctrl+c'], 'back', 'select nothing any more'),

  scroll('scroll-up', ['k', 'up'], 'up', 'a line up', isScrollable),
  scroll('scroll-down', ['j', 'down'], 'down', 'a line down', isScrollable),
  scroll('scroll-half-up', ['ctrl+u'], '', 'half a page up', isScrollable),
  scroll('scroll-half-down', ['ctrl+d'], '', 'half a page down', isScrollable),
  scroll('scroll-page-up', ['pgup', 'ctrl+b'], 'page', 'a page up', isScrollable),
  scroll('scroll-page-down', ['pgdn', 'ctrl+f', 'space'], '', 'a page down', isScrollable),
  scroll('scroll-top', ['g', 'home'], 'top', 'to the beginning', isScrollable),
  scroll('scroll-end', ['G', 'end'], 'end', 'to the end', isScrollable),
  scroll('find', ['/'], 'find', 'find a text, upwards; in a document: onwards', isScrollable),
  scroll('find-down', ['?'], '', 'find a text in the other direction', isScrollable),
  scroll('find-next', ['n'], 'next', 'the next place where it is', isFinding, NOTHING_SOUGHT),
  scroll('find-previous', ['N'], '', 'the place before, where it is', isFinding, NOTHING_SOUGHT),
  scroll('prompt-previous', ['{'], '', "to the shell's prompt above", isScrollable),
  scroll('prompt-next', ['}'], '', "to the shell's next prompt", isScrollable),
  scroll('select', ['v'], 'select', 'select with keys, by characters', isScrollable),
  scroll('select-whole-lines', ['V'], '', 'select with keys, by whole lines', isScrollable),
  scroll('edit', ['E'], 'editor', 'open all of it in your own editor ($VISUAL or $EDITOR)', isScrollable),
  scroll('scroll-leave', ['q', 'esc'], 'back', 'close the text, or stop scrolling'),

  palette('palette-run', ['enter'], 'run', 'run what is marked, or the command as it is typed'),
  palette('palette-complete', ['tab'], 'complete', 'take over the marked entry into the line'),
  palette('palette-next', ['down', 'ctrl+n'], 'down', 'mark the next entry'),
  palette('palette-previous', ['up', 'ctrl+p'], 'up', 'mark the entry above'),
  palette('palette-close', ['esc', 'ctrl+c'], 'close', 'close the commands'),

  help('help-up', ['up'], 'up', 'a line up'),
  help('help-down', ['down'], 'down', 'a line down'),
  help('help-page-up', ['pgup'], 'page', 'a page up'),
  help('help-page-down', ['pgdn', 'enter'], '', 'a page down'),
  help('help-close', ['esc', '?', 'ctrl+c'], 'close', 'close the help'),

  prompt('submit', ['enter'], 'send', 'send what is typed'),
  prompt('cancel', ['esc', 'ctrl+c'], 'cancel', 'send nothing'),
  prompt('erase', ['backspace', 'ctrl+h'], '', 'erase the character before the cursor'),
  prompt('erase-forward', ['delete'], '', 'erase the character under the cursor'),
  prompt('erase-word', ['ctrl+w'], '', 'erase the word before the cursor'),
  prompt('erase-all', ['ctrl+u'], '', 'erase the line'),
  prompt('cursor-left', ['left', 'ctrl+b'], '', 'one character to the left'),
  prompt('cursor-right', ['right', 'ctrl+f'], '', 'one character to the right'),
  prompt('cursor-start', ['home', 'ctrl+a'], '', 'to the start of the line'),
  prompt('cursor-end', ['end', 'ctrl+e'], '', 'to the end of the line'),

  confirm('yes', ['y'], 'yes', 'do it'),
  confirm('no', ['n', 'esc', 'q', 'ctrl+c'], 'no', 'leave it as it is'),
];

/** Documents whose lines name handoffs. */
function isList(_: Model, { overlay }: Ui): boolean {
  return overlay?.kind === 'text' && ['timeline', 'brief', 'kpi'].includes(overlay.what);
}

function isTimeline(_: Model, { overlay }: Ui): boolean {
  return overlay?.kind === 'text' && overlay.what === 'timeline';
}

function isChange(_: Model, { overlay }: Ui): boolean {
  return overlay?.kind === 'text' && overlay.change !== undefined;
}

function isFinding(model: Model, ui: Ui): boolean {
  return (readingOf(model, ui)?.finding ?? null) !== null;
}

function copyable(model: Model, ui: Ui): boolean {
  return onHandoff(model, ui) || (readingOf(model, ui)?.selecting ?? null) !== null;
}

function isScrollable(model: Model, ui: Ui): boolean {
  return isTextOpen(ui) || panesOf(model).some(({ id }) => id === ui.pane);
}
