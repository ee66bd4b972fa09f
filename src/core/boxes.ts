/** What only a person can see: free-text criteria and UI validations as boxes, ticked over the tree that was judged (PROTOCOL sections 5 and 6). */
import { plain } from './plain.ts';
import type { TreeRef } from './report.ts';
import type { Handoff, Option } from './state.ts';
import type { Work } from './work.ts';

/** Every box of this handoff, ticked or not, in a fixed order: they are ticked by their number. */
export function boxesOf(work: Work, handoff: Handoff): string[] {
  const { criteria } = work.coordinator.config.verification;
  return [...criteria.filter((box) => box.check === null && !box.informational).map((box) => box.text), ...(handoff.terms?.boxes ?? [])];
}

/** A tick is about what was seen: over another tree the box is open again. */
export function openBoxes(work: Work, handoff: Handoff, tree: TreeRef | null): string[] {
  return boxesOf(work, handoff).filter((text) => !ticksOf(handoff, tree).some((tick) => tick.box === text));
}

function ticksOf(handoff: Handoff, tree: TreeRef | null) {
  return (handoff.ticks ?? []).filter((tick) => tick.tree === tree?.tree);
}

/** A card shows this many of them; the others are ticked by the verb. */
const BOXES_SHOWN = 9;

/** Each box as a way out of the card that is none yet: choosing it ticks it. */
export function boxOptions(work: Work, handoff: Handoff, tree: TreeRef | null): Option[] {
  const open = new Set(openBoxes(work, handoff, tree));
  return boxesOf(work, handoff)
    .slice(0, BOXES_SHOWN)
    .map((text, index) => ({
      key: `${open.has(text) ? 'tick' : 'untick'}-${index + 1}`,
      label: `${open.has(text) ? '☐' : '☑'} ${plain(text, 60)}`,
      consequence: open.has(text) ? 'ticks it: you have seen it' : 'opens it again',
    }));
}
