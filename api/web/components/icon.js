// Icons as strokes on 24 × 24.

import { html } from '../vendor/preact.js';

const PATHS = {
  upload: 'M12 16V4m0 0L7 9m5-5 5 5M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4',
  download: 'M12 4v12m0 0 5-5m-5 5-5-5M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4',
  gallery: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7 8c.6-3.6 3.4-5 7-5s6.400 1.400 7 5',
  close: 'M6 6l12 12M18 6 6 18',
  check: 'M5 12.500 10 17 19 7',
  retry: 'M19 8a8 8 0 1 0 1 6M20 4v5h-5',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  copy: 'M9 9h10v11H9zM6 15H5V4h10v2',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zm5-2 4 4',
  plus: 'M12 5v14M5 12h14',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  warning: 'M12 4 2.500 20h19zM12 10v5M12 17.500h.01',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15 9h.01',
  folder: 'M3 6h6l2 2h10v11H3z',
  up: 'M12 19V5m0 0-6 6m6-6 6 6',
  down: 'M12 5v14m0 0-6-6m6 6 6-6',
  undo: 'M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3',
  redo: 'm15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3',
  compare: 'M12 3v18M4 6h5v12H4zM15 6h5v12h-5',
  zoom: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zm5-2 4 4M11 8v6M8 11h6',
  histogram: 'M4 20V10M8 20V5M12 20V12M16 20V8M20 20V15',
  code: 'm8 8-5 4 5 4M16 8l5 4-5 4M14 5l-4 14',
  crop: 'M7 3v14h14M3 7h14v14',
  point: 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v3M12 18v3M3 12h3M18 12h3',
  help: 'M9 9.500a3 3 0 1 1 4.500 2.600c-1 .600-1.500 1.200-1.500 2.400M12 18h.01',
  layers: 'M12 4 3 9l9 5 9-5zM3 14l9 5 9-5',
};

/** @typedef {keyof typeof PATHS} IconName */

/** Drawn beside a text or inside a button with a label, so screen readers skip it. @param {{name: IconName}} props */
export const Icon = ({ name }) => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>
`;
