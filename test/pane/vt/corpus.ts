/**
 * Bytes in the manner of vttest and esctest, each for a screen of 20 columns and 8 rows that was just reset. What other
 * terminals make of them is in `screens.txt`.
 */
export const SIZE = { cols: 20, rows: 8 };

const E = '\x1b';
const C = '\x1b[';
/** Eight rows of letters, the row's number in front: `1abc…`. The cursor stays at the last cell. */
const FULL = Array.from({ length: 8 }, (_, row) => `${C}${row + 1};1H${row + 1}${'abcdefghijklmnopqrs'}`).join('');
/** Five short rows. */
const FIVE = 'one\r\ntwo\r\nthree\r\nfour\r\nfive';
const at = (row: number, column: number): string => `${C}${row};${column}H`;

export const CORPUS: Readonly<Record<string, string>> = {
  // Cursor movement
  'cup, hvp, defaults and beyond the edges': `${at(3, 5)}a${C}5;6fb${C}Hc${C}99;99Hd${C}4Ge${C}3;Hf${C};4Hg${C}0;0Hh`,
  'cuu cud cuf cub stop at the edges': `${at(4, 4)}x${C}99Aa${C}99Bb${C}99Cc${C}99Dd${at(4, 10)}${C}2A1${C}B2${C}0C3${C}2D4`,
  'cnl cpl cha vpa hpa hpr vpr': `${at(4, 4)}x${C}2Ea${C}Fb${C}7Gc${C}2dd${C}9\`e${C}3af${C}2eg`,
  'cuu and cud stop at margins from within': `${C}3;6r${at(4, 2)}${C}99Aa${at(4, 4)}${C}99Bb${at(1, 6)}${C}99Bc${at(8, 8)}${C}99Ad`,
  'bs stops at the left edge': `ab\b\b\b\bX${at(2, 1)}\bY`,
  'bs after a full row': `${'x'.repeat(20)}\by\r\n${'x'.repeat(21)}\b\by`,
  'cr lf vt ff nel ind ri': `a\nb\x0bc\x0cd\re${E}Ef${E}Dg${E}Mh${at(1, 10)}${E}Mi`,
  'ri at the top scrolls down': `${FIVE}${at(1, 2)}${E}M${E}Mx`,
  'lf at the bottom scrolls up': `${FIVE}${at(8, 1)}last\n\nx`,
  // Wrapping
  'wrap pending: the next character wraps, not the last': `${'0123456789'.repeat(2)}${C}6n`,
  'wrap pending: a printed one wraps': `${'0123456789'.repeat(2)}x`,
  'wrap pending is ended by a movement': `${'0123456789'.repeat(2)}${C}Cx${at(2, 1)}${'0123456789'.repeat(2)}\rY`,
  'wrap pending and el': `${'0123456789'.repeat(2)}${C}Kx`,
  'wrap pending and a tab': `${'0123456789'.repeat(2)}\tx`,
  'wrap pending and save and restore': `${'0123456789'.repeat(2)}${E}7${at(5, 5)}${E}8x`,
  'wrap pending and sgr': `${'0123456789'.repeat(2)}${C}1mx`,
  'wrap pending and ich': `${'0123456789'.repeat(2)}${C}@x`,
  'wrap pending and dch': `${'0123456789'.repeat(2)}${C}Px`,
  'no autowrap': `${C}?7l${'0123456789'.repeat(3)}${C}?7hx`,
  'wrap at the bottom scrolls': `${FULL}xy`,
  'wrap within margins scrolls only them': `${FULL}${C}3;5r${at(5, 20)}XY`,
  'wrap below the margins does not scroll': `${FULL}${C}3;5r${at(8, 20)}XY`,
  'reverse wrap is off at first': `${at(2, 1)}\b\bx`,
  // Erasing
  'ed 0': `${FULL}${at(4, 6)}${C}J`,
  'ed 1': `${FULL}${at(4, 6)}${C}1J`,
  'ed 2 keeps the cursor': `${FULL}${at(4, 6)}${C}2Jx`,
  'el 0 1 2': `${FULL}${at(2, 6)}${C}K${at(4, 6)}${C}1K${at(6, 6)}${C}2K`,
  'ech within, beyond and in a full row': `${FULL}${at(2, 6)}${C}3X${at(4, 18)}${C}99X${at(6, 1)}${C}X`,
  'erasing takes the background': `${FULL}${C}44m${at(2, 6)}${C}K${at(4, 3)}${C}5X${at(7, 1)}${C}J${C}m${at(7, 20)}z${at(8, 20)}z`,
  'erasing takes no other attribute': `${FULL}${C}1;4;7;31m${at(2, 6)}${C}K${at(4, 3)}${C}5X`,
  'inserted and scrolled lines take the background': `${FIVE}${C}42m${at(2, 1)}${C}L${C}2S${C}T${C}m${[1, 2, 3, 4, 5, 6, 7, 8].map((row) => `${at(row, 20)}z`).join('')}`,
  'selective erase spares what is protected': `${C}1"qkeep${C}0"q gone${at(2, 1)}a${C}1"qb${C}2"qc${at(1, 1)}${C}?2J`,
  'selective erase of a line': `${C}1"qkeep${C}0"q gone${C}?1K${C}?2K`,
  'ed spares nothing': `${C}1"qkeep${C}0"q${C}2J`,
  decaln: `${C}31m${E}#8${at(3, 3)}x`,
  'decaln resets margins and goes home': `${C}3;5r${at(4, 4)}${E}#8x`,
  // Insert and delete
  ich: `${FULL}${at(2, 6)}${C}3@${at(4, 19)}${C}9@${at(6, 1)}${C}@`,
  dch: `${FULL}${at(2, 6)}${C}3P${at(4, 19)}${C}9P${at(6, 1)}${C}P`,
  'ich and dch take the background': `${FULL}${C}41m${at(2, 6)}${C}3@${at(4, 6)}${C}3P`,
  il: `${FULL}${at(3, 6)}${C}2Lx`,
  dl: `${FULL}${at(3, 6)}${C}2Mx`,
  'il and dl within margins': `${FULL}${C}2;6r${at(4, 3)}${C}L${at(3, 3)}${C}99M`,
  'il and dl outside of margins do nothing': `${FULL}${C}3;5r${at(1, 3)}${C}L${at(8, 3)}${C}M`,
  'insert mode': `${FULL}${at(3, 6)}${C}4hXYZ${C}4lW`,
  'insert mode at the last column': `${FULL}${at(3, 20)}${C}4hXY`,
  'insert mode and a wide character': `${FULL}${at(3, 18)}${C}4h漢x`,
  // Margins and scrolling
  'decstbm goes home and scrolls inside only': `${FULL}${C}3;5rx${at(5, 1)}\n\ny`,
  'decstbm with bad numbers is ignored': `${FULL}${at(4, 4)}${C}5;3rx${C}6;6ry${C}0;0rz`,
  'decstbm with one number': `${FULL}${C}4r${at(8, 1)}\nx`,
  'su and sd': `${FULL}${C}2S${at(4, 1)}x${C}3T`,
  'su and sd within margins, cursor outside': `${FULL}${C}3;6r${at(1, 1)}${C}S${C}2T`,
  'su by more than there is': `${FULL}${C}99Sx`,
  'ri within margins': `${FULL}${C}3;6r${at(3, 4)}${E}Mx`,
  'ind at the last margin': `${FULL}${C}3;6r${at(6, 4)}${E}Dx${at(8, 4)}${E}Dy`,
  'origin mode': `${C}3;6r${C}?6h${at(1, 1)}a${at(2, 2)}b${at(99, 99)}c${C}2dd${C}?6le`,
  'origin mode is kept by save and restore': `${C}3;6r${C}?6h${at(2, 2)}${E}7${C}?6l${at(1, 1)}a${E}8b${at(1, 1)}c`,
  'ed in origin mode is of the whole screen': `${FULL}${C}3;6r${C}?6h${at(2, 3)}${C}J`,
  // Tabs
  'tabs at every eighth': `\ta\tb\tc\td`,
  'tabs set and cleared': `${at(1, 4)}${E}H${at(1, 13)}${E}H\r\ta\tb\tc\r\n${at(1, 4)}${C}g\r\n\td${C}3g\r\n\te`,
  'cht and cbt': `${C}2Ia${C}Zb${C}9Zc${at(2, 1)}${C}Id${C}9Ie`,
  'a tab does not wrap': `${at(1, 18)}\t\tx\ty`,
  // Repeating
  rep: `ab${C}4bc${at(2, 1)}${C}3b`,
  'rep wraps': `${at(1, 18)}x${C}5b`,
  'rep of a wide character': `漢${C}2b`,
  'rep after a movement': `a${C}C${C}3b`,
  // Attributes
  'sgr on and off': `${C}1ma${C}2mb${C}22mc${C}3md${C}23me${C}4mf${C}24mg${C}5mh${C}25mi${C}7mj${C}27mk${C}8ml${C}28mm${C}9mn${C}29mo`,
  'sgr colours': `${C}31;42ma${C}39mb${C}49mc${C}91;102md${C}38;5;200me${C}48;5;17mf${C}38;2;1;2;3mg${C}48;2;4;5;6mh${C}0mi`,
  'sgr colours with colons': `${C}38:5:200ma${C}48:5:17mb${C}38:2::1:2:3mc${C}48:2:4:5:6md${C}me`,
  'sgr underlines': `${C}4:1ma${C}4:2mb${C}4:3mc${C}4:4md${C}4:5me${C}4:0mf${C}4;58;5;9mg${C}58:2::1:2:3mh${C}59mi`,
  'sgr unknown and empty parameters': `${C}31ma${C}mb${C}32;99;1mc${C};33md${C}34;me`,
  'sgr overline': `${C}53ma${C}55mb`,
  'save and restore keep attributes': `${C}1;31ma${E}7${C}0;4mb${at(3, 3)}c${E}8d`,
  'csi s and u': `${at(3, 3)}${C}s${at(1, 1)}a${C}ub`,
  'restore without save goes home': `${C}31m${at(3, 3)}${E}8x`,
  // Character sets
  'line drawing': `${E}(0lqqk${at(2, 1)}x  x${at(3, 1)}mqqj${E}(Bmqqj`,
  'line drawing by shifts': `${E})0a\x0eqx\x0fqx`,
  'charsets are saved and restored': `${E}(0${E}7${E}(Bq${E}8q`,
  'line drawing, all of it': `${E}(0\`abcdefghijklmno${at(2, 1)}pqrstuvwxyz{|}~`,
  'british pound': `${E}(A#${E}(B#`,
  // Alternate screens
  '1049 in and out': `main${at(3, 3)}x${C}?1049h${at(1, 1)}alternate${C}?1049ly`,
  '1049 in': `main${at(3, 3)}x${C}?1049halt`,
  '47 in and out': `main${at(3, 3)}x${C}?47h${at(1, 1)}alternate${C}?47ly`,
  '47 again has what it had': `main${C}?47h${at(2, 1)}alt${C}?47l${C}?47hx`,
  '1047 is cleared on the way out': `main${C}?1047h${at(2, 1)}alt${C}?1047l${C}?1047hx`,
  '1048 saves the cursor': `${at(3, 3)}${C}?1048h${at(1, 1)}a${C}?1048lb`,
  '1049 twice is once': `main${C}?1049h${C}?1049ha${C}?1049lb`,
  'attributes go over to the alternate screen': `${C}31mmain${C}?1049hred`,
  // Resets
  'soft reset': `${FULL}${C}3;5r${C}?6h${C}4h${C}1;31m${E}(0${C}!p${at(1, 1)}q${at(8, 20)}xy`,
  'full reset': `${FULL}${C}3;5r${C}?6h${C}31m${E}cx`,
  // Wide and combined
  'wide at the edge wraps whole': `${at(1, 20)}漢x`,
  'wide at the edge without autowrap': `${C}?7l${at(1, 20)}漢x`,
  'half of a wide one written over': `漢字漢字${at(1, 2)}x${at(1, 5)}y`,
  'wide ones over wide ones, shifted': `漢字漢字${at(1, 2)}字`,
  'half of a wide one erased': `漢字漢字${at(1, 2)}${C}X${at(1, 5)}${C}K`,
  'dch within wide ones': `漢字漢字x${at(1, 2)}${C}P`,
  'ich within wide ones': `漢字漢字x${at(1, 2)}${C}@`,
  'wide pushed over the edge': `${at(1, 17)}漢字${at(1, 1)}${C}@`,
  'combining marks': `e\u0301a\u0308\u0323x${at(2, 20)}e\u0301y`,
  'a combining mark after a full row': `${'0123456789'.repeat(2)}\u0301x`,
  'a combining mark on a wide one': `漢\u0301x`,
  'a zero width space takes no cell': `a\u200bb`,
  // What is swallowed
  'strings of all kinds': `a${E}]0;t\x07b${E}P1;2|data${E}\\c${E}_apc${E}\\d${E}^pm${E}\\e${E}Xsos${E}\\f`,
  'unknown sequences': `a${C}99zb${C}?99999hc${C}>1;2md${E}%Ge${C}1;2;3'zf${E}(Kg`,
  'controls within a sequence': `a${C}3\r${C}2\b;2Hb${C}1\n;4Hc`,
  'cancelled sequences': `a${C}31\x18b${C}3\x1ac${E}]0;x\x18d`,
  'an escape begins anew': `a${C}3${C}3Gb${E}${E}[5Gc`,
  'parameters that are far too large': `a${C}99999999999;4Hb${C}1;${'9'.repeat(40)}Hc`,
  'too many parameters': `${C}${'1;'.repeat(40)}31ma`,
  'delete is nothing': `a\x7fb${C}\x7f3Gc`,
  'c1 controls as UTF-8': `a\u0085b\u009b5Gc`,
};
