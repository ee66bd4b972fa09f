/** The screen as Ink draws it: blocks of rows, each at the place that the layout gave it. */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { masked } from './mask.ts';
import type { Colours } from './model.ts';
import type { Block } from './scene.ts';
import { painted } from './theme.ts';
import type { Size } from './ui-state.ts';

type AppProps = { readonly size: Size; readonly blocks: readonly Block[]; readonly colours: Colours };

export function App({ size, blocks, colours }: AppProps): ReactElement {
  return (
    <Box width={size.cols} height={size.rows}>
      {blocks.map((block) => (
        <BlockBox key={`${block.rect.x},${block.rect.y}`} block={block} colours={colours} />
      ))}
    </Box>
  );
}

function BlockBox({ block, colours }: { block: Block; colours: Colours }): ReactElement {
  const { x, y, width, height } = block.rect;
  // One text for the whole block: Ink's time goes by the number of its nodes.
  const lines = block.rows.map((row) => row.map(({ text, style }) => painted(masked(text), style ?? 'plain', colours)).join(''));
  return (
    <Box position="absolute" marginLeft={x} marginTop={y} width={width} height={height}>
      <Text wrap="truncate">{lines.join('\n')}</Text>
    </Box>
  );
}
