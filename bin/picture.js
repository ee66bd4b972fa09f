// `npm run picture`: draws the picture in the README from the real screen of a rehearsal.
const { main } = await import(new URL('../dist/picture.js', import.meta.url).href);
process.exitCode = await main(process.argv.slice(2));
