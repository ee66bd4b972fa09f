/** Where a cursor may be sent that walks over text: the motions of vi. Keys ask for them, panes carry them out. */
export type Motion =
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'word'
  | 'word-back'
  | 'word-end'
  | 'line-start'
  | 'line-text'
  | 'line-end'
  | 'first'
  | 'last'
  | 'view-top'
  | 'view-middle'
  | 'view-bottom';
