import { it } from 'vitest';
import { openScreen, openScreenPlace, lineMode } from './screen.ts';
it('try', async () => {
  const place = openScreenPlace('try');
  const s = openScreen(place.root);
  try {
    await s.sees(/CONTROL/);
    await new Promise((r) => setTimeout(r, 1500));
    console.log(s.text(), s.modesLeft(), s.tty, lineMode(s.tty));
    s.press('\r');
    await s.sees(/TYPING/);
    s.press('echo hello\r');
    await new Promise((r) => setTimeout(r, 500));
    console.log(s.text(), s.modesLeft());
    s.press('\x1d');
    await s.sees(/CONTROL/);
    s.press('q');
    console.log(await s.ended, s.modesLeft(), s.text());
  } finally { s.close(); await place.remove(); }
});
