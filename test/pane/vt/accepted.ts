/** Where we are knowingly like tmux and not like xterm, or like neither, and why. */
export type Accepted = { readonly why: string } & (
  | { readonly like: 'tmux' }
  /** The cursor, then the rows that are not empty. */
  | { readonly like: 'neither'; readonly screen: readonly string[] }
);

const red = (text: string): string => text.replace(/./g, '$&<16777217/0/0/0>');
const pattern = (third: string): string => red(`EE${third}${'E'.repeat(17)}`);
const GREEN = ' <16777218>';

export const ACCEPTED: Readonly<Record<string, Accepted>> = {
  'wrap pending and el': {
    like: 'tmux',
    why: 'xterm erases the last character of a full row and stays there; the text of a program that erases after it writes is worth more',
  },
  'wrap pending and save and restore': { like: 'tmux', why: 'xterm alone keeps that a wrap is pending' },
  '47 again has what it had': {
    like: 'tmux',
    why: 'the alternate screen is emptied when it is entered, also by mode 47, which no program of today uses',
  },
  'unknown sequences': { like: 'tmux', why: 'xterm takes DECELR for a question about a locator and eats a character more' },
  'sgr on and off': { like: 'tmux', why: 'xterm prints hidden text as a space; the cell holds the letter in all three' },
  'ed in origin mode is of the whole screen': { like: 'tmux', why: 'the screens are alike; xterm tells the cursor from the margin' },
  'origin mode is kept by save and restore': { like: 'tmux', why: 'the screens are alike; xterm tells the cursor from the margin' },
  'too many parameters': {
    like: 'neither',
    screen: ['1,0', 'a<0/0/1/0>'],
    why: 'tmux drops a sequence of more than 24 parameters whole, here the first 32 of them count, as they do in xterm',
  },
  decaln: {
    like: 'neither',
    screen: ['3,2', ...[1, 2, 3, 4, 5, 6, 7, 8].map((row) => pattern(row === 3 ? 'x' : 'E'))],
    why: 'the emulator fills with the colours that are set, not with none; a test pattern only',
  },
  'inserted and scrolled lines take the background': {
    like: 'neither',
    screen: ['19,7', ...['', 'two', 'three', 'four', 'five', '', ''].map((text) => `${text.padEnd(19)}z`), `${GREEN.repeat(19)}z`],
    why: 'the emulator scrolls down (SD) lines without the background; IL and SU take it',
  },
};
