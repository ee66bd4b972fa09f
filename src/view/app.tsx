/** The screen as Ink draws it: blocks of rows, each at the place that the layout gave it. */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { Colours } from './model.ts';
import type { Block, Scene } from './scene.ts';
import type { StandIns } from './stand-in.ts';
import { painted } from './theme.ts';
import type { Size } from './ui-state.ts';

export type AppProps = { readonly size: Size; readonly scene: Scene; readonly colours: Colours; readonly standIns: StandIns };

export function App({ size, scene, colours, standIns }: AppProps): ReactElement {
  return (
    <Box width={size.cols} height={size.rows}>
      {scene.blocks.map((block) => (
        <BlockBox key={`${block.rect.x},${block.rect.y}`} block={block} colours={colours} standIns={standIns} />
      ))}
    </Box>
  );
}

function BlockBox({ block, colours, standIns }: { block: Block; colours: Colours; standIns: StandIns }): ReactElement {
  const { x, y, width, height } = block.rect;
  // One text for the whole block: Ink's time goes by the number of its nodes.
  const lines = block.rows.map((row) => row.map(({ text, style }) => painted(standIns.hide(text), style ?? 'plain', colours)).join(''));
  return (
    <Box position="absolute" marginLeft={x} marginTop={y} width={width} height={height}>
      <Text wrap="truncate">{lines.join('\n')}</Text>
    </Box>
  );
}
